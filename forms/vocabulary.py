"""The small closed vocabulary of consent: purposes, and topics that somebody may be told about."""

from collections.abc import Mapping

# purpose -> in words; beside each the nearest code of HL7 v3 PurposeOfUse, as FHIR R4 Consent uses it.
PURPOSES: Mapping[str, str] = {
    "thank_referrer": "to thank who referred the client",  # HOPERAT
    "confirm_gift": "to say that a gift certificate was used",  # HOPERAT
    "emergency": "to reach somebody in an emergency",  # ETREAT
    "wellbeing": "to speak about a worry",  # FAMRQT
    "coordinate_care": "to work together with a clinician",  # COC
    "logistics": "appointments, forms and receipts",  # HOPERAT
}

TOPICS: Mapping[str, str] = {
    "has_visited": "that the client came to us",
    "gift_used": "that a gift certificate was used",
    "emergency_happened": "that an emergency happened",
    "whereabouts": "where the client is",
    "wellbeing": "a worry about the client's wellbeing",
    "health_given": "health information that the client gave us",
    "visit_dates": "when the client has been here",
    "treatment": "which treatment was given",
    "progress": "how treatment goes",
    "precautions": "what to be careful about in treatment",
    "appointments": "appointments",
    "forms": "forms to fill in or copies of them",
    "receipts": "receipts",
}
