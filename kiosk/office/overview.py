"""The owner's first page: what needs a look."""

from flask import Response

from kiosk import access, htmx
from kiosk.access import Purpose, for_staff
from kiosk.actions import declaring
from kiosk.office import blueprint


@blueprint.get("/")
@for_staff(Purpose.SEE_OFFICE)
def overview() -> Response:
    unseen = declaring.unseen(access.current_staff())
    return htmx.render("office/overview.html", unseen=unseen)
