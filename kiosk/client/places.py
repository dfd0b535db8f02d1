"""Where on the tablet a step is, and back: from an address to a form and a page."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from kiosk.actions.at_tablet import Step

START = "client.start"


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
    """One of the tablet's own pages; `form` and `page` are empty where it has none."""

    endpoint: str
    form: str = ""
    page: str = ""

    @property
    def address(self) -> str:
        values: dict[str, Any] = {"form": self.form, "page": self.page}
        values = {name: value for name, value in values.items() if value}
        return url_for(self.endpoint, **values)


def place_of(path: str) -> Place:
    """The page that a path names; the start for whatever is not one of the tablet's pages."""
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return Place(START)
    if not str(endpoint).startswith("client.") or set(values) - {"form", "page"}:
        return Place(START)
    return Place(str(endpoint), values.get("form", ""), values.get("page", ""))
