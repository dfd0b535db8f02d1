"""What is where on a twin: written by the twin from its layout, read by the reading; the one contract."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

Box = tuple[float, float, float, float]  # x, y, width, height in points from the top left

POINTS = {"letter": (612.0, 792.0), "a4": (595.276, 841.89)}


@dataclass(frozen=True)
class Field:
    """One mark: `kind` is tick, comb, line or signature; `page` counts from 0.

    `one_of` says that of this question's boxes one is marked.
    """

    question: str
    kind: str
    page: int
    box: Box
    part: str | None = None
    option: str | None = None
    cells: int | None = None
    one_of: bool = False


@dataclass(frozen=True)
class FieldMap:
    """`marks` holds for each page the boxes of its four corner marks: top left, then clockwise."""

    form: str
    version: int
    lang: str
    size: str
    pages: tuple[tuple[float, float], ...]
    fields: tuple[Field, ...]
    marks: tuple[tuple[Box, ...], ...]

    def to_json(self) -> str:
        plain = asdict(self)
        plain["fields"] = [
            {key: value for key, value in field.items() if value is not None and value is not False}
            for field in plain["fields"]
        ]
        return json.dumps(plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> FieldMap:
        plain = json.loads(text)
        return cls(
            form=plain["form"],
            version=plain["version"],
            lang=plain["lang"],
            size=plain["size"],
            pages=tuple((width, height) for width, height in plain["pages"]),
            fields=tuple(Field(**{**field, "box": tuple(field["box"])}) for field in plain["fields"]),
            marks=tuple(tuple(tuple(box) for box in page) for page in plain["marks"]),
        )
