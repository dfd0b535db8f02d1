"""Archives: what there is of them, and that one is destroyed."""

from flask import Response

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import archiving
from kiosk.office import blueprint


@blueprint.get("/archives")
@access.for_staff(Purpose.ARCHIVE)
def archives() -> Response:
    return htmx.render("office/archives.html", archives=archiving.listed(access.current_staff()))


@blueprint.post("/archives/<archive_id>/destroyed")
@access.for_staff(Purpose.ARCHIVE)
def archive_destroyed(archive_id: str) -> Response:
    archiving.destroyed(access.current_staff(), archive_id)
    return htmx.redirect("office.archives")
