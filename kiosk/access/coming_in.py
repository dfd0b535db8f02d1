"""Between the passphrase and an open session: a second factor is given, or made."""

from dataclasses import dataclass

from kiosk.access import second_factor
from kiosk.access.actors import Actor, Desk, Practice, transaction
from kiosk.access.sessions import actor_for, end_other_enrolments, in_session, nobody, proved, renewed
from kiosk.errors import Invalid, SecondFactorNeeded, SignInNeeded
from kiosk.vault.states import SessionStage
from kiosk.vault.tables import Staff


@dataclass(frozen=True)
class HalfWay:
    """Somebody whose passphrase was right, and what is still asked of them.

    `may_leave`: they set up a second factor from their own page, and may go back there without one.
    """

    by: Actor
    enrols: bool
    may_leave: bool


def half_way(practice: Practice, token: str | None, device: str) -> HalfWay:
    """Raises SignInNeeded where nobody is between the passphrase and the second factor."""
    with transaction(nobody(practice, device)) as desk:
        _, staff, stage = in_session(desk, token)
        if stage not in (SessionStage.SECOND_FACTOR, SessionStage.ENROL):
            raise SignInNeeded()
        return HalfWay(
            actor_for(practice, staff, device), stage == SessionStage.ENROL, _may_leave(desk, staff, stage)
        )


def _may_leave(desk: Desk, staff: Staff, stage: SessionStage) -> bool:
    """Who has an authenticator gave its code before they came to set up another one."""
    compulsory = desk.practice.settings.second_factor == "required" and not second_factor.enrolled(staff)
    return stage == SessionStage.ENROL and not compulsory


def leave_enrolment(by: Actor, token: str | None) -> str:
    """Back to one's own page, with what counted before; returns a new token.

    Raises SignInNeeded, and SecondFactorNeeded where nobody comes in without one.
    """
    with transaction(by) as desk:
        row, staff, stage = in_session(desk, token)
        if not _may_leave(desk, staff, stage):
            raise SecondFactorNeeded()
        return renewed(desk, row)


def enrolment(by: Actor, token: str | None) -> second_factor.Enrolment:
    """What the authenticator of somebody who enrols is given. Raises SignInNeeded."""
    with transaction(by) as desk:
        row, staff, stage = in_session(desk, token)
        if stage != SessionStage.ENROL:
            raise SignInNeeded()
        return second_factor.enrolment(desk, staff, row.id)


def give_second_factor(
    by: Actor, token: str | None, code: str, machine: str | None
) -> tuple[str, tuple[str, ...]]:
    """Go on from half way by a code; returns a new token, and the codes to print for who has just enrolled.

    Raises Invalid, TooManyTries, SignInNeeded.
    """
    codes: tuple[str, ...] | None = ()
    with transaction(by) as desk:
        row, staff, stage = in_session(desk, token)
        match stage:
            case SessionStage.ENROL:
                codes = second_factor.confirm(desk, staff, row.id, code)
                right = codes is not None
                if right:
                    end_other_enrolments(desk, row)
            case SessionStage.SECOND_FACTOR:
                right = second_factor.check(desk, staff, code)
            case _:
                raise SignInNeeded()
        if right:
            second_factor.remember(desk, machine, staff.id)
            new_token = proved(desk, row)
    if not right:
        raise Invalid({"code": second_factor.WRONG})
    return new_token, codes or ()
