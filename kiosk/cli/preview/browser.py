"""Pictures of pages, by whichever browser of the Chromium family is on this machine, without network."""

import os
import subprocess  # nosec B404  # each use is judged where it stands
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from PIL import Image

from kiosk.errors import KioskError

WIDTH_PX, HEIGHT_PX = 1080, 710
PER_SHEET = 12  # pages that one start of the browser takes: a picture may be some 16,000 pixels high
LONGEST_SECONDS = 120
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
)
FRAMES = (
    "<!doctype html><meta charset=utf-8><style>body{margin:0}"
    f"iframe{{display:block;border:0;width:{WIDTH_PX}px;height:{HEIGHT_PX}px}}</style>"
)


def find() -> str | None:
    """The first browser that is there."""
    return next((found for name in NAMES if (found := which(name))), None)


def photograph(browser: str, pages: Sequence[Path], to: Path) -> None:
    """A PNG of each page, by its name, as a tablet shows it at first. Raises KioskError.

    Pages lie in one folder. They are laid out as frames, one below the other: one start for many, and
    each frame has the tablet's very size, which the window of a headless Chromium has not (of 710 pixels
    in height its page had 567).
    """
    to.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(pages), PER_SHEET):
        some = pages[first : first + PER_SHEET]
        sheet = some[0].parent / f"sheet-{first}.html"
        frames = "".join(f'<iframe src="{page.name}"></iframe>' for page in some)
        sheet.write_text(FRAMES + frames, encoding="utf-8")
        _cut(_shot(browser, sheet, HEIGHT_PX * len(some)), [to / f"{page.stem}.png" for page in some])


def _shot(browser: str, sheet: Path, height_px: int) -> Path:
    picture = sheet.with_suffix(".png")
    with tempfile.TemporaryDirectory(
        prefix="profile-", dir=sheet.parent, ignore_cleanup_errors=True
    ) as profile:
        command = [
            browser,
            "--headless",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            *OFFLINE,
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--allow-file-access-from-files",
            f"--user-data-dir={profile}",
            f"--window-size={WIDTH_PX},{height_px}",
            f"--screenshot={picture.resolve()}",
            sheet.resolve().as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=LONGEST_SECONDS, check=True)  # noqa: S603
        except (subprocess.SubprocessError, OSError):
            raise _failed(browser) from None
    if not picture.exists():
        raise _failed(browser)
    return picture


def _failed(browser: str) -> KioskError:
    return KioskError(
        f"{browser} made no picture of the tablet's pages.", "Close it, update it, and try again."
    )


def _cut(picture: Path, to: Sequence[Path]) -> None:
    with Image.open(picture) as sheet:
        for number, path in enumerate(to):
            top = number * HEIGHT_PX
            sheet.crop((0, top, WIDTH_PX, top + HEIGHT_PX)).convert("RGB").save(path)
