"""From a template with plain values to laid-out pages; only our own fonts are ever fetched."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parent / "fonts"
OUR_FONTS = "kiosk-fonts:"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
PX_PER_POINT = 96 / 72


class OnlyOurFonts(URLFetcher):  # type: ignore[misc]
    """Refuses every address but those of the fonts beside this module, and stops the rendering at one."""

    def __init__(self) -> None:
        super().__init__(fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(OUR_FONTS)
        font = FONTS / name
        if not url.startswith(OUR_FONTS) or "/" in name or font.suffix != ".woff2" or not font.is_file():
            raise ValueError("a page may fetch only our own fonts")
        return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/woff2"})


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
    made.globals["rtl"] = lambda lang: lang in RIGHT_TO_LEFT
    return made


def text_of(package: str, template: str, **values: Any) -> str:
    """A template with its values. Raises jinja2.UndefinedError for one that is missing."""
    return environment(package).get_template(template).render(**values)


def document(package: str, template: str, **values: Any) -> Document:
    """A template with its values, laid out."""
    return laid_out(text_of(package, template, **values))


def laid_out(text: str) -> Document:
    html = HTML(string=text, base_url=OUR_FONTS, url_fetcher=OnlyOurFonts())
    return html.render(font_config=FontConfiguration())


def fonts_css() -> str:
    """The fonts, for a style element. No weights are named: the variable file has them all."""
    return "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{OUR_FONTS}{file}") format("woff2") }}\n'
        for family, file in (
            ("Kiosk Sans", "atkinson-hyperlegible-next-latin-wght-normal.woff2"),
            ("Kiosk Sans Ext", "atkinson-hyperlegible-next-latin-ext-wght-normal.woff2"),
        )
    )
