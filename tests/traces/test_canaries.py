"""One client goes the whole way, and nothing that they said is found outside the vault and its screens.

What is meant to hold their words is not searched for them: the body of a page, of a PDF and of a trail that
the owner exports with names, and what `kiosk extract` writes in clear. Its address, its headers, its title,
its file's name and a PDF's metadata are, of each answer and each file. The pages of a first start are not
walked here: there is no client yet.
"""

import logging
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import pytest

from kiosk import worker
from kiosk.access import Actor
from kiosk.actions import certificates, clock_watch
from kiosk.actions.clock_watch import ClockWatch
from kiosk.cli import main
from kiosk.vault import erased
from kiosk.vault.backup import backup
from tests import pen
from tests.cli.test_archives import code_given
from tests.cli.test_commands import given as passphrase_given
from tests.cli.test_commands import run
from tests.cli.test_keys import code_on
from tests.faults.test_clock import Seconds
from tests.practices import People, make_people
from tests.traces.canaries import ANSWER, NAME, PHONE, found_in, found_in_metadata, found_on_disk
from tests.traces.walk import ANSWERS, CONTACT, Walk


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


@pytest.fixture
def walk(people: People, caplog: pytest.LogCaptureFixture) -> Walk:
    caplog.set_level(logging.DEBUG)
    return Walk(people)


def nothing_got_out(walk: Walk, folder: Path, logged: str, printed: str) -> None:
    """Neither in an answer, a log or an output, nor in a file or its name."""
    assert walk.leaks == []
    assert found_in(logged.encode()) == []
    assert found_in(printed.encode()) == []
    assert found_on_disk(folder) == []


def test_nothing_of_what_somebody_said_gets_out(
    walk: Walk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At the desk, at the tablet, on the card and in a backup; paper and all others are in the long tests."""
    walk.is_entered()
    walk.checks_in()
    walk.signs()
    walk.stops()
    walk.is_looked_at()
    walk.opens_everything(1)
    assert backup(walk.people.practice.vault, tmp_path / "copy.kiosk-backup").verified
    nothing_got_out(walk, tmp_path, caplog.text, "".join(capfd.readouterr()))


def test_what_is_looked_for_would_be_found(tmp_path: Path) -> None:
    for number, plain in enumerate(
        (NAME.encode(), PHONE.encode("utf-16-le"), b64encode(b"x" + NAME.encode()))
    ):
        (tmp_path / str(number)).write_bytes(b"before" + plain)
    (tmp_path / f"{ANSWER}.pdf").touch()
    assert len(found_on_disk(tmp_path)) == 4
    assert found_in_metadata(pen.as_pdf([pen.Image.new("L", (9, 9))])) == []


LEADS_ON = "leads on to another page, always"
OF_THE_PRODUCT = "a file of the product, the same in every practice"
WITH_TLS = "is there with TLS only, and names the practice alone: tests/web/test_headers.py"
PAGES_NOT_OPENED = {
    "door.start": LEADS_ON,
    "door.enter": LEADS_ON,
    "therapist.next_card": LEADS_ON,
    "client.again": LEADS_ON,
    "client.language": LEADS_ON,
    "client.holds": "says yes or no, and nothing else: tests/web/test_before_known.py",
    "static": OF_THE_PRODUCT,
    "fonts.font": OF_THE_PRODUCT,
    "door.authority": WITH_TLS,
    "desk.address_picture": WITH_TLS,
    "door.pair_link": "shows the code that it is given, and is there before there is a client",
    "door.logo": "is the practice's own file, made anew: tests/web/test_look.py",
    "door.colours": "is the practice's own colour: tests/web/test_look.py",
}


@pytest.mark.long
def test_no_page_and_no_error_lets_anything_out(
    walk: Walk,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every page that the URL map has was open before somebody, but for those above; every post was sent."""
    walk.is_entered()
    walk.checks_in()
    walk.asks_for_help()
    walk.signs_by_a_mark_and_by_a_guardian()
    walk.signs()
    walk.stops()
    sheet = walk.gets_paper()
    walk.has_a_page_of_nobody()
    walk.opens_everything(3)
    walk.is_confirmed(sheet)
    walk.is_shredded()
    walk.is_looked_at()
    walk.is_looked_up_by_others()
    walk.is_looked_for_by_the_owner()
    walk.is_taken_along()
    walk.comes_and_goes()
    walk.opens_everything(100)
    assert walk.pages() - walk.opened == set(PAGES_NOT_OPENED)
    said = what_failures_say(walk, monkeypatch)
    walk.app.testing = True
    walk.sends_everything(2)
    nothing_got_out(walk, tmp_path, caplog.text, said + "".join(capfd.readouterr()))


def fails_with_words(*_given: object) -> None:
    raise ValueError(f"{NAME} {ANSWER}")


def what_failures_say(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> str:
    walk.app.testing, said = False, ""
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
    return said


@pytest.mark.long
def test_no_job_lets_anything_out(
    walk: Walk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each job of the worker has something of this client's to do, and does it."""
    people, did = walk.people, set[str]()
    seconds = Seconds(people)
    watch = partial(clock_watch.hold_where_set, watch=ClockWatch(people.clock, seconds))
    walk.jobs = tuple(noted(job, did) for job in (watch, *worker.JOBS))
    certificates.prepare(people.system)
    walk.is_entered()
    walk.checks_in()
    walk.fills_in(CONTACT, ANSWERS)  # and goes away without signing
    walk.is_confirmed(walk.gets_paper())
    walk.works()
    seconds.pass_by(minutes=10)
    walk.works()
    walk.is_handed_to(walk.visit)
    for days in (1, people.practice.settings.draft_days + 1, 400):
        seconds.pass_by(days=days)
        walk.works()
    people.clock.forward(days=-2)
    walk.works()
    erased.note(people.practice.vault, [walk.client()], people.clock())  # and the power fails
    walk.works()
    assert did == {job_name(job) for job in (watch, *worker.JOBS)}
    assert "failed" not in caplog.text
    nothing_got_out(walk, tmp_path, caplog.text, "".join(capfd.readouterr()))


def noted(job: worker.Job, did: set[str]) -> worker.Job:
    def does(by: Actor) -> bool:
        if done := job(by):
            did.add(job_name(job))
        return done

    return does


def job_name(job: worker.Job) -> str:
    function = job.func if isinstance(job, partial) else job
    return f"{function.__module__}.{function.__name__}"


# What is run of each, and how it ends, in this order; {opens} is the passphrase, {code} the archive's.
COMMANDS = {
    "forms list": (("", 0),),
    "forms check": (("", 0),),
    "paper": (("emergency_contact --out {out}/blank.pdf --map {out}/blank.json", 0),),
    "read": (("{out}/scans/1.pdf --json", 1),),
    "verify": (("{out}/scans/1.pdf", 1),),
    "scan": (("{out}/scans {opens}", 0),),
    "staff list": (("{opens}", 0),),
    "staff add": (("zoe --name Zoe --role owner {opens} {new}", 0),),
    "staff reset": (("zoe {opens} {new}", 0),),
    "staff remove": (("zoe {opens}", 0),),
    "audit verify": (("{opens}", 0), ("--noted 0000000000000000 {opens}", 1)),
    "clock": (("{opens}", 0), ("--right {opens}", 0)),
    "rekey": (("{client} {opens}", 0), ("{answer} {opens}", 1)),
    "backup": (("{out}/b.kiosk-backup {opens}", 0),),
    "restore": (("{out}/b.kiosk-backup {opens}", 0), ("{out}/b.kiosk-backup {opens}", 1)),
    "archive": (("{out}/a {opens}", 0),),
    "extract": (("{out}/a {out}/clear {code}", 0),),
    "rebuild": (("{out}/a --owner Ruth --sign-in ruth {code} {opens}", 0),),
    "recovery": (("--out {out}/sheet.pdf {opens}", 0),),
    "passphrase": (("{opens} {new}", 0),),
    "rotate": (("--out {out}/new.pdf {opens} {new}", 0),),
}
INTO_ANOTHER_FOLDER = ("restore", "rebuild")
COMMANDS_NOT_RUN = {
    "forms preview": "opens no practice: all answers are samples",
    "init": "makes a practice, in which there is no client yet",
    "demo": "makes a practice of people who do not exist",
    "serve": "serves what is walked through above until it is stopped; that it runs: tests/cli/test_serve.py",
}


def commands_of(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_is_run_or_is_left_out_with_a_reason() -> None:
    assert not COMMANDS.keys() & COMMANDS_NOT_RUN.keys()
    assert {*COMMANDS, *COMMANDS_NOT_RUN} == set(commands_of(main))


@pytest.mark.long
def test_no_command_lets_anything_out(
    walk: Walk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it prints, what it writes, and what it says where it fails.

    `kiosk verify` prints the record that a sealed file carries: it is not asked about one here.
    """
    walk.is_entered()
    walk.checks_in()
    walk.signs()
    walk.stops()
    walk.is_confirmed(walk.gets_paper())
    out = tmp_path / "out"
    (out / "scans").mkdir(parents=True)
    (out / "scans" / "1.pdf").write_bytes(b"%PDF-1.7 " + NAME.encode())
    said = "".join(
        what_it_says(walk, out, command, arguments, status)
        for command, runs in COMMANDS.items()
        for arguments, status in runs
    )
    shutil.rmtree(out / "scans")
    assert found_where_all_is_in_clear(out / "clear") == []
    nothing_got_out(walk, tmp_path, caplog.text, said + "".join(capfd.readouterr()))


def what_it_says(walk: Walk, out: Path, command: str, arguments: str, status: int) -> str:
    practice = walk.people.practice.settings.instance
    instance = out / command if command in INTO_ANOTHER_FOLDER else practice
    given: list[str] = []
    for word in arguments.split():
        match word:
            case "{opens}":
                given += passphrase_given()
            case "{new}":
                given += ["--new-passphrase-fd", passphrase_given()[1]]
            case "{code}":
                given += code_given(code_on(out / "a.sheet.pdf"))
            case _:
                given.append(word.format(out=out, client=walk.client(), answer=ANSWER))
    done = run("--instance", str(instance), *command.split(), *given)
    assert done.exit_code == status, (command, done.output)
    return done.output + done.stderr


def found_where_all_is_in_clear(folder: Path) -> list[str]:
    """What the names of extracted files say, and what a file manager shows of them; then they are gone."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix == ".pdf"]
    found = [word for path in files for word in found_in(path.name.encode())]
    found += [w for path in files if path.suffix == ".pdf" for w in found_in_metadata(path.read_bytes())]
    shutil.rmtree(folder)
    return found
