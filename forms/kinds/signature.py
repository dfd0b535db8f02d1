"""Where a form is signed; the signature itself is part of the record, not of the answers."""

from typing import Any

from forms.definition import Question
from forms.kinds.kind import NO_LABEL, Kind, Part, Raw, say_plain


def _coerce(question: Question, raw: Raw, lang: str) -> Any:
    return None


KIND = Kind("signature", (Part("", NO_LABEL, "signature"),), _coerce, say_plain, answered=False)
