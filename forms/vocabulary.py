"""The small closed vocabulary of consent: purposes, topics, and what is never a permission.

Codes are those of HL7 v3 ActReason (PurposeOfUse) and of FHIR R4 Consent; docs/forms.md prints these
tables for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Purpose:
    """`code` is the nearest of `http://terminology.hl7.org/CodeSystem/v3-ActReason`."""

    words: str
    code: str


@dataclass(frozen=True)
class Topic:
    """`protected`: the law protects it further, so it is granted only where it was ticked by itself."""

    words: str
    protected: bool = False


PURPOSES: Mapping[str, Purpose] = {
    "thank_referrer": Purpose("to thank who referred the client", "HOPERAT"),
    "confirm_gift": Purpose("to say that a gift certificate was used", "HOPERAT"),
    "emergency": Purpose("to reach somebody in an emergency", "ETREAT"),
    "wellbeing": Purpose("to speak about a worry", "FAMRQT"),
    "coordinate_care": Purpose("to work together with a clinician", "COC"),
    "logistics": Purpose("appointments, forms and receipts", "HOPERAT"),
    "write_story": Purpose("to write about the work, with what identifies changed", "TRAIN"),
}

TOPICS: Mapping[str, Topic] = {
    "has_visited": Topic("that the client came to us"),
    "gift_used": Topic("that a gift certificate was used"),
    "emergency_happened": Topic("that an emergency happened"),
    "whereabouts": Topic("where the client is"),
    "wellbeing": Topic("a worry about the client’s wellbeing"),
    "health_given": Topic("health information that the client gave us"),
    "visit_dates": Topic("when the client has been here"),
    "treatment": Topic("which treatment was given"),
    "progress": Topic("how treatment goes"),
    "precautions": Topic("what to be careful about in treatment"),
    "own_words": Topic("what the client described in their own words"),
    "hiv": Topic("anything about HIV", protected=True),
    "reproductive": Topic("anything about having children", protected=True),
    "genetic": Topic("results about genes", protected=True),
    "appointments": Topic("appointments"),
    "forms": Topic("forms to fill in or copies of them"),
    "receipts": Topic("receipts"),
    "called": Topic("that the practice called"),
    "story": Topic("a story about the work, with what identifies changed"),
}

# Never a permission: a declared act with a reason, which the owner is shown (45 CFR 164.510, 164.512).
EXCEPTIONS: Mapping[str, str] = {
    "imminent_danger": "somebody is in clear and immediate danger",
    "abuse_or_neglect": "a child, or an adult who cannot protect themselves, may be abused or neglected",
    "medical_emergency": "a medical emergency",
    "court_order": "a court orders it",
}

# FHIR R4 `Consent.status`, and `Consent.provision.type`, for each state of a decision.
FHIR_PROVISION: Mapping[str, str] = {"allowed": "permit", "refused": "deny", "not_asked": "deny"}
