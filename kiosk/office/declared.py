"""What was opened with a reason: others' clients, and emergency contacts."""

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import declaring
from kiosk.office import blueprint


@blueprint.get("/declared")
@access.for_staff(Purpose.SEE_TRAIL)
def declared() -> Response:
    view = declaring.all_declared(access.current_staff(), request.args.get("before", ""))
    return htmx.render("office/declared.html", view=view)


@blueprint.post("/declared/<access_id>/seen")
@access.for_staff(Purpose.SEE_TRAIL)
def seen(access_id: str) -> Response:
    declaring.mark_seen(access.current_staff(), access_id)
    return htmx.redirect("office.declared")
