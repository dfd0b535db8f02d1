"""How often a hand has to tap: counted on the way that the tablet itself leads."""

import json
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

import forms
from forms.kinds import KINDS
from kiosk.access import Sitting
from kiosk.actions import signing, sittings, visits
from kiosk.actions.at_tablet import Step
from kiosk.app import create_app
from tests.actions.test_unfinished import client_of
from tests.at_tablet import Finger, paired
from tests.practices import ALLOWS_HER_DAUGHTER, People, make_people

CATALOG = Path(forms.__path__[0]) / "catalog"
CROSS = json.dumps({"width": 600, "height": 150, "strokes": [[[100, 40, 0, 0.5], [140, 90, 90, 0.5]]]})
PLAIN = {
    "name": "Rose Nyberg", "born-month": "4", "born-day": "27", "born-year": "1956",
    "phone": "512 555 0101", "email": "rose@example.com", "may_leave_message": "refuse",
    "somebody_signs": "no", "friend_asks": "nothing",
    "contact-name": "Kirsten Nyberg", "contact-relation": "daughter", "contact-phone": "512 555 0142",
    "may_call_emergency": "allow", "may_speak_worried": "refuse", "may_tell_health": "refuse",
    "has_clinician": "no", "may_email": "allow", "email_for": "appointments",
    "may_text": "refuse", "may_voicemail": "refuse", "may_write_story": "refuse",
}  # fmt: skip


def through_page(sitting: Sitting, step: Step) -> tuple[Step, int]:
    """Each answer that is ticked is a tap, and Continue is one; what is typed is none."""
    view = sittings.open_page(sitting, step.form, step.page)
    ticked = [one.id for one in view.questions if "tick" in KINDS[one.kind].marks and one.id in PLAIN]
    said = sittings.answer(sitting, step.form, step.page, MultiDict(PLAIN))
    assert isinstance(said, Step), said.problems
    return said, len(ticked) + 1


def through_end(sitting: Sitting, form: str) -> tuple[Step, int]:
    """See the page to sign, read it and sign it: by one button more the first time, when it is drawn."""
    again = signing.to_read(sitting, form)
    signing.certify(sitting, form)
    way = {"way": "again"} if again.again else {"way": "drawn", "strokes": CROSS}
    return signing.sign(sitting, form, {**way, "submission": again.submission}), 2 if again.again else 3


@pytest.mark.long
def test_a_new_client_is_through_all_seven_forms_in_under_sixty_taps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for people in make_people(tmp_path / "practice", own_forms=False, left_out=()):
        visit = people.visit()
        at_first = checked_in(people, visit)
        sitting = people.sits_down(visit)
        view = sittings.welcome(sitting)
        assert len(view.forms) == 7
        at_first.press("begin")
        step, taps, pages = view.first, at_first.taps, 0
        while step.to != "done":
            more = through_page(sitting, step) if step.to == "page" else through_end(sitting, step.form)
            pages += step.to == "page"
            step, taps = more[0], taps + more[1]
        with capsys.disabled():
            print(f"\na new client, seven forms: {taps} taps, {pages} pages, said to be {view.minutes} min")
        assert taps < 60
        returns_with_nothing_due(people)


def checked_in(people: People, visit: str) -> Finger:
    """From the start page to the welcome, each tap counted."""
    finger = paired(create_app(people.practice), people.practice, people.desk)
    finger.checks_in(people.desk, visit)
    assert finger.path == "/tablet/welcome"
    return finger


def returns_with_nothing_due(people: People) -> None:
    """Whoever is known and has changed nothing; the screen then clears by itself."""
    visit = people.visit(client_id=client_of(people, first_visit(people)), at="15:00")
    finger = checked_in(people, visit)
    assert finger.taps <= 3
    assert "There is nothing to fill in today." in finger.html
    assert "data-ends-after=" in finger.html, "nobody has to press Done"


def first_visit(people: People) -> str:
    return visits.today(people.desk).visits[0].id


ALL_FORMS = frozenset(path.stem for path in CATALOG.glob("*.toml")) - {"frozen"}


def only(*forms: str) -> tuple[str, ...]:
    return tuple(sorted(ALL_FORMS - set(forms)))


def test_an_unchanged_returning_client_with_nothing_due_is_through_in_three_taps(tmp_path: Path) -> None:
    for people in make_people(tmp_path / "practice", left_out=only("emergency_contact")):
        people.signs(people.sits_down(people.visit()), "emergency_contact", ALLOWS_HER_DAUGHTER)
        returns_with_nothing_due(people)


def test_nothing_is_asked_twice_in_a_sitting(tmp_path: Path) -> None:
    left_out = only("contact_details", "email_logistics")
    for people in make_people(tmp_path / "practice", own_forms=False, left_out=left_out):
        sitting = people.sits_down(people.visit())
        step, asked = sittings.welcome(sitting).first, []
        while step.to != "done":
            if step.to == "page":
                form = people.practice.catalog.form(step.form)
                shown = {one.id for one in sittings.open_page(sitting, step.form, step.page).questions}
                asked += [one.fills for one in form.questions() if one.id in shown and one.fills]
                step, _ = through_page(sitting, step)
            else:
                step, _ = through_end(sitting, step.form)
        assert {"client.phone", "client.email"} <= set(asked)
        assert sorted(asked) == sorted(set(asked))


def test_the_minutes_of_the_forms_add_up_to_those_that_are_promised(people: People) -> None:
    shown = sittings.welcome(people.sits_down(people.visit()))
    assert shown.minutes == sum(row.minutes for row in shown.forms)
