"""The piece of a page that a value was read from, with enough around it to judge by."""

import io
from collections.abc import Sequence

from PIL import Image

from pdf.field_map import Box
from pdf.html import direction
from pdf.images import png
from pdf.reading.values import PX_PER_POINT

AROUND_POINTS = {"tick": (14.0, 9.0), "comb": (12.0, 8.0), "line": (12.0, 10.0), "signature": (12.0, 12.0)}
LABEL_POINTS = 70.0  # what stands beside a box, after it as its language is read


def page_image(image_png: bytes) -> Image.Image:
    """A page to cut from, decoded once for all that is cut from it."""
    page = Image.open(io.BytesIO(image_png), formats=("PNG",))
    page.load()
    return page


def region(
    page: Image.Image, page_size: tuple[float, float], boxes: Sequence[Box], kind: str, lang: str = "en"
) -> bytes:
    """One PNG around all of these boxes, in points of the page; with the labels of tick boxes."""
    across, along = AROUND_POINTS[kind]
    label = LABEL_POINTS if kind == "tick" else 0.0
    left_too, right_too = (label, 0.0) if direction(lang) == "rtl" else (0.0, label)
    left = max(0.0, min(box[0] for box in boxes) - across - left_too)
    top = max(0.0, min(box[1] for box in boxes) - along)
    right = min(page_size[0], max(box[0] + box[2] for box in boxes) + across + right_too)
    bottom = min(page_size[1], max(box[1] + box[3] for box in boxes) + along)
    edges = tuple(round(value * PX_PER_POINT) for value in (left, top, right, bottom))
    return png(page.crop((edges[0], edges[1], edges[2], edges[3])))
