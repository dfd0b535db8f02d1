"""Who may sign for whom, and what that means on the day a client comes of age."""

from datetime import date, datetime

import pytest

from forms.definition import About
from forms.due import OF_AGE, Circumstances, Signed, due
from forms.signers import needs_authority, who_may_sign
from tests.forms.signing import CATALOG, DAY, NOW

TODAY = NOW.date()
CHILD, ADULT = About(TODAY, date(2012, 5, 1)), About(TODAY, date(1980, 5, 1))
FORM = CATALOG.form("emergency_contact")


def test_a_minor_does_not_sign_alone_and_a_parent_not_for_somebody_of_age():
    assert who_may_sign(FORM, CHILD) == ("parent", "guardian")
    assert who_may_sign(FORM, ADULT) == tuple(one for one in FORM.signer if one != "parent")
    assert who_may_sign(FORM, About(TODAY)) == who_may_sign(FORM, ADULT)


@pytest.mark.parametrize(
    ("born", "majority", "minor"),
    [
        (date(2008, 11, 23), 18, False),
        (date(2008, 11, 24), 18, True),
        (date(2008, 11, 23), 19, True),
        (date(2008, 2, 29), 18, False),
    ],
)
def test_the_day_of_coming_of_age_is_a_setting(born: date, majority: int, minor: bool):
    assert About(TODAY, born, majority).is_minor is minor


def test_somebody_born_on_29_february_comes_of_age_on_1_march():
    born = date(2008, 2, 29)
    assert About(date(2026, 2, 28), born).age == 17
    assert About(date(2026, 3, 1), born).age == 18


def test_by_what_right_somebody_else_signs_is_written_down():
    assert [needs_authority(one) for one in ("client", "parent", "guardian", "agent")] == [
        False,
        True,
        True,
        True,
    ]


def owed(signer: str, signed: datetime, born: date, majority: int = 18) -> dict[str, str]:
    today = Circumstances(About(TODAY, born, majority))
    one = Signed("confidentiality", 1, signed, signer=signer)
    return {found.form_id: found.why for found in due(CATALOG.current(), [one], NOW, today)}


def test_what_a_parent_signed_is_due_again_once_the_client_is_of_age():
    before = NOW - 60 * DAY
    assert owed("parent", before, date(2008, 11, 1))["confidentiality"] == OF_AGE
    assert "confidentiality" not in owed("parent", before, date(2009, 11, 1))
    assert "confidentiality" not in owed("guardian", before, date(1980, 11, 1)), "a dependent adult"
    assert "confidentiality" not in owed("client", before, date(2008, 11, 1))


def test_where_one_is_of_age_at_nineteen_what_a_parent_signed_at_eighteen_is_due_again():
    before = NOW - 60 * DAY
    assert owed("parent", before, date(2007, 11, 1), majority=19)["confidentiality"] == OF_AGE
    assert "confidentiality" not in owed("parent", before, date(2007, 11, 1))
