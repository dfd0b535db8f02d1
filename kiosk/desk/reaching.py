"""How to reach the people whom a client named."""

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import reaching
from kiosk.desk import blueprint
from kiosk.errors import Invalid


@blueprint.get("/visits/<visit_id>/people")
@access.for_staff(Purpose.CORRECT_PROFILE)
def people(visit_id: str) -> Response:
    return htmx.render("desk/people.html", view=reaching.view(access.current_staff(), visit_id))


@blueprint.post("/visits/<visit_id>/people")
@access.for_staff(Purpose.CORRECT_PROFILE)
def correct(visit_id: str) -> Response:
    place = request.form.get("place", "")
    try:
        reaching.correct(access.current_staff(), visit_id, place, request.form)
    except Invalid as wrong:
        view = reaching.view(access.current_staff(), visit_id)
        return htmx.render(
            "desk/people.html", status=422, view=view, at=place, typed=request.form, wrong=wrong.problems
        )
    return htmx.render("desk/people.html", view=reaching.view(access.current_staff(), visit_id), kept=place)
