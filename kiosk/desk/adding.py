"""A new visit: find the client or enter a new one, then say when and with whom."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import visits
from kiosk.desk import blueprint
from kiosk.errors import Invalid


def asked(wrong: Invalid | None = None, **more: Any) -> dict[str, Any]:
    """What the page offers, what was typed, and what is wrong with it."""
    problems = dict(wrong.problems) if wrong else {}
    offered = visits.options(access.current_staff())
    return {"offered": offered, "typed": request.form, "wrong": problems, **more}


@blueprint.get("/visits/new")
@access.for_staff(Purpose.ADD_VISIT)
def new_visit() -> Response:
    return htmx.render("desk/new_visit.html", **asked())


@blueprint.post("/visits/find")
@access.for_staff(Purpose.ADD_VISIT)
def find() -> Response:
    """Names are looked for by a post, so that none stands in an address."""
    found = visits.find_clients(access.current_staff(), request.form.get("search", ""))
    return htmx.render("desk/new_visit.html", **asked(found=found))


@blueprint.post("/visits/new")
@access.for_staff(Purpose.ADD_VISIT)
def add_visit() -> Response:
    try:
        visit_id = visits.add(access.current_staff(), request.form)
    except Invalid as wrong:
        found = visits.find_clients(access.current_staff(), request.form.get("search", ""))
        return htmx.render("desk/new_visit.html", status=422, **asked(wrong, found=found))
    return htmx.redirect("desk.visit", visit_id=visit_id)
