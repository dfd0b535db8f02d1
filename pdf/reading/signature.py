"""Whether something was signed: ink of some length in the field. Never whose hand it is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pdf.field_map import Field
from pdf.opening import Pixels
from pdf.reading.ink import ink_of
from pdf.reading.values import PX_PER_POINT, FieldRead

INSET = 0.06
NOTHING_POINTS = 4.0  # a speck, a fold
SIGNED_POINTS = 22.0  # a short stroke or a cross is a signature too
LITTLE = "there is only a small mark"


def read_signature(page: Pixels, field: Field) -> FieldRead:
    """True, False or not sure, by how far the ink reaches."""
    ink = ink_of(page, field.box, INSET)
    rows, columns = np.nonzero(_without_specks(ink))
    reach = 0.0
    if rows.size:
        reach = float(np.hypot(np.ptp(rows), np.ptp(columns))) / PX_PER_POINT
    if reach >= SIGNED_POINTS:
        return FieldRead(field, True, 0.95, True)
    if reach <= NOTHING_POINTS:
        return FieldRead(field, False, 0.95, True)
    return FieldRead(field, None, 0.5, False, LITTLE)


def _without_specks(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without single pixels: noise of the scanner."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    large = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= 12]
    return np.asarray(np.isin(labels, large))
