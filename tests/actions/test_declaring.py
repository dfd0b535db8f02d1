"""Opening somebody who is not one's own: a reason, the whole name, an hour, and the owner sees it."""

from typing import Any

import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.access import Actor
from kiosk.actions import card, declaring, emergency, records, trail, visit_page
from kiosk.actions.declaring import Reason
from kiosk.actions.trail_query import Wanted
from kiosk.errors import Invalid, NotAllowed, NotFound, TooManyTries
from kiosk.vault.did import DECLARED, Did
from kiosk.vault.tables import AuditEntry, DeclaredAccess
from tests.practices import ALLOWS_HER_DAUGHTER, People

COVERING = Reason("covering", "I am covering for a colleague: she is ill")
ROSE = "Rose Nyberg"
FELL = {"name": ROSE, "reason": "She fell"}


@pytest.fixture
def rose(people: People) -> str:
    """Rose's visit with Sophia."""
    return people.visit()


@pytest.fixture
def allows(people: People, rose: str) -> str:
    """Rose allows that her daughter is called."""
    people.signs(people.sits_down(rose), "emergency_contact", ALLOWS_HER_DAUGHTER)
    return rose


def staff(people: People, name: str) -> Actor:
    return people._staff(name)


def acts(people: People, *dids: Did) -> list[tuple[str, str, str]]:
    with access.transaction(people.system) as desk:
        rows = desk.session.scalars(
            select(AuditEntry).where(AuditEntry.did.in_(dids)).order_by(AuditEntry.seq)
        ).all()
        return [(row.did, row.outcome, row.reason) for row in rows]


def opened(people: People, by: Actor, name: str = ROSE) -> str:
    (found,) = declaring.find(by, COVERING, name)
    return declaring.open_other(by, COVERING, name, found.id)


def test_a_reason_comes_first(people: People) -> None:
    for chosen, said in (("", ""), ("curious", "just so"), ("other", "  ")):
        with pytest.raises(Invalid):
            declaring.read_reason(chosen, said)
    assert declaring.read_reason("other", " her  mother ").words == "her mother"
    assert declaring.read_reason("covering", "").words == "I am covering for a colleague"


def test_only_the_whole_name_finds_anybody(people: People, rose: str) -> None:
    people.visit("Rose Nyberg Hale", "14:00")
    jean = staff(people, "jean")
    for part in ("Rose", "Nyberg", "R N", "Rose Ny", "Rose Nyberg Hal", "Nobody Here"):
        assert declaring.find(jean, COVERING, part) == ()
        people.clock.forward(hours=2)
    for whole in ("Rose Nyberg", "nyberg rose", "ROSE  NYBERG"):
        assert [one.name for one in declaring.find(jean, COVERING, whole)] == [ROSE]
    said = acts(people, Did.LOOKED_FOR_CLIENT)
    assert [outcome for _, outcome, _ in said] == ["nobody"] * 6 + ["found"] * 3
    assert {reason for *_, reason in said} == {"covering"}


def test_trying_one_name_after_another_is_slowed_down(people: People, rose: str) -> None:
    jean = staff(people, "jean")
    for number in range(5):
        declaring.find(jean, COVERING, f"Nobody {number}")
    with pytest.raises(TooManyTries):
        declaring.find(jean, COVERING, ROSE)


def test_the_card_opens_for_an_hour_for_this_person_only_and_to_look_at(people: People, allows: str) -> None:
    jean = staff(people, "jean")
    with pytest.raises(NotFound):
        card.card(jean, allows)
    access_id = opened(people, jean)
    shown = card.declared_card(jean, access_id)
    assert (shown.name, shown.lead, shown.reviewed) == (ROSE, "Opened with a reason, until 1:00 PM", None)
    assert card.declared_may_tell(jean, access_id, "Kirsten Nyberg", "whereabouts").yes
    assert [row.name for row in declaring.open_now(jean)] == [ROSE]
    for others in (card.card, card.reviewed):
        with pytest.raises(NotFound):
            others(jean, allows)
    with pytest.raises(NotFound):
        card.declared_card(people.therapist, access_id)
    people.clock.forward(minutes=60)
    for ended in (card.declared_card, lambda by, it: card.declared_may_tell(by, it, "x", "whereabouts")):
        with pytest.raises(NotFound):
            ended(jean, access_id)
    assert declaring.open_now(jean) == ()


def test_a_client_whose_name_was_not_given_does_not_open_by_their_id(people: People, rose: str) -> None:
    people.visit("Theo Okafor", "14:00")
    jean = staff(people, "jean")
    (theo,) = declaring.find(jean, COVERING, "Theo Okafor")
    with pytest.raises(NotFound):
        declaring.open_other(jean, COVERING, ROSE, theo.id)
    assert people.count(DeclaredAccess) == 0


def test_a_signed_record_opens_for_the_own_therapist_and_for_another_with_a_reason(
    people: People, allows: str
) -> None:
    (record,) = visit_page.visit_view(people.desk, allows).records
    jean = staff(people, "jean")
    assert records.pdf(people.therapist, record.id).startswith(b"%PDF")
    with pytest.raises(NotFound):
        records.pdf(jean, record.id)
    opened(people, jean)
    assert records.pdf(jean, record.id).startswith(b"%PDF")
    people.clock.forward(minutes=61)
    with pytest.raises(NotFound):
        records.pdf(jean, record.id)


def test_the_reason_is_kept_under_the_clients_key_and_the_owner_reads_it(people: People, rose: str) -> None:
    ruth = staff(people, "ruth")
    access_id = opened(people, staff(people, "jean"))
    emergency.declare(people.desk, FELL)
    with access.transaction(people.system) as desk:
        kept = desk.session.get_one(DeclaredAccess, access_id).reason_sealed
        assert b"she is ill" not in kept
    seen = declaring.all_declared(ruth)
    assert {(row.by, row.client, row.reason) for row in seen.rows} == {
        ("Jean Hale", ROSE, "I am covering for a colleague: she is ill"),
        ("Dorothy Hale", ROSE, "She fell"),
    }
    assert (seen.unseen, declaring.all_declared(ruth).unseen) == (2, 2)
    for row in seen.rows:
        declaring.mark_seen(ruth, row.id)
        declaring.mark_seen(ruth, row.id)
    assert declaring.all_declared(ruth).unseen == 0
    assert len(acts(people, Did.SAW_DECLARED)) == 2
    assert all(row.seen == "Ruth Hale, 23 November" for row in declaring.all_declared(ruth).rows)
    with pytest.raises(NotFound):
        declaring.mark_seen(ruth, "nobody")


def test_anybody_who_works_here_opens_the_emergency_contact_and_nothing_else(
    people: People, allows: str
) -> None:
    for name in ("dorothy", "sophia", "jean", "ruth"):
        by = staff(people, name)
        (contact,) = emergency.view(by, emergency.declare(by, FELL)).contacts
        assert (contact.name, contact.relation, contact.phone) == (
            "Kirsten Nyberg",
            "daughter",
            "512 555 0142",
        )
        assert (contact.allowed, contact.may_say) == (
            True,
            ("that an emergency happened", "where the client is"),
        )
        assert contact.not_say == ("health information that the client gave us",)
    assert acts(people, Did.DECLARED_EMERGENCY) == [("declared an emergency", "done", "emergency")] * 4


@pytest.mark.parametrize(
    ("name", "typed"), [("Łukasz O’Brien", "lukasz obrien"), ("Mary J. Lund-Hale", "Mary J Lundhale")]
)
def test_who_is_typed_as_a_keyboard_has_it_is_found_in_an_emergency_and_to_be_opened(
    people: People, name: str, typed: str
) -> None:
    people.visit(name)
    assert emergency.declare(people.desk, {**FELL, "name": typed})
    assert [one.name for one in declaring.find(staff(people, "jean"), COVERING, typed)] == [name]


def test_a_refusal_is_said_and_does_not_hide_whom_to_call(people: People) -> None:
    for name, answers, asked in (
        ("Rose Nyberg", {**ALLOWS_HER_DAUGHTER, "may_call_emergency": "refuse"}, True),
        ("Theo Okafor", None, False),
    ):
        visit = people.visit(name)
        if answers:
            people.signs(people.sits_down(visit), "emergency_contact", answers)
        shown = emergency.view(people.desk, emergency.declare(people.desk, {**FELL, "name": name}))
        assert [(one.allowed, one.asked, one.may_say) for one in shown.contacts] == (
            [(False, True, ())] if asked else []
        )


def said(people: People, **given: str) -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        emergency.declare(people.desk, {**FELL, **given})
    return wrong.value.problems


def test_a_wrong_name_a_part_of_one_and_a_wrong_birth_date_hear_the_same_words(
    people: People, rose: str
) -> None:
    born: dict[str, Any] = {"month": "4", "day": "27", "year": "1956"}
    heard = [said(people, name=name) for name in ("Nobody Here", "Rose", "Rose Nybergh")]
    heard.append(said(people, **{**born, "day": "28"}))
    assert all(one == {"name": emergency.NOBODY} for one in heard)
    assert emergency.declare(people.desk, {**FELL, **born})
    assert {outcome for _, outcome, _ in acts(people, Did.LOOKED_FOR_CLIENT)} == {"nobody", "found"}


def test_namesakes_are_told_apart_by_the_birth_date(people: People, rose: str) -> None:
    people.visit(ROSE, "15:00", year="1990")
    assert said(people) == {"month": emergency.WHICH}
    assert emergency.declare(people.desk, {**FELL, "month": "4", "day": "27", "year": "1990"})


def test_that_several_have_a_name_is_shown_to_the_owner_and_opens_nothing(people: People, rose: str) -> None:
    people.visit(ROSE, "15:00", year="1990")
    said(people)
    shown = declaring.all_declared(staff(people, "ruth"))
    assert shown.unseen == 2
    assert {(row.by, row.client, row.kind, row.reason) for row in shown.rows} == {
        ("Dorothy Hale", ROSE, declaring.KINDS["namesake"], "She fell")
    }
    for row in shown.rows:
        with pytest.raises(NotFound):
            emergency.view(people.desk, row.id)
    assert (
        acts(people, *DECLARED - {Did.LOOKED_FOR_CLIENT})
        == [(Did.TOLD_OF_NAMESAKES, "done", "emergency")] * 2
    )


def test_who_asks_again_for_a_name_that_several_have_is_one_row_for_each_until_an_hour_or_the_owner_saw_it(
    people: People, rose: str
) -> None:
    people.visit(ROSE, "15:00", year="1990")
    ruth = staff(people, "ruth")
    for _ in range(3):
        assert said(people) == {"month": emergency.WHICH}
    assert declaring.all_declared(ruth).unseen == 2
    assert len(acts(people, Did.TOLD_OF_NAMESAKES)) == 2
    assert [outcome for _, outcome, _ in acts(people, Did.LOOKED_FOR_CLIENT)] == ["several"] * 3
    with pytest.raises(Invalid):
        emergency.declare(people.therapist, FELL)
    assert declaring.all_declared(ruth).unseen == 4, "somebody else is told too"
    people.clock.forward(minutes=61)
    said(people)
    assert declaring.all_declared(ruth).unseen == 6
    for row in declaring.all_declared(ruth).rows:
        declaring.mark_seen(ruth, row.id)
    said(people)
    assert declaring.all_declared(ruth).unseen == 2


def test_trying_names_in_an_emergency_is_slowed_down_and_never_for_long(people: People, rose: str) -> None:
    for number in range(10):
        assert said(people, name=f"Nobody {number}") == {"name": emergency.NOBODY}
    assert said(people) == {"name": emergency.SLOWED}
    assert emergency.declare(staff(people, "ruth"), FELL), "nobody else waits"
    people.clock.forward(seconds=11)
    assert said(people, name="Nobody Else") == {"name": emergency.NOBODY}
    assert said(people) == {"name": emergency.SLOWED}
    for _ in range(20):
        people.clock.forward(minutes=1)
        assert said(people, name="Nobody Else") == {"name": emergency.NOBODY}
    people.clock.forward(minutes=1)
    assert emergency.declare(people.desk, FELL)


def test_without_a_name_or_a_reason_nothing_opens(people: People, rose: str) -> None:
    assert set(said(people, name=" ", reason="")) == {"name", "reason"}
    assert people.count(DeclaredAccess) == 0


def test_an_emergency_opens_for_whoever_declared_it_and_ends(people: People, rose: str) -> None:
    access_id = emergency.declare(people.desk, FELL)
    for by, it in ((people.therapist, access_id), (people.desk, "nothing")):
        with pytest.raises(NotFound):
            emergency.view(by, it)
    with pytest.raises(NotFound):
        card.declared_card(staff(people, "jean"), access_id)
    people.clock.forward(minutes=61)
    with pytest.raises(NotFound):
        emergency.view(people.desk, access_id)


def test_one_damaged_client_hides_nobody_in_an_emergency(people: People, rose: str) -> None:
    from kiosk.vault import tables

    other = people.visit("Theo Okafor", "14:00")
    with access.transaction(people.system) as desk:
        client = desk.session.get_one(tables.Client, desk.session.get_one(tables.Visit, other).client_id)
        client.profile_sealed = b"x" * 40
    people.practice.vault.names.forget()
    assert emergency.view(people.desk, emergency.declare(people.desk, FELL)).client == ROSE


def test_only_the_owner_sees_what_was_declared_and_only_therapists_declare(people: People) -> None:
    for by in (people.desk, people.therapist):
        for view in (declaring.all_declared, lambda by: trail.view(by, Wanted())):
            with pytest.raises(NotAllowed):
                view(by)
    for by in (people.desk, staff(people, "ruth")):
        with pytest.raises(NotAllowed):
            declaring.find(by, COVERING, ROSE)
