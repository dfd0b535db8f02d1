"""The card: what a client's records say at one moment, and what has changed since the last time."""

from datetime import UTC, date, datetime

from forms.decisions import ALLOWED, NOT_ASKED, REFUSED, Ending, by_record
from forms.standing import by_party, changes, standing
from tests.forms.signing import CATALOG, DAY, EMERGENCY_YES, GIVER, KIRSTEN, NOW, RELEASE, signed

FORMS = CATALOG.current()
CONTACT_ENDED = by_record([Ending("contact", NOW + 5 * DAY)])


def test_the_card_shows_allowed_first_then_refused_then_what_nobody_asked():
    decisions = signed("emergency_contact", EMERGENCY_YES) + signed(
        "referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "refuse"}
    )
    never_asked = [
        form for form in FORMS if form.grants and form.id not in ("emergency_contact", "referral_thanks")
    ]
    rows = by_party(standing(FORMS, decisions, {}, NOW))
    assert [(row.state, row.party) for row in rows] == [
        (ALLOWED, KIRSTEN),
        (REFUSED, GIVER),
        *((NOT_ASKED, form.title.say("en")) for form in never_asked),
    ]
    assert rows[0].says == (
        "in an emergency: what happened and where; in an emergency, also what was said about health, "
        "as far as needed. Not when you are only worried"
    )
    assert (rows[0].until, rows[0].ends_in_days) == (date(2028, 11, 23), 731)
    assert rows[1].says == "nothing"


def test_how_to_reach_the_client_stands_apart():
    answers = {"email": "rose@example.com", "may_email": "allow", "email_for": ["receipts"]}
    rows = by_party(standing((), signed("email_logistics", answers), {}, NOW))
    assert [(row.logistics, row.says) for row in rows] == [(True, "Email to rose@example.com: receipts")]


def test_what_ran_out_is_shown_as_ended_and_says_nothing_any_more():
    decisions = signed("clinician_release", RELEASE)
    rows = by_party(standing((), decisions, {}, NOW + 365 * DAY))
    assert [(row.state, row.says) for row in rows] == [("ended", "nothing")]


def test_changes_since_the_last_session_come_latest_first():
    contact = signed("emergency_contact", EMERGENCY_YES, NOW, "contact")
    release = signed("clinician_release", RELEASE, NOW + 2 * DAY, "release")
    thanks = signed(
        "referral_thanks", {"gift_from": {"name": GIVER}, "may_tell_giver": "refuse"}, NOW + 3 * DAY
    )
    at = NOW + 10 * DAY
    found = changes(contact + release + thanks, CONTACT_ENDED, NOW + DAY, at)
    assert [(change.kind, change.party) for change in found] == [
        ("taken_back", KIRSTEN),
        ("refused", GIVER),
        ("allowed", "Dr. Ortiz"),
    ]
    assert changes(contact + release + thanks, CONTACT_ENDED, at, at) == ()


def test_what_ran_out_since_then_is_a_change():
    release = signed("clinician_release", RELEASE)
    found = changes(release, {}, datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 5, 3, tzinfo=UTC))
    assert [(change.kind, change.on.date()) for change in found] == [("ended", date(2027, 4, 30))]
