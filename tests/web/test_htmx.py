"""What htmx 4 does that one would not expect, each held here: pages and fragments, errors, what is loaded."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient

import kiosk
from kiosk import htmx
from kiosk.errors import Damaged, StoreBusy, StoreFull

STATIC = Path(kiosk.__path__[0]) / "static"
TEMPLATES = sorted(Path(kiosk.__path__[0]).rglob("templates/**/*.html"))
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_htmx_is_the_version_that_was_measured_and_no_extension_but_ours_is_let_in() -> None:
    assert [path.name for path in STATIC.glob("vendor/htmx*.js")] == ["htmx-4.0.1.min.js"]
    document = (Path(kiosk.__path__[0]) / "templates/parts/document.html").read_text(encoding="utf-8")
    assert '"extensions":"trust"' in document
    everywhere = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    assert not re.findall(r"hx-(preload|history-cache|boost|select|on)\b", everywhere)
    assert set(re.findall(r'hx-swap="(\w+)', everywhere)) <= {"outerHTML", "innerHTML", "none", "beforeend"}


def test_what_a_page_asks_for_by_itself_says_so() -> None:
    """Else a page left open never locks nor clears; pictures in what is swapped are asked for again too."""
    found = 0
    for path in TEMPLATES:
        words = path.read_text(encoding="utf-8")
        asks = re.findall(r'<[^>]*hx-trigger="(?:every|load)[^>]*>', words)
        if not asks:
            continue
        pictures = re.findall(r"<img [^>]*>", words)
        found += len(asks)
        asked = asks if path.name == "_start.html" else asks + pictures  # the practice's own logo may be kept
        assert all("by_itself=''" in one for one in asked), path.name
    assert found == 7


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        (PARTIAL, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-History-Restore-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-Request": "true"}, False),
    ],
)
def test_the_kind_of_request_decides_between_page_and_fragment(
    headers: dict[str, str], fragment: bool
) -> None:
    with Flask("x").test_request_context(headers=headers):
        assert htmx.wants_fragment() is fragment


def broken(fault: type[Exception]) -> Callable[[], NoReturn]:
    """A view that fails so."""

    def view() -> NoReturn:
        raise fault

    return view


def test_every_error_at_the_tablet_speaks_the_clients_language(
    app: Flask, browsers: Mapping[str, FlaskClient]
) -> None:
    def broken() -> str:
        raise ValueError("not to be seen")

    def damaged() -> str:
        raise Damaged("a-row")

    for name, view in (("broken", broken), ("damaged", damaged)):
        view.kiosk_open_to = "all"  # type: ignore[attr-defined]
        app.add_url_rule(f"/tablet/{name}", name, view)
    app.testing = False
    client = browsers["client"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/tablet/welcome").text)
    assert token
    client.post("/tablet/language", data={"_lang": "es", "_at": "/tablet/welcome", "csrf_token": token[1]})
    given, elsewhere, forged = {"csrf_token": token[1]}, {"Origin": "https://else"}, {"csrf_token": "forged"}
    said = {
        404: (client.get("/tablet/nowhere"), "Esta página no está aquí."),
        405: (client.delete("/tablet/code"), "Esto no se puede hacer aquí."),
        400: (client.post("/tablet/code", data=forged), "Esta página estuvo abierta demasiado tiempo."),
        403: (client.post("/tablet/code", data=given, headers=elsewhere), "Esto no se puede hacer aquí."),
        413: (client.post("/tablet/code", data={"code": "x" * 200_000}), "Fue demasiado de una vez."),
        500: (client.get("/tablet/broken"), "No se perdió nada. Intente de nuevo; la marca es "),
        501: (client.get("/tablet/damaged"), "Algo salió mal de nuestro lado."),
    }
    for status, (answer, words) in said.items():
        assert answer.status_code == (status if status != 501 else 500)
        assert words in answer.text, status
        assert 'lang="es"' in answer.text, status
    assert "a-row" not in said[501][0].text


def test_every_error_at_the_tablet_has_the_part_that_is_swapped(
    app: Flask, browsers: Mapping[str, FlaskClient]
) -> None:
    """htmx swaps errors too, and would take the page away where the part is missing."""
    client = browsers["client"]
    found = {
        404: client.get("/tablet/nowhere", headers=PARTIAL),
        405: client.delete("/tablet/code", headers=PARTIAL),
        400: client.post("/tablet/code", data={"csrf_token": "forged"}, headers=PARTIAL),
    }
    app.config["WTF_CSRF_ENABLED"] = False
    found[413] = client.post("/tablet/code", data={"code": "x" * 3_000_000}, headers=PARTIAL)
    found[422] = client.post("/tablet/code", data={"code": "MMM-MMMM"}, headers=PARTIAL)
    for status, fault in ((500, ValueError), (503, StoreBusy), (503, StoreFull)):
        app.view_functions["client.code"] = broken(fault)
        app.testing = False
        found[status] = client.get("/tablet/code", headers=PARTIAL)
    for status, answer in found.items():
        assert answer.status_code == status
        assert answer.text.lstrip().startswith('<main id="main"'), status


@pytest.mark.parametrize(
    "asked", ["skip", "paper", "page/who/back", "page/who/same", "page/who/follow", "hand-in"]
)
def test_an_error_at_the_tablet_leaves_the_address_where_one_was(
    app: Flask, browsers: Mapping[str, FlaskClient], asked: str
) -> None:
    """Else a reload asks for what only takes a post."""
    forged = browsers["client"].post(f"/tablet/form/emergency_contact/{asked}", headers=PARTIAL)
    assert forged.status_code == 400
    assert forged.headers["HX-Replace-Url"] == "false"


def test_what_a_post_shows_at_the_tablet_can_be_loaded_again(
    app: Flask, browsers: Mapping[str, FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    asked = browsers["client"].post("/tablet/help/ask", data={"_at": "/tablet/welcome"}, headers=PARTIAL)
    assert browsers["client"].get(asked.headers["HX-Replace-Url"]).status_code == 200
