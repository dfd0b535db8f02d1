"""Confirming: a person says what stands on the paper, value by value, and then keeps it."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import confirming
from kiosk.desk import blueprint
from kiosk.errors import Invalid


def look_again(sheet_id: str, wrong: Invalid, **more: Any) -> Response:
    view = confirming.view(access.current_staff(), sheet_id, **more)
    return htmx.render("desk/confirm.html", status=422, view=view, wrong=tuple(wrong.problems.values()))


@blueprint.get("/confirm")
@access.for_staff(Purpose.CONFIRM)
def waiting() -> Response:
    waits = confirming.waiting(access.current_staff())
    return htmx.render("desk/waiting.html", waits=waits, kept="kept" in request.args)


@blueprint.get("/confirm/<sheet_id>")
@access.for_staff(Purpose.CONFIRM)
def confirm(sheet_id: str) -> Response:
    view = confirming.view(access.current_staff(), sheet_id, request.args.get("value"))
    return htmx.render("desk/confirm.html", view=view)


@blueprint.get("/readings/<reading_id>.png")
@access.for_staff(Purpose.CONFIRM)
def crop(reading_id: str) -> Response:
    return Response(confirming.crop(access.current_staff(), reading_id), mimetype="image/png")


@blueprint.post("/readings/<reading_id>/say")
@access.for_staff(Purpose.CONFIRM)
def say(reading_id: str) -> Response:
    """What the person sees. Where it differs from what was read, the value is shown again with both."""
    sheet_id, seen = request.form.get("sheet", ""), request.form.get("seen")
    try:
        confirming.say(access.current_staff(), reading_id, "(nothing chosen)" if seen is None else seen)
    except Invalid as wrong:
        return look_again(sheet_id, wrong, reading_id=reading_id)
    again = None if seen == confirming.UNCLEAR else reading_id
    return htmx.redirect("desk.confirm", sheet_id=sheet_id, value=again)


@blueprint.post("/readings/<reading_id>/confirm")
@access.for_staff(Purpose.CONFIRM)
def confirm_typed(reading_id: str) -> Response:
    sheet_id, typed = request.form.get("sheet", ""), request.form.get("value", "")
    try:
        confirming.confirm(access.current_staff(), reading_id, typed)
    except Invalid as wrong:
        return look_again(sheet_id, wrong, reading_id=reading_id)
    return htmx.redirect("desk.confirm", sheet_id=sheet_id)


@blueprint.post("/readings/<reading_id>/nothing-further")
@access.for_staff(Purpose.CONFIRM)
def nothing_further(reading_id: str) -> Response:
    """A whole further part of the sheet was left empty, as a person sees in one look."""
    sheet_id = request.form.get("sheet", "")
    try:
        confirming.nothing_further(access.current_staff(), reading_id)
    except Invalid as wrong:
        return look_again(sheet_id, wrong, reading_id=reading_id)
    return htmx.redirect("desk.confirm", sheet_id=sheet_id)


@blueprint.post("/confirm/<sheet_id>/undo")
@access.for_staff(Purpose.CONFIRM)
def undo(sheet_id: str) -> Response:
    confirming.undo(access.current_staff(), sheet_id)
    return htmx.redirect("desk.confirm", sheet_id=sheet_id)


@blueprint.post("/confirm/<sheet_id>/finish")
@access.for_staff(Purpose.CONFIRM)
def finish(sheet_id: str) -> Response:
    try:
        confirming.finish(access.current_staff(), sheet_id)
    except Invalid as wrong:
        return look_again(sheet_id, wrong)
    return htmx.redirect("desk.waiting", kept="")


@blueprint.post("/confirm/<sheet_id>/give-back")
@access.for_staff(Purpose.CONFIRM)
def give_back(sheet_id: str) -> Response:
    confirming.give_back(access.current_staff(), sheet_id, request.form.get("reason", ""))
    return htmx.redirect("desk.waiting")
