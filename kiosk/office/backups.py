"""Backups: how old the last good one is, where they go, and what restoring takes."""

from flask import Response, render_template, request

from kiosk import htmx
from kiosk.access import Purpose, current_staff, for_staff
from kiosk.actions import backup_page
from kiosk.errors import Invalid
from kiosk.office import blueprint


@blueprint.get("/backups")
@for_staff(Purpose.BACK_UP)
def backups() -> Response:
    return htmx.render("office/backups.html", page=backup_page.view(current_staff()), wrong={}, typed="")


@blueprint.get("/backups/standing")
@for_staff(Purpose.BACK_UP)
def backups_standing() -> str:
    page = backup_page.view(current_staff())
    return render_template("office/backups_standing.html", page=page, polled=True)


@blueprint.post("/backups")
@for_staff(Purpose.BACK_UP)
def back_up_now() -> Response:
    backup_page.ask(current_staff())
    return htmx.redirect("office.backups")


@blueprint.post("/backups/disk")
@for_staff(Purpose.PLACE_BACKUPS)
def choose_disk() -> Response:
    by, typed = current_staff(), request.form.get("folder", "")
    try:
        backup_page.choose_disk(by, typed)
    except Invalid as wrong:
        view = backup_page.view(by)
        return htmx.render("office/backups.html", 422, page=view, wrong=wrong.problems, typed=typed)
    return htmx.redirect("office.backups")


@blueprint.post("/backups/disk/forget")
@for_staff(Purpose.PLACE_BACKUPS)
def forget_disk() -> Response:
    backup_page.forget_disk(current_staff())
    return htmx.redirect("office.backups")


@blueprint.post("/backups/<backup_id>/keys-destroyed")
@for_staff(Purpose.PLACE_BACKUPS)
def keys_destroyed(backup_id: str) -> Response:
    backup_page.say_keys_destroyed(current_staff(), backup_id)
    return htmx.redirect("office.backups")
