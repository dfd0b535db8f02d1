"""The practice's own logo and colour, for every page: they say no more than the sign at the door."""

from flask import Response

from kiosk import access
from kiosk.actions import brand
from kiosk.door import blueprint
from kiosk.errors import NotFound

A_YEAR_SECONDS = 365 * 24 * 3600


def _kept(body: bytes | str, mimetype: str) -> Response:
    """Its address says its content, so a browser may keep it."""
    if not body:
        raise NotFound()
    response = Response(body, mimetype=mimetype)
    response.cache_control.max_age = A_YEAR_SECONDS
    response.cache_control.public = True
    return response


@blueprint.get("/look/logo.png")
@access.open_to_all
def logo() -> Response:
    return _kept(brand.of(access.current_practice().settings).logo, "image/png")


@blueprint.get("/look/colours.css")
@access.open_to_all
def colours() -> Response:
    return _kept(brand.of(access.current_practice().settings).style, "text/css")
