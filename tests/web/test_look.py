"""The practice's own logo and colour, and static files that are sent small."""

import gzip
import io
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin

from kiosk import colour
from kiosk.access import Practice
from kiosk.actions import brand
from kiosk.app import create_app
from kiosk.errors import SettingsError
from kiosk.settings import Settings
from tests.practices import People

HIDDEN = "made by somebody, somewhere"


def png(size: tuple[int, int] = (900, 300)) -> bytes:
    note, out = PngImagePlugin.PngInfo(), io.BytesIO()
    note.add_text("Author", HIDDEN)
    Image.new("RGBA", size, "#7a1f5c").save(out, "PNG", pnginfo=note)
    return out.getvalue()


def looking(people: People, **more: str) -> FlaskClient:
    settings = replace(people.practice.settings, **more)  # type: ignore[arg-type]
    return create_app(Practice(settings, people.practice.vault, people.practice.catalog)).test_client()


def test_a_practice_shows_its_own_logo_and_colour_and_nothing_else_of_the_file(people: People) -> None:
    folder = people.practice.settings.instance
    (folder / "logo.png").write_bytes(png() + b"<script>alert(1)</script>")
    browser = looking(people, logo="logo.png", colour="#7A1F5C")
    page = browser.get("/sign-in").text
    assert 'src="/look/logo.png' in page
    assert 'href="/look/colours.css' in page
    shown = browser.get("/look/logo.png")
    assert Image.open(io.BytesIO(shown.data)).size == (480, 160)
    assert HIDDEN.encode() not in shown.data
    assert b"script" not in shown.data
    assert shown.headers["Cache-Control"] == "max-age=31536000, public"
    style = browser.get("/look/colours.css")
    assert (style.mimetype, style.text) == (
        "text/css",
        ":root { --pine: #7a1f5c; --pine-soft: #efe4eb }\n",
    )

    plain = looking(people)
    assert "/look/" not in plain.get("/sign-in").text
    missing = plain.get("/look/logo.png")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")

    # What is restored without its logo still opens.
    assert "/look/logo" not in looking(people, logo="gone.png").get("/sign-in").text

    # Static files: small for who takes it so, whole for others, and named by what they hold.
    small = plain.get("/static/kiosk.css", headers={"Accept-Encoding": "br, gzip"})
    with plain.get("/static/kiosk.css") as whole:
        assert whole.data
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == whole.data
    assert len(small.data) < len(whole.data) / 2
    assert small.headers["Vary"] == whole.headers["Vary"] == "Accept-Encoding"
    assert f"/static/kiosk.css?v={sha256(whole.data).hexdigest()[:10]}" in page
    asked = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    with plain.get("/static/kiosk.css", headers=asked) as again:
        assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in plain.get("/sign-in", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg onload='alert(1)'/>", "is not a PNG picture"),
        (png()[:60], "is not a PNG picture"),
        (b"\x89PNG" + bytes(1_000_001), "is larger than 1 MB"),
        (png((2100, 2000)), "has more than 4 million pixels"),
    ],
)
def test_what_is_no_logo_is_refused_with_words(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(SettingsError, match=why):
        brand.of(Settings(tmp_path, "Meadow Lane", "America/Chicago", logo="logo.png"))


def test_contrast_is_what_wcag_says() -> None:
    black, white = (0, 0, 0), (255, 255, 255)
    assert colour.contrast(black, white) == pytest.approx(21)
    assert colour.contrast((0x76, 0x76, 0x76), white) == pytest.approx(4.54, abs=0.01)
    assert colour.least_contrast((0x0F, 0x4B, 0x49)) > colour.LEAST_CONTRAST, "our own pine"
