"""Where on the tablet a step is, and back: from an address to a form and a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from kiosk.actions.at_tablet import Step

START = "client.start"
SAID_ONCE = ("signed", "paper")  # the form of which a page says that it is done, or will be printed


def address(step: Step, **said: Any) -> str:
    """Where a step is; `said` is what its page says once, and follows the question mark."""
    match step.to:
        case "page":
            return url_for("client.page", form=step.form, page=step.page, **said)
        case "check" | "read" | "sign" | "witness":
            return url_for(f"client.{step.to}", form=step.form, **said)
        case _:
            return url_for("client.welcome", **said)


@dataclass(frozen=True)
class Place:
    """One of the tablet's own pages; `form` and `page` are empty where it has none, `said` follows `?`."""

    endpoint: str
    form: str = ""
    page: str = ""
    said: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        values: dict[str, Any] = {"form": self.form, "page": self.page}
        values = {name: value for name, value in values.items() if value} | dict(self.said)
        return url_for(self.endpoint, **values)


def place_of(path: str) -> Place:
    """The page that a path names; the start for whatever is not one of the tablet's pages."""
    path, _, query = path.partition("?")
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return Place(START)
    if not str(endpoint).startswith("client.") or set(values) - {"form", "page"}:
        return Place(START)
    return Place(
        str(endpoint), values.get("form", ""), values.get("page", ""), said_in(dict(parse_qsl(query)))
    )


def here() -> str:
    """The page that a request is for, with what it says once."""
    said = urlencode(said_in(request.args))
    return f"{request.path}?{said}" if said else request.path


def said_in(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, query[name]) for name in SAID_ONCE if name in query)
