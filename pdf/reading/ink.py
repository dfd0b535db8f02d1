"""How much ink lies in a box: measured against the paper around it, free of the printed frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pdf.field_map import Box
from pdf.opening import Pixels
from pdf.reading.values import PX_PER_POINT

INK_BELOW = 0.78  # of the paper's own brightness
SEARCH_PX = 5


def pixels_of(box: Box) -> tuple[int, int, int, int]:
    x, y, width, height = (round(value * PX_PER_POINT) for value in box)
    return x, y, width, height


def paper_level(page: Pixels, box: Box) -> float:
    """How bright the paper is around a box, whatever its shade."""
    x, y, width, height = pixels_of(box)
    pad = max(20, height)
    around = page[max(0, y - pad) : y + height + pad, max(0, x - pad) : x + width + pad]
    return float(np.percentile(around, 80)) if around.size else 255.0


def ink_of(page: Pixels, box: Box, inset: float) -> NDArray[np.bool_]:
    """Where ink is inside a box, `inset` (of its shorter side) away from its printed frame."""
    x, y, width, height = pixels_of(box)
    edge = round(min(width, height) * inset)
    inside = page[y + edge : y + height - edge, x + edge : x + width - edge]
    return np.asarray(inside < paper_level(page, box) * INK_BELOW)


def settled(page: Pixels, box: Box) -> Box:
    """The box where its printed frame really is: paper stretches, and scanners do too."""
    x, y, width, height = pixels_of(box)
    top, left = max(0, y - SEARCH_PX), max(0, x - SEARCH_PX)
    around = page[top : y + height + SEARCH_PX + 1, left : x + width + SEARCH_PX + 1]
    frame = np.full((height + 1, width + 1), 255, np.uint8)
    cv2.rectangle(frame, (1, 1), (width - 1, height - 1), 0, 2)
    if around.shape[0] < frame.shape[0] or around.shape[1] < frame.shape[1]:
        return box
    mask = np.zeros_like(frame)
    cv2.rectangle(mask, (1, 1), (width - 1, height - 1), 255, 4)
    fit = cv2.matchTemplate(around, frame, cv2.TM_SQDIFF, mask=mask)
    _, _, best, _ = cv2.minMaxLoc(fit)
    return ((left + best[0]) / PX_PER_POINT, (top + best[1]) / PX_PER_POINT, box[2], box[3])
