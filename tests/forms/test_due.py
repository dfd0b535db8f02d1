"""Which forms a client owes, and why; and the periods after which one is asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalog import load_catalog
from forms.definition import Period
from forms.due import ENDS_SOON, EXPIRED, SOMEBODY_ELSE, Circumstances, Signed, due
from forms.periods import after, parse_period

FORMS = load_catalog().offering(covered=False).current()
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def a_signing(
    form: str, at: datetime = NOW, *, version: int = 1, ended: datetime | None = None, complete: bool = True
):
    return Signed(form, version, at, ended, complete=complete)


def owed(*signings: Signed, at: datetime = NOW) -> dict[str, str]:
    return {one.form_id: one.why for one in due(FORMS, signings, at)}


def test_a_new_client_owes_everything_what_is_needed_before_the_session_first():
    assert [one.form_id for one in due(FORMS, (), NOW)] == [
        "contact_details",
        "confidentiality",
        "emergency_contact",
        "referral_thanks",
        "clinician_release",
        "email_logistics",
        "story_permission",
    ]
    assert set(owed().values()) == {"never"}


def test_what_was_signed_is_not_owed():
    assert "confidentiality" not in owed(a_signing("confidentiality"))


def test_what_was_signed_tomorrow_or_only_in_part_is_still_owed():
    assert owed(a_signing("confidentiality", NOW + timedelta(days=1)))["confidentiality"] == "never"
    assert owed(a_signing("confidentiality", complete=False))["confidentiality"] == "never"


def test_a_new_version_is_asked_again():
    assert owed(a_signing("confidentiality", version=0))["confidentiality"] == "new_version"


def test_another_wording_alone_asks_nobody_again():
    old = Signed("confidentiality", 0, NOW)
    for same, asked in ((True, False), (False, True)):
        found = due(FORMS, [old], NOW, same_words={("confidentiality", 0): same})
        assert ("confidentiality" in {one.form_id for one in found}) is asked


def test_what_runs_out_within_a_month_is_asked_in_time_unless_it_was_signed_just_now():
    signed = datetime(2024, 12, 20, 9, 0, tzinfo=UTC)
    assert owed(a_signing("emergency_contact", signed))["emergency_contact"] == ENDS_SOON
    just_now = Signed("clinician_release", 1, NOW, until=(NOW + timedelta(days=10)).date())
    assert "clinician_release" not in owed(just_now)
    assert owed(just_now, at=NOW + timedelta(days=11))["clinician_release"] == EXPIRED


def test_the_last_day_that_the_client_chose_counts_beside_the_form_s_own_period():
    until = Signed("clinician_release", 1, NOW - timedelta(days=90), until=NOW.date())
    assert owed(until)["clinician_release"] == ENDS_SOON
    assert owed(until, at=NOW + timedelta(days=1))["clinician_release"] == EXPIRED


def test_a_month_is_thirty_days_to_the_minute_for_a_period_and_to_the_day_for_a_date():
    month, minute = timedelta(days=30), timedelta(minutes=1)
    ends = datetime(2026, 12, 23, 15, 0, tzinfo=UTC)
    assert owed(a_signing("emergency_contact", ends.replace(year=2024)))["emergency_contact"] == ENDS_SOON
    assert "emergency_contact" not in owed(a_signing("emergency_contact", ends.replace(year=2024) + minute))

    def release(signed: datetime, until: datetime) -> str | None:
        return owed(Signed("clinician_release", 1, signed, until=until.date())).get("clinician_release")

    assert release(NOW - 2 * month, ends - timedelta(days=1)) == ENDS_SOON
    assert release(NOW - 2 * month, ends) is None
    assert release(NOW - month, NOW) == ENDS_SOON
    assert release(NOW - month + minute, NOW) is None, "signed only just now"


def test_a_form_about_somebody_is_asked_again_when_the_profile_names_somebody_else():
    contact = a_signing("emergency_contact", NOW - timedelta(days=3))

    def why(place: str, days: int) -> str | None:
        since = Circumstances(renamed={place: NOW - timedelta(days=days)})
        found = {one.form_id: one.why for one in due(FORMS, [contact], NOW, since)}
        return found.get("emergency_contact")

    assert why("client.emergency_contact", 1) == SOMEBODY_ELSE
    assert why("client.emergency_contact", 3) is None, "named by this very form"
    assert why("client.referred_by", 1) is None


def test_what_was_taken_back_is_asked_again_from_that_moment():
    taken_back = a_signing("emergency_contact", NOW, ended=NOW + timedelta(hours=1))
    assert "emergency_contact" not in owed(taken_back)
    assert owed(taken_back, at=NOW + timedelta(hours=1))["emergency_contact"] == "taken_back"


def test_after_two_years_it_is_asked_again():
    signing = a_signing("emergency_contact", datetime(2026, 2, 28, 9, 0, tzinfo=UTC))
    assert "emergency_contact" not in owed(signing, at=datetime(2028, 1, 20, 8, 59, tzinfo=UTC))
    assert owed(signing, at=datetime(2028, 2, 28, 9, 0, tzinfo=UTC))["emergency_contact"] == "expired"
    assert "confidentiality" not in owed(a_signing("confidentiality"), at=NOW.replace(year=2066))


def test_the_latest_signing_counts_whatever_the_order():
    old = a_signing("emergency_contact", NOW - timedelta(days=900), ended=NOW - timedelta(days=800))
    new = a_signing("emergency_contact", NOW - timedelta(days=1))
    assert "emergency_contact" not in owed(old, new)
    assert "emergency_contact" not in owed(new, old)


def test_of_two_signed_at_one_moment_the_one_filed_last_counts():
    kept, ended = a_signing("emergency_contact"), a_signing("emergency_contact", ended=NOW)
    assert "emergency_contact" not in owed(ended, kept)
    assert owed(kept, ended)["emergency_contact"] == "taken_back"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P2Y", Period(years=2)),
        ("P6M", Period(months=6)),
        ("P90D", Period(days=90)),
        ("P1Y6M2D", Period(1, 6, 2)),
    ],
)
def test_a_period_is_read(text: str, period: Period):
    assert parse_period(text) == period


@pytest.mark.parametrize("text", ["", "P", "P0D", "2Y", "P2W", "PT1H", "P-1Y", "P1D1Y", "P2Y ", "P1.5Y"])
def test_anything_else_is_no_period(text: str):
    with pytest.raises(ValueError, match="no period like P2Y or P6M"):
        parse_period(text)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2028-02-29", "P4Y", "2032-02-29"),
        ("2027-01-31", "P1M", "2027-02-28"),
        ("2027-12-31", "P2M", "2028-02-29"),
        ("2026-11-23", "P14M", "2028-01-23"),
        ("2028-02-28", "P2D", "2028-03-01"),
    ],
)
def test_a_period_ends_on_a_day_that_there_is(start: str, text: str, end: str):
    assert after(datetime.fromisoformat(start), parse_period(text)) == datetime.fromisoformat(end)


@given(
    start=st.integers(0, 36_500).map(lambda days: datetime(2000, 1, 1, 9, tzinfo=UTC) + timedelta(days=days)),
    period=st.builds(Period, st.integers(0, 30), st.integers(0, 30), st.integers(0, 400)),
)
def test_a_period_never_ends_before_it_began(start: datetime, period: Period):
    end = after(start, period)
    assert end >= start
    assert end.timetz() == start.timetz()
    assert end <= after(start, Period(period.years, period.months, period.days + 1))
