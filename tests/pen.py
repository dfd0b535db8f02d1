"""A pen and a scanner: marks a printed twin as people do, and makes scans of it as machines do."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pypdfium2
from PIL import Image, ImageDraw

from pdf.field_map import Box, Field, FieldMap

DPI = 200
INK = (28, 38, 92)


@dataclass
class Sheet:
    """A printed twin under the pen: pages as pictures, marked where the map says."""

    field_map: FieldMap
    pages: list[Image.Image]
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    dpi: int = DPI

    @classmethod
    def printed(cls, pdf: bytes, field_map: FieldMap, seed: int = 7, dpi: int = DPI) -> "Sheet":
        with pypdfium2.PdfDocument(pdf) as opened:
            pages = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in opened]
        return cls(field_map, pages, random.Random(seed), dpi)

    def find(self, question: str, *, part: str | None = None, option: str | None = None) -> Field:
        for one in self.field_map.fields:
            if (one.question, one.part, one.option) == (question, part, option):
                return one
        raise LookupError(f"{question} {part} {option} is not on this sheet")

    def tick(self, question: str, option: str, how: str = "check") -> None:
        """`check`, `cross`, or `fill`, which takes a mark back."""
        one = self.find(question, option=option)
        x, y, w, h = self._px(one.box)
        match how:
            case "check":
                line = [
                    (x + w * 0.15, y + h * 0.5),
                    (x + w * 0.45, y + h * 0.9),
                    (x + w * 1.15, y - h * 0.25),
                ]
                self._stroke(one.page, line, 0.6)
            case "cross":
                self._stroke(one.page, [(x + w * 0.1, y + h * 0.1), (x + w * 0.95, y + h * 0.9)], 0.6)
                self._stroke(one.page, [(x + w * 0.9, y + h * 0.05), (x + w * 0.1, y + h * 0.95)], 0.6)
            case "fill":
                for n in range(26):
                    down = y + h * n / 25
                    self._stroke(one.page, [(x + w * 0.02, down), (x + w * 0.98, down)], 0.7)

    def sign(self, question: str = "_signature") -> None:
        one = self.find(question)
        x, y, w, h = self._px(one.box)
        points = [
            (x + w * (0.12 + 0.6 * n / 60), y + h * (0.55 + 0.28 * np.sin(n / 3.1) * np.cos(n / 9.0)))
            for n in range(61)
        ]
        self._stroke(one.page, points, 0.7)

    def write(self, question: str, text: str, part: str | None = None) -> None:
        """Scribbles where words would stand: what they say is for a person."""
        one = self.find(question, part=part)
        x, y, w, h = self._px(one.box)
        step = w / (one.cells or 28)
        for n, _letter in enumerate(text[: one.cells or 26]):
            left = x + step * (n + 0.2)
            line = [
                (left + step * 0.6 * self.rng.random(), y + h * (0.2 + 0.65 * self.rng.random()))
                for _ in range(4)
            ]
            self._stroke(one.page, line, 0.4)

    def _px(self, box: Box) -> tuple[float, float, float, float]:
        x, y, w, h = (value * self.dpi / 72 for value in box)
        return x, y, w, h

    def _stroke(self, page: int, points: Sequence[tuple[float, float]], mm: float) -> None:
        shake = self.dpi / 72 * 0.5
        moved = [
            (x + self.rng.uniform(-shake, shake), y + self.rng.uniform(-shake, shake)) for x, y in points
        ]
        width = max(2, round(mm / 25.4 * self.dpi))
        ImageDraw.Draw(self.pages[page]).line(moved, fill=INK, width=width, joint="curve")


def scanned(
    page: Image.Image,
    *,
    seed: int = 1,
    skew: float = 0.0,
    blur: float = 0.0,
    noise: float = 0.0,
    shade: int = 0,
    perspective: float = 0.0,
    upside_down: bool = False,
) -> Image.Image:
    """What a scanner makes of a page. Skew in degrees, blur and noise as sigmas, shade 0 to 255."""
    pixels = np.asarray(page.convert("L"), np.float32)
    height, width = pixels.shape
    edge = 60
    pixels = cv2.copyMakeBorder(pixels, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=235)
    turn = cv2.getRotationMatrix2D((width / 2 + edge, height / 2 + edge), skew, 1.0)
    size = (width + 2 * edge, height + 2 * edge)
    pixels = cv2.warpAffine(pixels, turn, size, flags=cv2.INTER_CUBIC, borderValue=235)
    if perspective:
        far = perspective * width
        corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
        moved = corners + np.array([[far, 0], [0, far], [-far / 2, 0], [0, -far / 2]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, moved)
        pixels = cv2.warpPerspective(pixels, matrix, size, borderValue=200)
    if blur:
        pixels = cv2.GaussianBlur(pixels, (0, 0), blur)
    pixels = pixels * (1 - shade / 255)
    if noise:
        pixels += noise * np.random.default_rng(seed).standard_normal(pixels.shape, np.float32)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return image.rotate(180) if upside_down else image


def jpeg(image: Image.Image, quality: int = 75, dpi: int = DPI) -> bytes:
    out = io.BytesIO()
    image.convert("L").save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def as_pdf(pages: Sequence[Image.Image], dpi: int = DPI, quality: int = 75) -> bytes:
    out = io.BytesIO()
    first, *rest = [page.convert("L") for page in pages]
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=dpi, quality=quality)
    return out.getvalue()


def as_tiff(pages: Sequence[Image.Image], dpi: int = DPI) -> bytes:
    out = io.BytesIO()
    first, *rest = [page.convert("L") for page in pages]
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw", dpi=(dpi, dpi))
    return out.getvalue()
