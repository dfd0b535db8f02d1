"""An emergency: open to everybody who works here, and to nobody else."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import emergency as emergencies
from kiosk.door import blueprint
from kiosk.errors import Invalid


@blueprint.get("/emergency")
@access.for_staff(Purpose.EMERGENCY)
def emergency() -> Response:
    return htmx.render("door/emergency.html", **asked())


def asked(wrong: Invalid | None = None) -> dict[str, Any]:
    return {"typed": request.form, "wrong": dict(wrong.problems) if wrong else {}}


@blueprint.post("/emergency")
@access.for_staff(Purpose.EMERGENCY)
def declare_emergency() -> Response:
    """A name is given by a post, so that it stands in no address."""
    try:
        opened = emergencies.declare(access.current_staff(), request.form)
    except Invalid as wrong:
        return htmx.render("door/emergency.html", 422, **asked(wrong))
    return htmx.redirect("door.emergency_contact", access_id=opened)


@blueprint.get("/emergency/<access_id>")
@access.for_staff(Purpose.EMERGENCY)
def emergency_contact(access_id: str) -> Response:
    view = emergencies.view(access.current_staff(), access_id)
    return htmx.render("door/emergency_contact.html", view=view)
