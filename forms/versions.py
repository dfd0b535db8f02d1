"""What distinguishes two versions of a form: their content, or only their wording."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from forms.definition import Form, Text

WORDING, SUBSTANCE = "wording", "substance"

# What says how a form is offered and handled, and nothing about what was agreed.
HANDLING = frozenset("version languages minutes before_session order confirmed_by offer sign_again".split())


def content_hash(form: Form) -> str:
    """SHA-256 over all that a person reads and all that it means; the same on every machine.

    What is left at its default does not count, so that the language can grow without touching what was
    published before.
    """
    return _hash(_plain(form))


def substance_hash(form: Form) -> str:
    """The same without words and handling: equal where two versions differ in wording only."""
    plain: dict[str, Any] = _plain(form, words=False)
    return _hash({key: value for key, value in plain.items() if key not in HANDLING})


def difference(old: Form, new: Form) -> str:
    """Whether who signed the old version has signed the new one too (WORDING), or not (SUBSTANCE)."""
    return WORDING if not new.sign_again and substance_hash(old) == substance_hash(new) else SUBSTANCE


def _hash(plain: Any) -> str:
    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any, *, words: bool = True) -> Any:
    if isinstance(value, Text) and not words:
        return "words"
    if is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name), words=words)
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
    if isinstance(value, Mapping):
        return {key: _plain(inner, words=words) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner, words=words) for inner in value]
    return value
