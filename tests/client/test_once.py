"""What is sent twice, late, or from two tabs: one record, one arrival, and no newer answer lost."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Sitting
from kiosk.actions import check_in, handing, signing, sittings
from kiosk.actions.at_tablet import Step
from kiosk.actions.form_pages import PageView
from kiosk.errors import Invalid, KioskError, SittingEnded
from kiosk.vault import tables
from tests.practices import ALLOWS_HER_DAUGHTER, BORN, People, make_people

FORM = "emergency_contact"
CONTACT, EMERGENCY = "who", "emergency"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One practice for all of these; each has a visit, a client and a tablet of its own."""
    yield from make_people(tmp_path_factory.mktemp("once") / "practice")


@pytest.fixture
def sitting(people: People) -> Sitting:
    return people.sits_down(people.visit(), people.pair())


def added(people: People, table: type[tables.Base], do: Callable[[], Any]) -> int:
    before = people.count(table)
    do()
    return people.count(table) - before


def at_once(do: Callable[[], Any], times: int = 2) -> list[Any]:
    """The same thing from several threads, begun together; what each returned or raised."""
    gate, found = Barrier(times), []

    def run() -> None:
        gate.wait()
        try:
            found.append(do())
        except KioskError as error:
            found.append(error)

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def token(sitting: Sitting, page: str = CONTACT) -> str:
    return sittings.open_page(sitting, FORM, page).token


def says(sitting: Sitting, name: str, token: str) -> Step | PageView:
    given = {"contact-name": name, "contact-relation": "daughter", "contact-phone": "", "_token": token}
    return sittings.answer(sitting, FORM, CONTACT, MultiDict(given))


def stored(sitting: Sitting) -> str:
    view = sittings.open_page(sitting, FORM, CONTACT)
    return next(
        part.value for question in view.questions for part in question.parts if part.name == "contact-name"
    )


def test_an_answer_sent_twice_at_once_goes_on_twice_and_is_kept_once(sitting: Sitting) -> None:
    page = token(sitting)
    first, second = at_once(lambda: says(sitting, "Kirsten Nyberg", page))
    assert isinstance(first, Step)
    assert first == second
    assert stored(sitting) == "Kirsten Nyberg"


def test_an_answer_that_arrives_late_does_not_take_the_place_of_a_newer_one(sitting: Sitting) -> None:
    early = token(sitting)
    assert isinstance(says(sitting, "Kirsten Nyberg", early), Step)
    assert isinstance(says(sitting, "Kirsten Lund", token(sitting)), Step)
    late = says(sitting, "Kirsten Nyberg", early)
    assert isinstance(late, PageView)
    assert late.answered_since
    assert stored(sitting) == "Kirsten Lund"


def test_what_was_typed_in_an_older_tab_is_shown_and_kept_once_it_is_confirmed(sitting: Sitting) -> None:
    one, other = token(sitting), token(sitting)
    assert one == other
    says(sitting, "Kirsten Nyberg", one)
    asked = says(sitting, "Inga Lund", other)
    assert isinstance(asked, PageView)
    assert "Inga Lund" in [part.value for question in asked.questions for part in question.parts]
    assert isinstance(says(sitting, "Inga Lund", asked.token), Step)
    assert stored(sitting) == "Inga Lund"


def test_an_older_page_that_is_left_by_back_or_help_keeps_nothing_and_says_so(sitting: Sitting) -> None:
    old = token(sitting)
    says(sitting, "Kirsten Nyberg", old)
    left = MultiDict({"contact-name": "Inga Lund", "contact-relation": "daughter", "_token": old})
    assert sittings.keep_typed(sitting, FORM, CONTACT, left) == old
    assert stored(sitting) == "Kirsten Nyberg"
    view = sittings.as_typed(sitting, FORM, CONTACT, left)
    assert view.answered_since
    assert "Inga Lund" in [part.value for question in view.questions for part in question.parts]
    assert stored(sitting) == "Kirsten Nyberg"


def test_a_page_that_is_left_for_help_is_not_older_than_itself(sitting: Sitting) -> None:
    says(sitting, "Kirsten Nyberg", token(sitting))
    half = {"contact-name": "Kirsten Lund", "contact-relation": "daughter", "contact-phone": "512"}
    kept = sittings.keep_typed(sitting, FORM, CONTACT, MultiDict({**half, "_token": token(sitting)}))
    assert not sittings.as_typed(sitting, FORM, CONTACT, MultiDict({**half, "_token": kept})).answered_since


def test_two_tabs_on_two_pages_do_not_disturb_each_other(sitting: Sitting) -> None:
    says(sitting, "Kirsten Nyberg", token(sitting))
    there, here = token(sitting, EMERGENCY), token(sitting)
    assert isinstance(says(sitting, "Kirsten Lund", here), Step)
    given = MultiDict({"may_call_emergency": "allow", "_token": there})
    assert isinstance(sittings.answer(sitting, FORM, EMERGENCY, given), Step)


def test_one_visits_token_does_not_fit_anothers_page(people: People, sitting: Sitting) -> None:
    other = people.sits_down(people.visit("Ines Prior", "14:00"), people.pair())
    assert token(sitting) != token(other)


def test_a_form_signed_from_several_taps_at_once_is_one_record(people: People, sitting: Sitting) -> None:
    people.answers(sitting, FORM, ALLOWS_HER_DAUGHTER)
    signing.certify(sitting, FORM)
    view = signing.to_sign(sitting, FORM)
    data = {"way": "typed", "typed_name": view.name, "submission": view.submission}
    steps: list[Any] = []
    taps = lambda: steps.extend(at_once(lambda: signing.sign(sitting, FORM, data)))  # noqa: E731
    assert added(people, tables.Record, taps) == 1
    assert all(isinstance(step, Step) for step in steps), steps


def test_a_name_sent_twice_is_one_arrival_and_a_namesake_is_another(people: People) -> None:
    said = {"name": "Rose Nyberg", **BORN, "submission": "of this page"}
    other = {**said, "submission": "of another page"}
    assert added(people, tables.Arrival, lambda: at_once(lambda: check_in.by_name(people.tablet, said))) == 1
    assert added(people, tables.Arrival, lambda: check_in.by_name(people.tablet, other)) == 1


def test_a_wrong_birth_date_tapped_twice_is_one_miss_and_helps_nobody_to_guess(people: People) -> None:
    tablet = people.pair()
    chosen = check_in.by_code(tablet, handing.make_code(people.desk, people.visit()), "en")
    sitting = access.sitting_of(tablet, chosen)
    wrong = {**BORN, "day": "28", "try": "0"}
    with pytest.raises(Invalid):
        check_in.birth_date(sitting, wrong)
    for guess in (wrong, {**BORN, "try": "0"}, {**wrong, "day": "29"}):
        with pytest.raises(Invalid):
            check_in.birth_date(sitting, guess)
    assert check_in.page_number(sitting) == 1
    assert not access.sitting_of(tablet, chosen).known, "not even by the right one from the old page"
    with pytest.raises(SittingEnded):
        check_in.birth_date(sitting, {**wrong, "try": "1"})
