"""Closing the day, and the sheets of the days before. Their file names say nothing."""

from flask import Response

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import closing as closings
from kiosk.desk import blueprint
from kiosk.desk.printing import pdf


@blueprint.get("/closing")
@access.for_staff(Purpose.CLOSE_DAY)
def closing() -> Response:
    return htmx.render("desk/closing.html", view=closings.view(access.current_staff()))


@blueprint.post("/closing")
@access.for_staff(Purpose.CLOSE_DAY)
def close_day() -> Response:
    closings.close(access.current_staff())
    return htmx.redirect("desk.closing")


@blueprint.get("/closing/<day>.pdf")
@access.for_staff(Purpose.CLOSE_DAY)
def closing_sheet(day: str) -> Response:
    return pdf(closings.sheet(access.current_staff(), day), "closing.pdf")
