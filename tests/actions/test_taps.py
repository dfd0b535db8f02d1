"""How often a hand has to tap: counted on the way that the tablet itself leads."""

import json
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from forms.kinds import KINDS
from kiosk.access import Sitting
from kiosk.actions import signing, sittings, visits
from kiosk.actions.at_tablet import Step
from tests.actions.test_unfinished import client_of
from tests.practices import People, make_people

CROSS = json.dumps({"width": 600, "height": 150, "strokes": [[[100, 40, 0, 0.5], [140, 90, 90, 0.5]]]})
CHECKING_IN = 3  # "I have a code", Continue, and Continue after the birth date
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
        sitting = people.sits_down(people.visit())
        view = sittings.welcome(sitting)
        assert len(view.forms) == 7
        step, taps, pages = view.first, CHECKING_IN + 1, 0
        while step.to != "done":
            more = through_page(sitting, step) if step.to == "page" else through_end(sitting, step.form)
            pages += step.to == "page"
            step, taps = more[0], taps + more[1]
        with capsys.disabled():
            print(f"\na new client, seven forms: {taps} taps, {pages} pages, said to be {view.minutes} min")
        assert taps < 60
        returns_with_nothing_due(people)


def returns_with_nothing_due(people: People) -> None:
    """Checked in with three taps; the screen then clears by itself."""
    visit = people.visit(client_id=client_of(people, first_visit(people)), at="15:00")
    view = sittings.welcome(people.sits_down(visit))
    assert (view.forms, view.first) == ((), Step("done"))
    assert CHECKING_IN <= 3


def first_visit(people: People) -> str:
    return visits.today(people.desk).visits[0].id


def test_the_minutes_of_the_forms_add_up_to_those_that_are_promised(people: People) -> None:
    shown = sittings.welcome(people.sits_down(people.visit()))
    assert shown.minutes == sum(row.minutes for row in shown.forms)
