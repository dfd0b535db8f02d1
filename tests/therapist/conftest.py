"""The practice of the desk's tests, with a client who has signed at the tablet."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import check_in, handing, signing, sittings
from kiosk.actions.at_tablet import Step
from tests.desk.conftest import Staff, booked, clock, dorothy, practice, signs_in

__all__ = ["booked", "clock", "dorothy", "practice", "signs_in"]

BORN = {"month": "4", "day": "27", "year": "1956"}

Signs = Callable[[str, Mapping[str, Mapping[str, Any]]], None]


@pytest.fixture
def sophia(signs_in: Any) -> Staff:
    """The therapist whom all visits of these tests are with."""
    therapist: Staff = signs_in("sophia")
    return therapist


@pytest.fixture
def signs(practice: Practice, dorothy: Staff) -> Signs:
    """Somebody with a visit signs forms at the tablet; those without answers are left for later."""
    token = access.pair(practice, access.make_pairing(dorothy.actor, "Tablet 1"), "127.0.0.1")
    tablet = access.tablet_of(practice, token)

    def walk(visit_id: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
        code = handing.make_code(dorothy.actor, visit_id)
        sitting = access.sitting_of(tablet, check_in.by_code(tablet, code, "en"))
        check_in.birth_date(sitting, BORN)
        step = sittings.welcome(sitting).first
        while step.to != "done":
            step = one_step(sitting, step, answers.get(step.form))
        sittings.end(sitting, "finished")

    return walk


def one_step(sitting: access.Sitting, step: Step, given: Mapping[str, Any] | None) -> Step:
    if given is None:
        return sittings.skip(sitting, step.form)
    if step.to == "page":
        said = sittings.answer(sitting, step.form, step.page, MultiDict(given))
        assert isinstance(said, Step), said.problems
        return said
    if step.to == "check":
        return signing.certify(sitting, step.form)
    view = signing.to_sign(sitting, step.form)
    typed = {"way": "typed", "typed_name": view.name, "submission": view.submission}
    return signing.sign(sitting, step.form, typed)
