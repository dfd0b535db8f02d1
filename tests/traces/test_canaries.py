"""One client goes the whole way, and nothing that they said is found outside the vault and its screens."""

import io
import logging
import re
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from kiosk import access, worker
from kiosk.actions import confirming
from kiosk.app import create_app
from kiosk.vault import tables
from kiosk.vault.backup import backup
from tests import pen
from tests.cli.test_commands import given as passphrase_given
from tests.cli.test_commands import run
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People, make_people
from tests.traces.canaries import (
    ANSWER,
    NAME,
    PHONE,
    RELATIVE,
    Browser,
    found_in,
    found_in_metadata,
    found_on_disk,
)

BORN = {"month": "2", "day": "17", "year": "1931"}
ANSWERS = {
    **ALLOWS_HER_DAUGHTER,
    "contact-name": RELATIVE,
    "contact-relation": ANSWER,
    "contact-phone": PHONE,
}
FORM = "/tablet/form/emergency_contact"
Leaks = list[tuple[str, str, list[str]]]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go meanwhile."""
    made = tmp_path / "scratch"
    made.mkdir()
    monkeypatch.setenv("TMPDIR", str(made))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return made


@pytest.fixture
def people(tmp_path: Path, scratch: Path) -> Iterator[People]:
    yield from make_people(tmp_path / "practice", cooling_days=0)


class Walk:
    """The people of one practice at their browsers, with one client whose words are canaries."""

    def __init__(self, people: People) -> None:
        self.people, self.leaks = people, list[tuple[str, str, list[str]]]()
        self.app: Flask = create_app(people.practice)
        self.desk, self.sophia, self.ruth = (self._signed_in(name) for name in ("dorothy", "sophia", "ruth"))
        code = access.make_pairing(people.desk, "Tablet")
        token = access.pair(people.practice, code, "127.0.0.1")
        self.tablet = Browser.of(self.app, self.leaks, tablet=token)
        self.visit = ""

    def _signed_in(self, name: str) -> Browser:
        token = access.sign_in(self.people.practice, name, PASSPHRASE, "127.0.0.1")
        return Browser.of(self.app, self.leaks, staff=token)

    def is_entered(self) -> None:
        self.desk.opens("/desk/visits/new")
        self.desk.presses("/desk/visits/find", 200, search=NAME)
        who = {"name": NAME, **BORN, "therapist": self.people.therapist.id}
        self.desk.presses("/desk/visits/new", 422, **who, date="2026-11-23", time="noon")
        self.desk.presses("/desk/visits/new", **who, date="2026-11-23", time="12:30")
        with access.transaction(self.people.system) as desk:
            self.visit = desk.session.scalars(select(tables.Visit.id)).one()
        self.desk.presses("/desk/names", 200)
        assert NAME in self.desk.html

    def checks_in(self) -> None:
        self.tablet.opens("/tablet/name")
        self.tablet.presses("/tablet/name", 422, name=NAME, month="13", day="17", year="1931")
        self.tablet.presses("/tablet/name", name=NAME, **BORN)
        self.desk.opens("/desk/")
        self.desk.presses(f"/desk/visits/{self.visit}/code", 200)
        code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{3}", self.desk.html)
        assert code
        self.tablet.opens("/tablet/code")
        self.tablet.presses("/tablet/code", 422, code=ANSWER)
        self.tablet.presses("/tablet/code", code=code[0])
        self.tablet.presses("/tablet/birth-date", 422, month="2", day="18", year="1931")
        self.tablet.presses("/tablet/birth-date", **BORN)
        assert NAME.split()[0] in self.tablet.html

    def signs(self) -> None:
        self.tablet.opens(f"{FORM}/page/who")
        self.tablet.presses(f"{FORM}/page/who", 422, **{**ANSWERS, "contact-phone": f"{PHONE} {ANSWER}"})
        step = f"{FORM}/page/who"
        while "/page/" in step:
            self.tablet.opens(step)
            token = re.search(r'name="csrf_token" value="([^"]+)"', self.tablet.html)
            assert token
            answer = self.tablet.http.post(step, data={"csrf_token": token[1], **ANSWERS})
            step = answer.headers["Location"]
        self.tablet.opens(f"{FORM}/check")
        assert ANSWER in self.tablet.html
        self.tablet.opens(f"{FORM}/read")
        self.tablet.opens(f"{FORM}/read/1.png")
        self.tablet.presses(f"{FORM}/read")
        submission = re.search(r'name="submission" value="([^"]+)"', self.tablet.html)
        assert submission
        self.tablet.presses(f"{FORM}/sign", 422, way="typed", typed_name="", submission=submission[1])
        self.tablet.presses(f"{FORM}/sign", way="typed", typed_name=NAME, submission=submission[1])
        self.tablet.opens("/tablet/allowed")
        self.tablet.presses("/tablet/stop")

    def gets_paper(self) -> str:
        """Printed, filled in, scanned under a name that says it all, confirmed, shredded."""
        self.desk.opens(f"/desk/visits/{self.visit}")
        self.desk.presses(f"/desk/visits/{self.visit}/print-records", 200)
        self.desk.opens(f"/desk/visits/{self.visit}")
        self.desk.presses(f"/desk/visits/{self.visit}/print-sheets", 200, forms="emergency_contact")
        with access.transaction(self.people.system) as desk:
            sheet = desk.session.scalars(select(tables.Sheet)).one()
        scan = pen.as_pdf(self.people.fills_in(self.desk.pdfs[-1], sheet))
        self.desk.opens("/desk/scans")
        self.desk.presses("/desk/scans", files=FileStorage(io.BytesIO(scan), f"{NAME}.pdf"))
        inbox = self.people.practice.settings.instance / "inbox"
        (inbox / "0001.pdf").write_bytes(b"%PDF-1.7 no more %%EOF")
        worker.work_once(self.people.system)
        while worker.work_once(self.people.system):
            pass
        self.desk.opens("/desk/confirm")
        self.desk.opens(f"/desk/confirm/{sheet.id}")
        typed = {"contact.name": RELATIVE, "contact.relation": ANSWER, "contact.phone": PHONE}
        self.people.confirms(sheet.id, typed)
        self.desk.opens(f"/desk/confirm/{sheet.id}")
        assert RELATIVE in self.desk.html
        confirming.finish(self.people.desk, sheet.id)
        return str(sheet.id)

    def is_shredded(self) -> None:
        while worker.work_once(self.people.system):
            pass
        self.desk.opens("/desk/shred")
        self.desk.presses("/desk/shred/batches")
        batch = re.search(r'action="(/desk/shred/batches/[^"]+)"', self.desk.html)
        assert batch
        counted = {"counted": "2", "method": "on_site", "level": "P-5", "machine": ANSWER, "witness": ""}
        self.desk.presses(batch[1], **counted)
        self.desk.opens(f"{batch[1]}/certificate.pdf")

    def is_looked_at(self) -> None:
        """By the therapist; and by everybody at every address there is, with every id there is."""
        card = f"/therapist/visits/{self.visit}"
        self.sophia.opens(card)
        assert RELATIVE in self.sophia.html
        self.sophia.opens(f"{card}/may-tell")
        self.sophia.presses(f"{card}/may-tell", 200, party=RELATIVE, topic="emergency_happened")
        self.sophia.presses(f"{card}/may-tell", 200, party=NAME, topic="emergency_happened")
        self.desk.opens(f"/desk/visits/{self.visit}/people")
        place = re.search(r'name="place" value="([^"]+)"', self.desk.html)
        assert place
        self.desk.presses(
            f"/desk/visits/{self.visit}/people", None, place=place[1], name=RELATIVE, phone=ANSWER
        )

    def opens_everything(self, ids: dict[str, list[str]]) -> int:
        """Each address for each of its ids, and for words that are none."""
        opened = 0
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", "door.pair_link"):
                continue  # the latter shows the code that it was given
            argument = next(iter(rule.arguments), "")
            for known in [*ids.get(argument, [""]), ANSWER] if argument else [""]:
                address = re.sub(r"<int:[^>]+>", "1", rule.rule)
                address = re.sub(r"<[^>]+>", known or "none", address)
                for browser in (self.desk, self.sophia, self.ruth, self.tablet):
                    if (
                        known == ANSWER
                    ):  # what somebody types as an address is in their own browser's bar only
                        answer = browser.http.get(address)
                        assert ANSWER not in answer.text + answer.headers.get("Location", ""), address
                    else:
                        browser.opens(address, None)
                    opened += 1
        return opened


def ids_of(people: People, most: int) -> dict[str, list[str]]:
    models = {"visit_id": tables.Visit, "sheet_id": tables.Sheet, "page_id": tables.ScanPage,
              "reading_id": tables.Reading, "record_id": tables.Record, "batch_id": tables.ShredBatch,
              "tablet_id": tables.Tablet}  # fmt: skip
    with access.transaction(people.system) as desk:
        return {name: list(desk.session.scalars(select(model.id)))[:most] for name, model in models.items()}


def test_nothing_of_what_somebody_said_gets_out(
    people: People, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At the desk, at the tablet, on the card and in a backup; paper is in the long test."""
    with caplog.at_level(logging.DEBUG):
        walk = Walk(people)
        walk.is_entered()
        walk.checks_in()
        walk.signs()
        walk.is_looked_at()
        walk.opens_everything(ids_of(people, 1))
        assert backup(people.practice.vault, tmp_path / "copy.kiosk-backup").verified
    assert walk.leaks == []
    assert found_in(caplog.text.encode()) == []
    assert found_in("".join(capfd.readouterr()).encode()) == []
    assert found_on_disk(tmp_path) == []


def test_what_is_looked_for_would_be_found(tmp_path: Path) -> None:
    for number, plain in enumerate(
        (NAME.encode(), PHONE.encode("utf-16-le"), b64encode(b"x" + NAME.encode()))
    ):
        (tmp_path / str(number)).write_bytes(b"before" + plain)
    (tmp_path / f"{ANSWER}.pdf").touch()
    assert len(found_on_disk(tmp_path)) == 4
    assert found_in_metadata(pen.as_pdf([pen.Image.new("L", (9, 9))])) == []


COMMANDS = ("audit verify", "backup {out}/b.kiosk-backup", "staff list", "scan {out}/scans", "forms list",
            "recovery --out {out}/sheet.pdf", "read {out}/scans/1.pdf --json",
            "verify {out}/scans/1.pdf", "audit verify --noted 0000000000000000")  # fmt: skip
NEED_NO_PASSPHRASE = ("forms", "read", "verify")


def fails_with_words(*_given: object) -> None:
    raise ValueError(f"{NAME} {ANSWER}")


@pytest.mark.long
def test_no_command_and_no_error_lets_anything_out(
    people: People, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command that touches a practice; what it prints, what it writes, and what a failure says."""
    walk = Walk(people)
    walk.is_entered()
    walk.checks_in()
    walk.signs()
    walk.gets_paper()
    walk.is_shredded()
    walk.is_looked_at()
    out, instance = tmp_path / "out", str(people.practice.settings.instance)
    (out / "scans").mkdir(parents=True)
    (out / "scans" / "1.pdf").write_bytes(b"%PDF-1.7 " + NAME.encode())
    said = ""
    with caplog.at_level(logging.DEBUG):
        for command in COMMANDS:
            words = command.format(out=out).split()
            done = run("--instance", instance, *words,
                       *([] if words[0] in NEED_NO_PASSPHRASE else passphrase_given()))  # fmt: skip
            said += done.output + done.stderr
        walk.opens_everything(ids_of(people, 100))
        walk.app.testing = False
        for broken, browser, address in (
            ("visits.counts", walk.desk, "/desk/"),
            ("card.card", walk.sophia, f"/therapist/visits/{walk.visit}"),
            ("visit_page.visit_view", walk.desk, f"/desk/visits/{walk.visit}"),
        ):
            with monkeypatch.context() as patched:
                patched.setattr(f"kiosk.actions.{broken}", fails_with_words)
                answer = browser.http.get(address)
                assert answer.status_code == 500
                said += answer.text
    restored = str(tmp_path / "restored")
    said += run("--instance", restored, "restore", str(out / "b.kiosk-backup"), *passphrase_given()).output
    (out / "scans" / "1.pdf").unlink()
    assert walk.leaks == []
    assert found_in(caplog.text.encode()) == []
    assert found_in(said.encode()) == []
    assert found_on_disk(tmp_path) == []
