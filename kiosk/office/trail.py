"""The trail for the owner, and as a file: asked for by a post, so that no client stands in an address."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import trail as trails
from kiosk.actions import trail_query
from kiosk.actions.trail_query import Wanted
from kiosk.errors import Invalid
from kiosk.office import blueprint


def wanted() -> Wanted:
    """What the form asks for. Raises Invalid."""
    form = request.form
    asked = trail_query.read_wanted(
        form.get("kind", ""),
        form.get("person", ""),
        form.get("client", ""),
        form.get("begin", ""),
        form.get("end", ""),
    )
    return asked.turned(form.get("before", ""), form.get("after", ""))


def shown(asked: Wanted, wrong: Invalid | None = None, **more: Any) -> dict[str, Any]:
    return {
        "view": trails.view(access.current_staff(), asked),
        "kinds": trail_query.KINDS,
        "typed": request.form,
        "client": asked.client_id,
        "wrong": dict(wrong.problems) if wrong else {},
        "found": None,
        **more,
    }


@blueprint.get("/trail")
@access.for_staff(Purpose.SEE_TRAIL)
def trail() -> Response:
    return htmx.render("office/trail.html", **shown(Wanted()))


@blueprint.post("/trail")
@access.for_staff(Purpose.SEE_TRAIL)
def find_in_trail() -> Response:
    """One client is looked for by name first; where several are found, one is to be chosen."""
    try:
        asked = wanted()
    except Invalid as wrong:
        return htmx.render("office/trail.html", 422, **shown(Wanted(), wrong))
    name = request.form.get("search", "").strip()
    if not name:
        return htmx.render("office/trail.html", **shown(asked))
    found = trails.find_clients(access.current_staff(), name)
    if len(found) == 1:
        return htmx.render("office/trail.html", **shown(asked.about(found[0].client_id)))
    return htmx.render("office/trail.html", **shown(asked.about(""), found=found))


@blueprint.post("/trail/export")
@access.for_staff(Purpose.EXPORT_TRAIL)
def export_trail() -> Response:
    """As a file for a spreadsheet, whose name says nothing."""
    try:
        asked = wanted()
    except Invalid as wrong:
        return htmx.render("office/trail.html", 422, **shown(Wanted(), wrong))
    lines = trails.export(access.current_staff(), asked, names=request.form.get("names") == "yes")
    response = Response(lines, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="trail.csv")
    return response
