"""Who may sign for whom: the client, a parent or guardian of a minor, a guardian or agent of an adult.

45 CFR 164.502(g): somebody who signs for another says by what right, except a client who signs alone.
"""

from forms.definition import CLIENT, About, Form

SIGNERS = (CLIENT, "parent", "guardian", "agent")
AS_PARENT = ("parent", "guardian")  # sign for a minor because of the age, until it ends


def who_may_sign(form: Form, about: About) -> tuple[str, ...]:
    """In which capacities this form may be signed for this client on this day.

    A minor does not sign alone; a parent does not sign for somebody of age. Where no birth date is on
    file, the client is taken to be of age.
    """
    allowed = AS_PARENT if about.is_minor else (CLIENT, "guardian", "agent")
    return tuple(signer for signer in form.signer if signer in allowed)


def needs_authority(signer: str) -> bool:
    """Whether by what right somebody signs is to be written down."""
    return signer != CLIENT


def ended_at_majority(signer: str, signed_about: About, now: About) -> bool:
    """Whether somebody else signed for a minor who has come of age since."""
    return signer in AS_PARENT and signed_about.is_minor and now.age is not None and not now.is_minor
