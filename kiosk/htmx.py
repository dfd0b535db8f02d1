"""All that knows about htmx: page or fragment, redirects, and what may be kept."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask import redirect as plain_redirect
from flask_htmx import HTMX

htmx = HTMX()


def wants_fragment() -> bool:
    """`HX-Request-Type` says it; a history restore and a plain request get the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


def is_asking() -> bool:
    """Whether htmx asks, for a fragment or for a whole page to swap in."""
    return "HX-Request-Type" in request.headers


def fragment_of(template: str) -> str:
    """`desk/today.html` includes `desk/_today.html`: the very markup that htmx swaps."""
    folder, _, name = template.rpartition("/")
    return f"{folder}/_{name}" if folder else f"_{name}"


def render(template: str, status: int = 200, **context: Any) -> Response:
    """A page, or its fragment where htmx asked for one."""
    chosen = fragment_of(template) if wants_fragment() else template
    response = make_response(render_template(chosen, **context), status)
    response.vary.add("HX-Request-Type")
    return response


def redirect_to(address: str) -> Response:
    """303: after a post comes a get, whatever the browser would do by itself."""
    return make_response(plain_redirect(address, code=303))


def redirect(endpoint: str, **values: Any) -> Response:
    return redirect_to(url_for(endpoint, **values))


def redirect_home(address: str) -> Response:
    """A navigation of the whole browser: a fresh document drops what scripts remember."""
    if is_asking():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return redirect_to(address)


def shown_at(response: Response, address: str) -> Response:
    """The address that the browser shows for this answer, where htmx asked for it at another."""
    if is_asking():
        response.headers["HX-Replace-Url"] = address
    return response


def shown_where_one_is(response: Response) -> Response:
    """The browser's address stays: what htmx asked at may be none that can be loaded again."""
    return shown_at(response, "false")
