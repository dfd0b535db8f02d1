"""What kinds of several inputs share: one must be there, and phones and emails are read as such."""

from collections.abc import Callable, Mapping, Sequence

from forms.definition import Question, Text
from forms.kinds.email import read_email
from forms.kinds.kind import Coerce, Part, Problem, Raw, Say, bounded, clean
from forms.kinds.phone import read_phone

READERS: Mapping[str, Callable[[str, str, str], str]] = {"tel": read_phone, "email": read_email}


def coerce_several(parts: Sequence[Part], needed: str, missing: Text) -> Coerce:
    """Reads each part that was filled in; without the `needed` one the others are a Problem."""

    def coerce(question: Question, raw: Raw, lang: str) -> dict[str, str] | None:
        given = {part.id: clean(raw.get(part.id)) for part in parts}
        if not any(given.values()):
            return None
        if not given[needed]:
            raise Problem(needed, missing.say(lang))
        for part in parts:
            bounded(given[part.id], part.id, lang)
            if part.inputmode in READERS and given[part.id]:
                READERS[part.inputmode](given[part.id], part.id, lang)
        return {part: said for part, said in given.items() if said}

    return coerce


def say_several(parts: Sequence[Part]) -> Say:
    def say(question: Question, value: Mapping[str, str], lang: str) -> str:
        return ", ".join(value[part.id] for part in parts if value.get(part.id))

    return say
