"""What kinds of several inputs share: one has the name, and phones among them are read as phones."""

from collections.abc import Mapping, Sequence

from forms.definition import Question, Text
from forms.kinds.kind import Coerce, Part, Problem, Raw, Say, clean
from forms.kinds.phone import read_phone


def coerce_several(parts: Sequence[Part], name_missing: Text) -> Coerce:
    """Reads each part that was filled in; something without a name is a Problem."""

    def coerce(question: Question, raw: Raw, lang: str) -> dict[str, str] | None:
        given = {part.id: clean(raw.get(part.id)) for part in parts}
        if not any(given.values()):
            return None
        if not given["name"]:
            raise Problem("name", name_missing.say(lang))
        for part in parts:
            if part.inputmode == "tel" and given[part.id]:
                read_phone(given[part.id], part.id, lang)
        return {part: said for part, said in given.items() if said}

    return coerce


def say_several(parts: Sequence[Part]) -> Say:
    def say(question: Question, value: Mapping[str, str], lang: str) -> str:
        return ", ".join(value[part.id] for part in parts if value.get(part.id))

    return say
