"""What stands on a sheet, in the words in which a person is asked to confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.definition import Form, Question
from forms.kinds import KINDS
from kiosk.access import Desk
from kiosk.actions.readings import MARKED, NOT_MARKED, NOT_SIGNED, SIGNED
from kiosk.vault import tables

UNCLEAR = ("U", "unclear", "Unclear")
EMPTY_BOXES = ("N", "", "Nothing marked")
SIGNERS = (("self", "Myself"), ("parent", "Parent"), ("guardian", "Guardian"), ("agent", "Agent"))
OWN_LABELS = {"_signer": "Signs as", "_signer_by": "Signs by what right", "_date": "Date of signing"}
DATE_PARTS = {"month": "month", "day": "day", "year": "year"}


@dataclass(frozen=True)
class Asked:
    """One value on paper: its label, how it is confirmed, and its options as (key, id, label)."""

    label: str
    kind: str
    options: tuple[tuple[str, str, str], ...]
    inputmode: str = "text"

    def say(self, value: str | None) -> str:
        if value is None:
            return "could not be read"
        for _, option, label in self.options:
            if option == value:
                return label
        return value or "left empty"


def asked(desk: Desk, sheet: tables.Sheet, question_id: str, part: str) -> Asked:
    """How to ask a person about a value that was read."""
    form = desk.practice.catalog.form(sheet.form, sheet.version)
    if question_id == "_signature":
        return _signature("Signature")
    if question_id == "_signer":
        return Asked(OWN_LABELS["_signer"], "ticks", keyed(SIGNERS))
    if question_id.startswith("_"):
        label = OWN_LABELS[question_id] + (f", {DATE_PARTS[part]}" if part else "")
        return Asked(label, "comb" if part else "line", (), "numeric" if part else "text")
    return _asked(form, form.question(question_id), part, sheet.lang)


def _asked(form: Form, question: Question, part: str, lang: str) -> Asked:
    label = question.ask.on_paper(lang)
    kind = KINDS[question.kind]
    if question.kind == "signature":
        return _signature("Signature")
    if question.kind == "choices":
        option = next(option for option in question.options if option.id == part)
        ask = label if label.endswith("?") else f"{label}:"
        return Asked(f"{ask} {option.label.say(lang)}", "ticks", keyed(_boxes()))
    if options := kind.options(question, lang, paper=True):
        return Asked(label, "ticks", keyed(options))
    found = next(piece for piece in kind.parts if piece.id == part)
    if part:
        label = f"{label} {found.label.say(lang)}"
    return Asked(label, "comb" if found.mark == "comb" else "line", (), found.inputmode)


def _boxes() -> tuple[tuple[str, str], ...]:
    return ((MARKED, "Marked"), (NOT_MARKED, "Not marked"))


def _signature(label: str) -> Asked:
    options = (("S", SIGNED, "Signed"), ("N", NOT_SIGNED, "Not signed"), UNCLEAR)
    return Asked(label, "signature", options)


def keyed(options: Sequence[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Each option with a key to press: its first free letter, else a digit."""
    taken = {UNCLEAR[0], EMPTY_BOXES[0]}
    found = []
    for number, (option, label) in enumerate(options, 1):
        letters = [letter for letter in label.upper() if "A" <= letter <= "Z"]
        key = next((letter for letter in letters if letter not in taken), str(number))
        taken.add(key)
        found.append((key, option, label))
    empty = () if any(option == NOT_MARKED for option, _ in options) else (EMPTY_BOXES,)
    return (*found, *empty, UNCLEAR)
