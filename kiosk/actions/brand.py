"""How a practice looks: its own logo, checked and made anew, and its own colour as a stylesheet."""

import io
import logging
import warnings
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from PIL import Image

from kiosk import colour
from kiosk.errors import SettingsError
from kiosk.settings import FILE, Settings

MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000_000
LARGEST_PX = (640, 160)  # twice the size at which it is shown, for sharp screens

log = logging.getLogger("kiosk.brand")


@dataclass(frozen=True)
class Brand:
    """`logo` is a PNG made here; `style` the custom properties that the practice changes. Empty: not set."""

    logo: bytes = b""
    style: str = ""

    @property
    def version(self) -> str:
        """What it is, for an address: another logo or colour has another."""
        return sha256(self.logo + self.style.encode()).hexdigest()[:10]


@cache
def of(settings: Settings) -> Brand:
    """Raises SettingsError for a logo that is none."""
    return Brand(_logo(settings), _style(settings.colour))


def _style(own: str) -> str:
    rgb = colour.read(own)
    if rgb is None:
        return ""
    return f":root {{ --pine: {colour.written(rgb)}; --pine-soft: {colour.written(colour.tint(rgb))} }}\n"


def _logo(settings: Settings) -> bytes:
    """Its pixels and nothing else of the file: no note of who made it where, and nothing that is no picture.

    A missing file stops nobody, for a restored practice may lack it: its letter is shown instead.
    """
    if not settings.logo:
        return b""
    path = settings.instance / settings.logo
    if not path.is_file():
        log.warning({"event": f"the logo that {FILE} names is not there: the letter is shown"})
        return b""
    if path.stat().st_size > MOST_BYTES:
        raise _wrong("is larger than 1 MB")
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("PNG",)) as image:
            warnings.simplefilter("error")
            if image.width * image.height > MOST_PIXELS:
                raise _wrong(f"has more than {MOST_PIXELS // 1_000_000} million pixels")
            picture = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise _wrong("is not a PNG picture") from None
    picture.thumbnail(LARGEST_PX)
    out = io.BytesIO()
    Image.frombytes("RGBA", picture.size, picture.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()


def _wrong(why: str) -> SettingsError:
    return SettingsError(f"{FILE}: the logo {why}.", "docs/settings.md says what a logo may be.")
