"""Something to read; asks nothing."""

from typing import Any

from forms.definition import Question
from forms.kinds.kind import Kind, Raw, say_plain


def _coerce(question: Question, raw: Raw, lang: str) -> Any:
    return None


KIND = Kind("notice", (), _coerce, say_plain, answered=False)
