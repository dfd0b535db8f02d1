"""The code on each page of a sheet: which form and page it is, and a serial; never a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "IK1"
SIZES = {"letter": "L", "a4": "A"}
SHAPE = re.compile(
    r"IK1\*(?P<form>[A-Z][A-Z0-9-]*)\*(?P<version>\d+)\*(?P<lang>[A-Z]{2,3})\*(?P<size>[LA])"
    r"\*(?P<page>\d+)\*(?P<pages>\d+)\*(?P<serial>[0-9A-Z]*)\*(?P<check>[0-9A-F]{6})"
)


@dataclass(frozen=True)
class SheetCode:
    """`page` counts from 1; a blank twin has no serial."""

    form: str
    version: int
    lang: str
    size: str
    page: int
    pages: int
    serial: str | None

    def text(self) -> str:
        """In the letters that a QR code holds most densely, with a checksum at the end."""
        form = self.form.upper().replace("_", "-")
        body = "*".join(
            (
                PREFIX,
                form,
                str(self.version),
                self.lang.upper(),
                SIZES[self.size],
                str(self.page),
                str(self.pages),
                self.serial or "",
            )
        )
        return f"{body}*{_check(body)}"


def _check(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:6].upper()


def parse(text: str) -> SheetCode | None:
    """The code that a text is; None for anything else."""
    found = SHAPE.fullmatch(text)
    if found is None or _check(text.rpartition("*")[0]) != found["check"]:
        return None
    page, pages = int(found["page"]), int(found["pages"])
    if not 1 <= page <= pages:
        return None
    return SheetCode(
        form=found["form"].lower().replace("-", "_"),
        version=int(found["version"]),
        lang=found["lang"].lower(),
        size=next(size for size, letter in SIZES.items() if letter == found["size"]),
        page=page,
        pages=pages,
        serial=found["serial"] or None,
    )


def readable(serial: str) -> str:
    """`4K7M-9QXA`, as a person reads it out."""
    return f"{serial[:4]}-{serial[4:]}" if len(serial) > 4 else serial
