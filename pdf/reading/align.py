"""From the corner marks to a straight, upright page in known points."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pdf.field_map import FieldMap
from pdf.opening import Pixels
from pdf.reading.values import PX_PER_POINT
from pdf.twin import MARKS

LEAST_MARKS = 3
MOST_ERROR_PX = 4.0
LEAST_SCALE = 0.55  # of the straightened page: under about 110 dpi a tick is a few pixels


@dataclass(frozen=True)
class Aligned:
    """The straightened page; `error_px` is how far its marks are from where they should be."""

    pixels: Pixels
    error_px: float
    scale: float


def find_marks(pixels: Pixels) -> dict[int, NDArray[np.float32]]:
    """The corner marks seen, by number, each with its four corners in pixels."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    corners, ids, _ = cv2.aruco.ArucoDetector(MARKS, parameters).detectMarkers(pixels)
    if ids is None:
        return {}
    return {
        int(number): np.asarray(corner[0], np.float32)
        for corner, number in zip(corners, ids.flatten(), strict=True)
        if 0 <= int(number) < 4
    }


def align(pixels: Pixels, field_map: FieldMap, page: int) -> Aligned | None:
    """Straighten a page by its marks; None where too few are seen or they do not fit."""
    marks = find_marks(pixels)
    if len(marks) < LEAST_MARKS:
        return None
    seen = np.concatenate([marks[number] for number in sorted(marks)])
    meant = np.concatenate([_corners(field_map.marks[page][number]) for number in sorted(marks)])
    matrix, _ = cv2.findHomography(seen, meant)
    if matrix is None:
        return None
    back = cv2.perspectiveTransform(seen.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    error = float(np.abs(back - meant).max())
    scale = float(np.linalg.norm(seen[0] - seen[1]) / np.linalg.norm(meant[0] - meant[1]))
    if error > MOST_ERROR_PX or scale < LEAST_SCALE:
        return None
    width, height = field_map.pages[page]
    size = (round(width * PX_PER_POINT), round(height * PX_PER_POINT))
    straight = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255)
    return Aligned(np.asarray(straight, np.uint8), error, scale)


def _corners(box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """The corners of a mark on the straightened page, clockwise from the top left."""
    x, y, width, height = (value * PX_PER_POINT for value in box)
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
