"""From a template with plain values to laid-out pages; only our own fonts are ever fetched."""

import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parent / "fonts"
OUR_FONTS = "kiosk-fonts:"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
STRONG = ("L", "R", "AL")  # the letters that say which way they are written, in Unicode's words
PX_PER_POINT = 96 / 72

WEIGHTS = (400, 600, 700)
FAMILIES = {
    "Kiosk Sans": "atkinson-hyperlegible-next-latin",
    "Kiosk Sans Ext": "atkinson-hyperlegible-next-latin-ext",
}
SYSTEM_FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew")  # Debian's fonts-noto-core


@cache
def font_of(name: str) -> bytes | None:
    """One weight of a family; None for whatever is not a font of ours (made as docs/licences.md says)."""
    family, _, weight = name.removesuffix(".ttf").rpartition("-")
    if family not in FAMILIES.values() or weight not in map(str, WEIGHTS):
        return None
    return (FONTS / name).read_bytes()


class OnlyOurFonts(URLFetcher):  # type: ignore[misc]
    """Refuses every address but those of our own fonts, and stops the rendering at one."""

    def __init__(self) -> None:
        super().__init__(fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        found = font_of(url.removeprefix(OUR_FONTS)) if url.startswith(OUR_FONTS) else None
        if found is None:
            raise ValueError("a page may fetch only our own fonts")
        return URLFetcherResponse(url, found, {"Content-Type": "font/ttf"})


def direction(lang: str) -> str:
    """Which way a language is written: `rtl` or `ltr`."""
    return "rtl" if lang in RIGHT_TO_LEFT else "ltr"


def direction_of(words: str) -> str:
    """Which way these words are written, by their first letter; digits alone run from left to right."""
    ways = (unicodedata.bidirectional(letter) for letter in words)
    return "rtl" if next((way for way in ways if way in STRONG), "L") in ("R", "AL") else "ltr"


@cache
def environment(package: str) -> Environment:
    """The templates of one room, escaping on, and an unknown name an error."""
    made = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["direction"] = direction
    made.globals["direction_of"] = direction_of
    made.globals["families"] = _family_list()
    made.globals["paragraphs"] = paragraphs
    made.globals["prose"] = prose
    return made


def paragraphs(text: str) -> list[str]:
    """What empty lines part."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def prose(text: str) -> Markup:
    """Paragraphs as HTML; one whose lines begin with `- ` is a list."""
    return Markup().join(
        _list(part) if part.startswith("- ") else _paragraph(part) for part in paragraphs(text)
    )


def _paragraph(part: str) -> Markup:
    return Markup("<p>{}</p>").format(part)


def _list(part: str) -> Markup:
    lines = (Markup("<li>{}</li>").format(line.removeprefix("- ")) for line in part.split("\n"))
    return Markup("<ul>{}</ul>").format(Markup().join(lines))


def _family_list() -> Markup:
    names = ", ".join(f'"{name}"' for name in (*FAMILIES, *SYSTEM_FAMILIES))
    return Markup(f"{names}, sans-serif")  # noqa: S704  # our own names


def text_of(package: str, template: str, **values: Any) -> str:
    """A template with its values. Raises jinja2.UndefinedError for one that is missing."""
    return environment(package).get_template(template).render(**values)


def document(package: str, template: str, **values: Any) -> Document:
    """A template with its values, laid out."""
    return laid_out(text_of(package, template, **values))


def laid_out(text: str) -> Document:
    """A page's text, laid out."""
    config, fonts = _fonts()
    html = HTML(string=text, base_url=OUR_FONTS, url_fetcher=OnlyOurFonts())
    return html.render(stylesheets=[fonts], font_config=config)


_of_thread = threading.local()


def _fonts() -> tuple[FontConfiguration, CSS]:
    """The fonts as this thread has loaded them: Pango's font maps are not for several threads at once."""
    if not hasattr(_of_thread, "fonts"):
        config = FontConfiguration()
        css = CSS(string=_font_faces(), font_config=config, url_fetcher=OnlyOurFonts(), base_url=OUR_FONTS)
        _of_thread.fonts = config, css
    fonts: tuple[FontConfiguration, CSS] = _of_thread.fonts
    return fonts


def _font_faces() -> str:
    return "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f'src: url("{OUR_FONTS}{file}-{weight}.ttf") format("truetype") }}\n'
        for family, file in FAMILIES.items()
        for weight in WEIGHTS
    )
