"""The owner's first page: what needs a look."""

from flask import Response

from kiosk import htmx
from kiosk.access import Purpose, current_staff, for_staff
from kiosk.actions import clock_watch, first_steps
from kiosk.actions.overview import looks
from kiosk.office import blueprint


@blueprint.get("/")
@for_staff(Purpose.SEE_OFFICE)
def overview() -> Response:
    by = current_staff()
    return htmx.render("office/overview.html", looks=looks(by), new=first_steps.are_waiting(by))


@blueprint.post("/clock-is-right")
@for_staff(Purpose.SAY_CLOCK_IS_RIGHT, asked_at="office.overview")
def clock_is_right() -> Response:
    clock_watch.is_right(current_staff())
    return htmx.redirect("office.overview")
