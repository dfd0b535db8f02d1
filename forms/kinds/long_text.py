"""Some lines of somebody's own words; line breaks are kept."""

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Raw, bounded, clean, say_plain


def _coerce(question: Question, raw: Raw, lang: str) -> str | None:
    lines = [clean(line) for line in str(raw.get("") or "").splitlines()]
    return bounded("\n".join(lines).strip(), "", lang, "lines") or None


KIND = Kind("long_text", (Part("", NO_LABEL, "line"),), _coerce, say_plain)
