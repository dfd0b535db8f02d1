"""What clients of the tests sign, in a few words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from forms.catalog import load_catalog
from forms.decisions import Decision, Signing, decisions_of
from forms.definition import UNKNOWN, About

CATALOG = load_catalog()
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KIRSTEN, JOAN, GIVER, ORTIZ = "Kirsten Nyberg", "Joan Keller", "Bernard Givens", "Dr. Ortiz"

EMERGENCY_YES: Mapping[str, Any] = {
    "contact": {"name": KIRSTEN, "relation": "daughter"},
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "allow",
}

RELEASE: Mapping[str, Any] = {
    "has_clinician": "yes",
    "clinician": {"name": ORTIZ, "role": "physician"},
    "may_speak": "allow",
    "what_to_tell": ["visit_dates", "progress"],
    "which_way": "both",
    "for_what": "my back",
    "ends_how": "on_day",
    "ends_on": "2027-04-30",
}


def signed(
    form: str,
    answers: Mapping[str, Any],
    at: datetime = NOW,
    record: str = "",
    *,
    signer: str = "client",
    about: About = UNKNOWN,
) -> tuple[Decision, ...]:
    """The decisions of a shipped form with these answers."""
    signing = Signing(record or f"{form} {at}", at, "en", "tablet", signer, about)
    return decisions_of(CATALOG.form(form), answers, signing)
