"""Who works here, what each signs in with, and where each is signed in."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose, Role
from kiosk.actions import staffing
from kiosk.errors import Invalid
from kiosk.office import blueprint


def page(status: int = 200, **more: Any) -> Response:
    by = access.current_staff()
    shown = {
        "people": staffing.everybody(by),
        "sessions": staffing.signed_in(by, access.staff_token()),
        "roles": tuple(Role),
        "typed": request.form,
        "wrong": {},
        "done": "",
    }
    return htmx.render("office/people.html", status, **{**shown, **more})


@blueprint.get("/people")
@access.for_staff(Purpose.MANAGE_STAFF)
def people() -> Response:
    return page()


@blueprint.post("/people")
@access.for_staff(Purpose.MANAGE_STAFF)
def add_person() -> Response:
    form = request.form
    try:
        staffing.add_typed(
            access.current_staff(),
            form.get("name", ""),
            form.get("sign_in", ""),
            form.getlist("roles"),
            form.get("passphrase", ""),
            form.get("again", ""),
        )
    except Invalid as wrong:
        return page(422, at="add", wrong=wrong.problems)
    return htmx.redirect("office.people")


@blueprint.post("/people/<staff_id>/remove")
@access.for_staff(Purpose.MANAGE_STAFF)
def remove_person(staff_id: str) -> Response:
    try:
        staffing.remove(access.current_staff(), staff_id)
    except Invalid as wrong:
        return page(422, at=staff_id, wrong=wrong.problems)
    return htmx.redirect("office.people")


@blueprint.post("/people/<staff_id>/reset")
@access.for_staff(Purpose.MANAGE_STAFF)
def reset_person(staff_id: str) -> Response:
    try:
        staffing.reset(access.current_staff(), staff_id, request.form.get("passphrase", ""))
    except Invalid as wrong:
        return page(422, at=staff_id, wrong=wrong.problems)
    return htmx.redirect("office.people")


@blueprint.post("/people/<staff_id>/may-open")
@access.for_staff(Purpose.MANAGE_STAFF)
def let_open(staff_id: str) -> Response:
    staffing.let_open(access.current_staff(), staff_id, request.form.get("may") == "yes")
    return htmx.redirect("office.people")


@blueprint.post("/sessions/<session_id>/end")
@access.for_staff(Purpose.END_SESSIONS, asked_at="office.people")
def end_session(session_id: str) -> Response:
    staffing.end_session(access.current_staff(), session_id)
    return htmx.redirect("office.people")
