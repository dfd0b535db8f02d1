"""The first steps of a new practice, from one list: each leads to its own page and back."""

from flask import Response

from kiosk import access, htmx
from kiosk.access import Purpose, for_staff
from kiosk.actions import first_steps as actions
from kiosk.office import blueprint


@blueprint.get("/first-steps")
@for_staff(Purpose.SEE_OFFICE)
def first_steps() -> Response:
    return htmx.render("office/first_steps.html", steps=actions.view(access.current_staff()))


@blueprint.post("/first-steps")
@for_staff(Purpose.SEE_OFFICE)
def end_first_steps() -> Response:
    actions.done(access.current_staff())
    return htmx.redirect_home("/desk/")
