"""The one table of question kinds; each is a module of its own beside this one."""

from collections.abc import Mapping

from forms.kinds import (
    address,
    choice,
    choices,
    clinician,
    date,
    decision,
    email,
    initials,
    long_text,
    name,
    notice,
    person,
    phone,
    short_text,
    signature,
    yes_no,
)
from forms.kinds.kind import Kind, Part, Problem

KINDS: Mapping[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        notice,
        decision,
        yes_no,
        choice,
        choices,
        short_text,
        long_text,
        name,
        person,
        clinician,
        phone,
        email,
        date,
        address,
        initials,
        signature,
    )
}

__all__ = ["KINDS", "Kind", "Part", "Problem"]
