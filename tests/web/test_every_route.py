"""What is promised for all routes is asked of the running application, route by route.

Who may call what comes from the policy's one table. A route whose address asks for something that EXAMPLES
lacks fails a test: give it an id that is this person's own, one that is there and not theirs, and none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kiosk import access
from kiosk.access import GRAVE, MAY, Purpose, Role
from kiosk.actions import check_in, declaring, emergency
from kiosk.actions.declaring import Reason
from kiosk.app import create_app
from kiosk.vault import new_id, tables
from kiosk.vault.states import BatchState, PageState, SheetState
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, PASSPHRASE, People, make_people
from tests.web.conftest import open_browsers

FOREIGN = "AAAAAAAAAAAAAAAAAAAAAA"  # nobody's
STAFF_ONLY = re.compile(r"^/(desk|therapist|office|emergency)\b|^/lock$")
AT_TABLET = re.compile(r"^/tablet/")
TOKEN = re.compile(rb'name="csrf_token" value="[^"]+"')
# The one address that ends something by being looked at: whoever comes to the start page has left.
ENDS_A_SITTING = "client.start"
NO_POLICY = ("static", "fonts.font")
ROLES: Mapping[str, Role] = {
    "dorothy": Role.FRONT_DESK,
    "sophia": Role.THERAPIST,
    "jean": Role.THERAPIST,
    "ruth": Role.OWNER,
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One practice for all that changes nothing in it."""
    yield from make_people(tmp_path_factory.mktemp("routes") / "practice")


@pytest.fixture(scope="module")
def app(people: People) -> Flask:
    made = create_app(people.practice)
    made.testing = True
    return made


@pytest.fixture
def browsers(app: Flask, people: People) -> Mapping[str, FlaskClient]:
    """Anew for each test: some sign out, lock the screen, or try wrong codes."""
    with access.transaction(people.system) as desk:
        desk.session.execute(delete(tables.Miss))
    return open_browsers(app, people)


@pytest.fixture
def without_token(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked here is asked behind the token against forged requests, which has tests of its own."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Every route that takes a method, with an id that nobody has wherever one is asked for."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = re.sub(r"<int:[^>]+>", "1", rule.rule)
            yield rule.endpoint, re.sub(r"<[^>]+>", FOREIGN, path)


def fingerprint(people: People) -> dict[str, int]:
    """How many rows each table has, and the sum of what they hold; without the trail and last-seen times."""
    with access.transaction(people.system) as desk:
        return {
            table.name: hash(tuple(map(tuple, desk.session.execute(select(table).order_by(text("1"))))))
            for table in tables.Base.metadata.sorted_tables
            if table.name not in ("audit", "staff_session", "sitting", "miss")
        }


ALLOWED: Mapping[str, re.Pattern[str]] = {
    "nobody": re.compile("^$"),
    "tablet": re.compile(r"^/tablet/"),
    "client": re.compile(r"^/tablet/"),
    "dorothy": re.compile(r"^/(desk|emergency)\b"),
    "ruth": re.compile(r"^/(desk|office|emergency)\b"),
    "sophia": re.compile(
        r"^/(therapist|emergency)\b|^/desk/(confirm|readings|records)\b|^/desk/pages/[^/]+\.png$"
    ),
}


# --- the whole matrix: every route, everybody, and ids that are one's own, somebody else's, or nobody's ---


@dataclass(frozen=True)
class Example:
    """`own` is by who may have it; `theirs` is there, and not open to anybody whom `own` leaves out."""

    own: Mapping[str, str]
    theirs: str


@pytest.fixture(scope="module")
def examples(people: People) -> Mapping[str, Example]:
    return laid(people)


def laid(people: People) -> Mapping[str, Example]:
    """By the argument's name. Everything is Rose's, whom Sophia sees; Jean has no business with her."""
    rose = people.visit()
    people.signs(people.sits_down(rose), "emergency_contact", ALLOWS_HER_DAUGHTER)
    jeans = people.visit("Theo Okafor", "14:00", therapist=people._staff("jean").id)
    ids = {name: new_id() for name in ("sheet", "page", "reading", "batch", "archive", "backup")}
    check_in.by_name(people.tablet, {"name": "Rose Nyberg", **BORN})
    with access.transaction(people.system) as desk:
        arrival = desk.session.scalars(select(tables.Arrival.id)).one()
        release = desk.practice.catalog.form("clinician_release")
        client = desk.session.get_one(tables.Visit, rose).client_id
        record = desk.session.scalars(select(tables.Record)).one()
        lay_paper(desk, ids, client, (release.id, release.version), record.document_id, people.desk.id)
        record.form, record.version = release.id, release.version
    reason = Reason("covering", "I am covering for a colleague")
    jean, delia = people._staff("jean"), "Delia Ruiz"
    people.visit(delia, "15:00")
    (found,) = declaring.find(jean, reason, delia)
    declared = declaring.open_other(jean, reason, delia, found.id)
    fell = {"name": "Theo Okafor", "reason": "He fell"}
    emergencies = {
        name: emergency.declare(people._staff(name), fell) for name in ("dorothy", "sophia", "ruth")
    }
    tablet = access.paired_tablets(people.desk)[-1].id
    of_desk = ("dorothy", "ruth")
    access.sign_in(people.practice, "jean", PASSPHRASE, "127.0.0.1")
    with access.transaction(people.system) as desk:
        session = desk.session.scalars(select(tables.StaffSession.id).limit(1)).one()
    return {
        "visit_id": Example({**dict.fromkeys(of_desk, rose), "sophia": rose, "jean": jeans}, rose),
        "record_id": Example({"ruth": record.id, "sophia": record.id}, record.id),
        "sheet_id": Example({"sophia": ids["sheet"]}, ids["sheet"]),
        "page_id": Example({"sophia": ids["page"]}, ids["page"]),
        "reading_id": Example({"sophia": ids["reading"]}, ids["reading"]),
        "batch_id": Example(dict.fromkeys(of_desk, ids["batch"]), ids["batch"]),
        "arrival_id": Example(dict.fromkeys(of_desk, arrival), arrival),
        "tablet_id": Example(dict.fromkeys(of_desk, tablet), tablet),
        "access_id": Example({**emergencies, "jean": declared}, declared),
        "archive_id": Example({"ruth": ids["archive"]}, ids["archive"]),
        "backup_id": Example({"ruth": ids["backup"]}, ids["backup"]),
        "staff_id": Example({"ruth": jean.id}, jean.id),
        "session_id": Example({"ruth": session}, session),
        "client_id": Example({"ruth": client}, client),
        "day": Example({}, "2026-11-22"),
        "code": Example({}, "MMMMMMMM"),
        "form": Example({"client": "emergency_contact"}, "story_permission"),
        "page": Example({"client": "who"}, "who"),
        "number": Example({}, "7"),
        "name": Example({}, "nothing.woff2"),
        "filename": Example({}, "nothing.css"),
    }


def lay_paper(
    desk: access.Desk, ids: Mapping[str, str], client: str, form: tuple[str, int], document: str, by: str
) -> None:
    """A release on paper that waits for Rose's therapist: rows only, for it is about who reaches them."""
    scan = new_id()
    desk.session.add_all(
        [
            tables.Sheet(
                **{"id": ids["sheet"], "serial": "TESTTEST", "client_id": client, "form": form[0]},
                **{"version": form[1], "lang": "en", "pages": 1, "field_map": "{}", "printed_at": desk.now},
                state=SheetState.AWAITING,
            ),
            tables.Scan(
                **{"id": scan, "document_id": document, "source": "browser", "state": "read"},
                **{"received_at": desk.now, "tries": 0},
            ),
            tables.Archive(id=ids["archive"], made_at=desk.now, file_name="a", documents=1),
            tables.Backup(
                **{"id": ids["backup"], "made_at": desk.now, "place": "", "file_name": "b", "by_hand": True},
                keys_made_at=desk.now,
            ),
            tables.ShredBatch(id=ids["batch"], state=BatchState.OPEN, made_at=desk.now, made_by=by, pages=0),
        ]
    )
    desk.session.flush()
    desk.session.add(
        tables.ScanPage(
            **{"id": ids["page"], "scan_id": scan, "number": 1, "state": PageState.ON_SHEET},
            **{"image_id": document, "sheet_id": ids["sheet"], "sheet_page": 1},
        )
    )
    desk.session.flush()
    desk.session.add(
        tables.Reading(
            **{"id": ids["reading"], "sheet_id": ids["sheet"], "page_id": ids["page"], "position": 1},
            **{"question": "may_speak", "part": "", "read_sealed": b"", "crop_id": document},
        )
    )


# Theirs by the policy, though what the address names opens to others only: the front desk takes a release
# back without reading it, and the owner marks what others declared.
ALSO = {("desk.withdraw", "dorothy"), ("office.seen", "ruth")}


def with_arguments(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if rule.arguments:
                yield rule, method


def filled(rule: Rule, values: Mapping[str, str]) -> str:
    return re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda found: values[found[1]], rule.rule)


def may_call(app: Flask, rule: Rule, who: str) -> bool:
    """Whether the policy lets this person call this route at all: asked of its one table."""
    said = app.view_functions[rule.endpoint].kiosk_open_to  # type: ignore[attr-defined]
    if said.startswith("staff: "):
        return ROLES.get(who) in MAY[Purpose(said.removeprefix("staff: "))]
    return said == "all" or (said == "tablet" and who in ("tablet", "client")) or who == "client"


def seen(answer: TestResponse) -> tuple[int, str, bytes]:
    """What somebody sees of an answer, but for the token, which changes with each second."""
    return answer.status_code, answer.headers.get("Location", ""), TOKEN.sub(b"", answer.data)


def test_every_address_asks_for_something_that_has_an_example(
    app: Flask, examples: Mapping[str, Example]
) -> None:
    for rule, _ in with_arguments(app):
        assert rule.arguments <= set(examples), f"{rule.rule}: give {rule.arguments - set(examples)} examples"


def test_every_staff_route_names_a_purpose_of_the_policy(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        said = app.view_functions[rule.endpoint].kiosk_open_to  # type: ignore[attr-defined]
        if said.startswith("staff: "):
            assert MAY[Purpose(said.removeprefix("staff: "))], rule.rule
        else:
            assert not STAFF_ONLY.match(rule.rule), f"{rule.rule} is open to more than staff"


# What asks who one is once more, after five minutes, and the page that one is led back to. A new route with a
# purpose in GRAVE is to be added here; one that only looks, to the set below it.
ASKS_AGAIN = {
    "desk.make_batch": "/desk/shred",
    "desk.record_shredding": "/desk/shred/batches/{id}",
    "desk.release": "/desk/shred",
    "desk.pair_tablet": "/desk/tablets",
    "desk.revoke": "/desk/tablets",
    "office.add_person": "/office/people",
    "office.remove_person": "/office/people",
    "office.reset_person": "/office/people",
    "office.let_open": "/office/people",
    "office.end_session": "/office/people",
    "office.export_trail": "/office/trail",
    "office.clock_is_right": "/office/",
    "office.archive_destroyed": "/office/archives",
    "office.choose_disk": "/office/backups",
    "office.forget_disk": "/office/backups",
    "office.keys_destroyed": "/office/backups",
    "office.erasing_keys_destroyed": "/office/erasing",
    "office.ask_to_erase": "/office/erasing/{id}",
    "office.agree_to_erase": "/office/erasing/{id}",
    "office.call_off": "/office/erasing/{id}",
    "office.hold": "/office/erasing/{id}",
    "office.lift_hold": "/office/erasing/{id}",
}
ONLY_LOOK = {"office.find_to_erase"}


@pytest.mark.usefixtures("without_token")
def test_every_route_that_writes_for_a_grave_purpose_asks_who_one_is_once_more(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, led, only_look = fingerprint(people), {}, set()
    monkeypatch.setattr(people.clock, "now", people.clock.now + timedelta(minutes=6))
    grave = {f"staff: {purpose.value}" for purpose in GRAVE}
    for endpoint, address in addresses(app, "POST"):
        if app.view_functions[endpoint].kiosk_open_to not in grave:  # type: ignore[attr-defined]
            continue
        onward = urlsplit(browsers["ruth"].post(address).headers.get("Location", ""))
        if onward.path == "/prove":
            led[endpoint] = parse_qs(onward.query)["back"][0].replace(FOREIGN, "{id}")
        else:
            only_look.add(endpoint)
    assert (led, only_look) == (ASKS_AGAIN, ONLY_LOOK)
    assert fingerprint(people) == before


@pytest.mark.usefixtures("without_token")
@pytest.mark.parametrize("who", ["nobody", "tablet", "client", "dorothy", "sophia", "jean", "ruth"])
def test_what_is_somebody_elses_looks_like_what_is_not_there(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], examples: Mapping[str, Example], who: str
) -> None:
    """Status and bytes are equal, and nothing is written; where the route is not theirs, for every id."""
    before = fingerprint(people)
    for rule, method in with_arguments(app):
        if app.view_functions[rule.endpoint].kiosk_open_to == "all":  # type: ignore[attr-defined]
            continue
        asked = {name: examples[name] for name in rule.arguments}
        theirs = filled(rule, {name: one.theirs for name, one in asked.items()})
        nobodys = filled(rule, {name: FOREIGN if name != "number" else "9" for name in asked})
        own = any(one.own.get(who) == one.theirs for one in asked.values())
        if (may_call(app, rule, who) and own) or (rule.endpoint, who) in ALSO:
            continue  # to them it is their own
        there, not_there = (browsers[who].open(address, method=method) for address in (theirs, nobodys))
        assert seen(there) == seen(not_there), (who, method, rule.rule)
        assert there.status_code in (303, 400, 401, 403, 404, 410, 422), (who, method, rule.rule)
        if not may_call(app, rule, who):
            assert there.status_code in (303, 401, 403, 410), (who, method, rule.rule)
    assert fingerprint(people) == before


@pytest.mark.parametrize("who", ["client", "dorothy", "sophia", "jean", "ruth"])
def test_what_is_ones_own_opens(
    app: Flask, browsers: Mapping[str, FlaskClient], examples: Mapping[str, Example], who: str
) -> None:
    """Else the test above would hold in a practice where nothing opens at all."""
    opened = 0
    for rule, method in with_arguments(app):
        own = {name: examples[name].own.get(who) for name in rule.arguments}
        if method != "GET" or not all(own.values()) or not may_call(app, rule, who):
            continue
        if {"sheet_id", "reading_id", "batch_id"} & rule.arguments:
            continue  # laid as rows only: that they are reached is the desk's tests' to show
        values = {name: value or "" for name, value in own.items()}
        answer = browsers[who].get(filled(rule, values))
        kinds_apart = "access_id" in values and answer.status_code == 404  # an emergency opens no card
        led_on = who == "client" and answer.status_code == 303  # to the first page that is open
        assert answer.status_code == 200 or kinds_apart or led_on, (who, rule.rule, answer.status_code)
        opened += answer.status_code == 200
    assert opened


@pytest.mark.parametrize("who", ALLOWED)
def test_nobody_sees_what_the_policy_does_not_give_them(
    app: Flask, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    for endpoint, address in addresses(app, "GET"):
        answer = browsers[who].get(address)
        assert answer.status_code != 500, endpoint
        closed = STAFF_ONLY.match(address) or AT_TABLET.match(address)
        if closed and not ALLOWED[who].match(address):
            assert answer.status_code in (302, 303, 401, 403, 404, 410), (who, endpoint)


@pytest.mark.usefixtures("without_token")
@pytest.mark.parametrize("who", ALLOWED)
def test_nobody_writes_what_the_policy_does_not_let_them(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    before = fingerprint(people)
    for endpoint, address in addresses(app, "POST"):
        if ALLOWED[who].match(address) or endpoint in ("door.sign_out", "door.unlock", "door.lock"):
            continue
        answer = browsers[who].post(address, data={"code": "x"})
        assert answer.status_code != 500, endpoint
        assert answer.status_code != 200, endpoint
    assert fingerprint(people) == before


@pytest.mark.usefixtures("without_token")
@pytest.mark.parametrize("who", ["dorothy", "ruth", "sophia", "client"])
def test_a_foreign_id_is_not_found_and_writes_nothing(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], who: str
) -> None:
    before = fingerprint(people)
    for method in ("GET", "POST"):
        for endpoint, address in addresses(app, method):
            if FOREIGN not in address or not ALLOWED[who].match(address):
                continue
            answer = browsers[who].open(address, method=method, data={"client_id": FOREIGN})
            refused = [403] if endpoint == "desk.withdraw" and who == "sophia" else []
            refused += [204] if endpoint == "desk.await_tablet" else []  # not there yet is its usual answer
            assert answer.status_code in (303, 404, 422, *refused), (endpoint, answer.status_code)
    assert fingerprint(people) == before


def test_a_get_never_writes(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], examples: Mapping[str, Example]
) -> None:
    before = fingerprint(people)
    for who in ("dorothy", "sophia", "client", "ruth"):
        for rule, method in with_arguments(app):
            if method == "GET" and not ({"sheet_id", "reading_id"} & rule.arguments and who == "sophia"):
                browsers[who].get(filled(rule, {name: examples[name].theirs for name in rule.arguments}))
        for endpoint, address in addresses(app, "GET"):
            if endpoint != ENDS_A_SITTING:
                browsers[who].get(address)
    assert fingerprint(people) == before


@pytest.mark.long
def test_a_get_never_writes_with_real_paper_and_records(tmp_path: Path) -> None:
    for people in make_people(tmp_path / "practice"):
        app = create_app(people.practice)
        app.testing = True
        browsers = open_browsers(app, people)
        visit = people.visit()
        sheet = people.brings_paper(visit)
        people.signs(people.sits_down(people.visit("Theo Okafor")), "emergency_contact", ALLOWS_HER_DAUGHTER)
        before = fingerprint(people)
        for who in ("dorothy", "sophia", "client"):
            reading = [one for endpoint, one in addresses(app, "GET") if endpoint != ENDS_A_SITTING]
            for address in reading:
                for known in (visit, sheet, FOREIGN):
                    browsers[who].get(address.replace(FOREIGN, known))
        assert fingerprint(people) == before


# --- forged requests ---


def test_every_post_without_its_token_is_refused_and_writes_nothing(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient]
) -> None:
    before = fingerprint(people)
    others = re.search(r'name="csrf_token" value="([^"]+)"', browsers["nobody"].get("/sign-in").text)
    assert others
    for who in ("dorothy", "sophia", "client"):
        for endpoint, address in addresses(app, "POST"):
            for token in ({"csrf_token": "forged"}, {"csrf_token": others[1]}, {}):
                answer = browsers[who].post(address, data=token)
                sent_away = answer.headers.get("Location") == "/sign-in"
                assert sent_away or 400 <= answer.status_code < 500, endpoint
    assert fingerprint(people) == before


def test_what_writes_is_not_done_by_a_get(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    reading = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.rule not in reading:
            address = re.sub(r"<[^>]+>", FOREIGN, rule.rule)
            assert browsers["dorothy"].get(address).status_code in (403, 404, 405), rule.rule


@pytest.mark.usefixtures("without_token")
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_what_is_sent_from_another_site_is_refused(
    app: Flask, browsers: Mapping[str, FlaskClient], headers: dict[str, str]
) -> None:
    for endpoint, address in addresses(app, "POST"):
        assert browsers["dorothy"].post(address, headers=headers).status_code == 403, endpoint


def test_what_is_sent_to_another_host_is_refused(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    for method in ("GET", "POST"):
        for endpoint, address in addresses(app, method):
            answer = browsers["dorothy"].open(address, method=method, headers={"Host": "evil.example"})
            assert answer.status_code == 400, endpoint


def test_a_route_that_does_not_say_who_may_call_it_is_refused_at_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "stray", lambda: "x")
    with pytest.raises(RuntimeError, match="stray"):
        access.refuse_undeclared(app)


@pytest.mark.parametrize("address", ["/sign-in", "/pair", "/tablet/", "/desk/"])
def test_with_tls_no_cookie_is_set_without_the_prefix_that_binds_it_to_the_host(
    people: People, address: str
) -> None:
    settings = type(people.practice.settings)(**{**vars(people.practice.settings), "behind_proxy": True})
    practice = type(people.practice)(settings, people.practice.vault, people.practice.catalog)
    answer = create_app(practice).test_client().get(address, base_url="https://localhost")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-"), cookie
        assert "Secure" in cookie
