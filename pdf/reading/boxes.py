"""Tick boxes: empty, marked, or filled completely, which takes a mark back. In doubt: not sure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pdf.field_map import Field
from pdf.opening import Pixels
from pdf.reading.ink import ink_of, settled
from pdf.reading.values import FieldRead

INSET = 0.2
EMPTY_UNTIL, MARKED_FROM = 0.012, 0.05
MARKED_UNTIL, FILLED_FROM = 0.66, 0.82

FAINT = "the mark is faint"
DENSE = "the box is neither marked nor filled"
NONE = "no box is marked"
SEVERAL = "more than one box is marked"


def read_box(page: Pixels, field: Field) -> FieldRead:
    """How full a box is says what it is; the ranges between are left to a person."""
    ink = float(np.mean(ink_of(page, settled(page, field.box), INSET)))
    if ink <= EMPTY_UNTIL:
        return FieldRead(field, False, _apart(EMPTY_UNTIL - ink, EMPTY_UNTIL), True)
    if MARKED_FROM <= ink <= MARKED_UNTIL:
        room = min(ink - MARKED_FROM, MARKED_UNTIL - ink)
        return FieldRead(field, True, _apart(room, MARKED_FROM), True)
    if ink >= FILLED_FROM:
        return FieldRead(field, False, _apart(ink - FILLED_FROM, 1 - FILLED_FROM), True)
    return FieldRead(field, None, 0.5, False, FAINT if ink < MARKED_FROM else DENSE)


def _apart(room: float, whole: float) -> float:
    """Confidence from how far a measure lies from where it would be doubtful."""
    return round(min(1.0, 0.8 + 0.2 * room / whole), 3)


def judged(reads: Sequence[FieldRead]) -> list[FieldRead]:
    """The boxes of one question together: where one is meant, exactly one must be marked to be sure."""
    marked = sum(read.value is True for read in reads)
    if not reads[0].field.one_of or marked == 1:
        unsure = next((read.why for read in reads if not read.sure), None)
        if reads[0].field.one_of and unsure:
            return [replace(read, sure=False, why=read.why or unsure) for read in reads]
        return list(reads)
    why = SEVERAL if marked else NONE
    return [
        replace(read, sure=False, confidence=min(read.confidence, 0.5), why=read.why or why) for read in reads
    ]
