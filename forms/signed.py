"""What was signed, as one immutable value that people and machines can read without this project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from forms.answers import Shown
from forms.decisions import Decision

ELECTRONIC: Mapping[str, str] = {
    "en": "Signing on this screen counts as signing on paper. You can choose paper instead, and you get a "
    "copy whenever you ask.",
    "es": "Firmar en esta pantalla vale como firmar en papel. También puede elegir papel, y le damos una "
    "copia cuando la pida.",
}

TEXTS = (
    "id", "practice", "client_name", "client_born", "form_id", "form_title", "form_hash", "lang", "take_back",
    "channel", "client",
)  # fmt: skip
NO_TEXTS = ("version", "signed", "until", "topics")  # of a decision
Stroke = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Signature:
    """How a form was given: `way` is drawn (strokes of x, y, milliseconds, pressure), applied (drawn for
    another form of the same sitting at `drawn_at`), typed, marked (drawn, and `witness` saw it), paper,
    or given, where none is asked for.

    `name` is who signed, `signer` in which capacity, and `authority` by what right where it is not the
    client. `width` and `height` are the pad's, in CSS pixels; `at` is ISO 8601 with its offset.
    """

    way: str
    name: str
    strokes: tuple[Stroke, ...]
    width: float
    height: float
    at: str
    attest: str
    signer: str
    authority: str = ""
    drawn_at: str = ""
    witness: str = ""


@dataclass(frozen=True)
class SignedRecord:
    """One signed form: the very words shown, the answers, what they decide, and the evidence.

    Without a signature it is a preview. `client` is the practice's own id for whose it is: a name may change,
    and two people may share one. A record from before it was kept has none.
    """

    id: str
    practice: str
    client_name: str
    client_born: str
    form_id: str
    form_version: int
    form_title: str
    form_hash: str
    lang: str
    shown: tuple[Shown, ...]
    answers: Mapping[str, Any]
    decisions: tuple[Decision, ...]
    take_back: str
    signature: Signature | None
    evidence: Mapping[str, str]
    channel: str
    supersedes: str | None
    schema: int = 1
    client: str = ""

    def to_json(self) -> str:
        """Canonical: sorted keys, no spaces, so that equal records are equal bytes."""
        plain = asdict(self) | {"decisions": [decision.to_plain() for decision in self.decisions]}
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> SignedRecord:
        """Raises ValueError, KeyError or TypeError for what is no record."""
        plain = json.loads(text)
        signature = plain.pop("signature")
        if signature is not None:
            strokes = tuple(tuple(tuple(point) for point in stroke) for stroke in signature.pop("strokes"))
            signature = Signature(strokes=strokes, **signature)
        record = cls(
            shown=tuple(Shown(**shown) for shown in plain.pop("shown")),
            decisions=tuple(Decision.from_plain(decision) for decision in plain.pop("decisions")),
            signature=signature,
            **plain,
        )
        record._check()
        return record

    def _check(self) -> None:
        """Whoever has a key can seal whatever they like as a record. Raises TypeError."""
        texts = [getattr(self, name) for name in TEXTS] + [self.supersedes or ""]
        whole = isinstance(self.answers, dict) and isinstance(self.evidence, dict)
        if self.signature is not None:
            drawn = ("strokes", "width", "height")
            texts += [value for name, value in vars(self.signature).items() if name not in drawn]
        if whole:
            texts += self.evidence.values()
        for one in self.decisions:
            texts += [value for name, value in vars(one).items() if name not in NO_TEXTS] + list(one.topics)
            whole = whole and type(one.version) is int and one.signed.tzinfo is not None
        if not whole or type(self.form_version) is not int or not all(isinstance(one, str) for one in texts):
            raise TypeError("this is no record")
