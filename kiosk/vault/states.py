"""The states that visits, scans, sheets and batches move through, and the only edges between them."""

from collections.abc import Mapping
from enum import StrEnum


class VisitState(StrEnum):
    EXPECTED = "expected"
    ARRIVED = "arrived"
    ON_TABLET = "on_tablet"
    WITH_THERAPIST = "with_therapist"
    LEFT = "left"
    NOT_COME = "not_come"


class SessionStage(StrEnum):
    """How far somebody came in: an open session is the only one that opens anything."""

    OPEN = "open"
    SECOND_FACTOR = "second_factor"  # the passphrase was right
    ENROL = "enrol"  # it was, and there is no second factor yet
    LOCKED = "locked"  # waits for the PIN


class ScanState(StrEnum):
    """One received file. `READ` says that each of its pages has been dealt with or waits for a person."""

    STORED = "stored"
    READING = "reading"
    READ = "read"
    DUPLICATE = "duplicate"


class PageState(StrEnum):
    """One page of a scan: belongs to a sheet, or waits for a person to decide."""

    ON_SHEET = "on_sheet"
    PROBLEM = "problem"
    FILED_BY_HAND = "filed_by_hand"
    RESCAN_ASKED = "rescan_asked"
    RETURNED = "returned"


class SheetState(StrEnum):
    """One printed twin, from the printer to the shredder (the design, section 7)."""

    PRINTED = "printed"
    INCOMPLETE = "incomplete"
    AWAITING = "awaiting_confirmation"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    BATCHED = "in_shred_batch"
    SHREDDED = "shredded"
    RETURNED = "returned"
    HELD = "held"


class BatchState(StrEnum):
    OPEN = "open"
    SHREDDED = "shredded"
    HELD = "held"


SHEET_EDGES: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.PRINTED: frozenset({SheetState.INCOMPLETE, SheetState.AWAITING}),
    SheetState.INCOMPLETE: frozenset({SheetState.AWAITING, SheetState.RETURNED}),
    SheetState.AWAITING: frozenset({SheetState.CONFIRMED, SheetState.RETURNED}),
    SheetState.CONFIRMED: frozenset({SheetState.CLEARED, SheetState.HELD}),
    SheetState.CLEARED: frozenset({SheetState.BATCHED, SheetState.HELD}),
    SheetState.BATCHED: frozenset({SheetState.SHREDDED, SheetState.HELD, SheetState.CLEARED}),
    SheetState.SHREDDED: frozenset(),
    SheetState.RETURNED: frozenset(),
    SheetState.HELD: frozenset({SheetState.CONFIRMED}),
}
