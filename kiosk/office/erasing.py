"""Erasing clients: who may be erased, what was asked for, and where an erasure is complete."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import backup_page, erasing, erasures
from kiosk.errors import Invalid
from kiosk.office import blueprint


def overview_page(**more: Any) -> Response:
    view = erasures.overview(access.current_staff())
    return htmx.render("office/erasing.html", view=view, **more)


def client_page(client_id: str, status: int = 200, **more: Any) -> Response:
    state = erasing.state(access.current_staff(), client_id)
    return htmx.render("office/erasing_client.html", status=status, client=state, **more)


@blueprint.get("/erasing", endpoint="erasing")
@access.for_staff(Purpose.ERASE)
def erasing_overview() -> Response:
    return overview_page(just_done="done" in request.args)


@blueprint.post("/erasing/find")
@access.for_staff(Purpose.ERASE, only_looks=True)
def find_to_erase() -> Response:
    """Names are looked for by a post, so that none stands in an address."""
    asked = request.form.get("search", "")
    return overview_page(found=erasures.found(access.current_staff(), asked), asked=asked)


@blueprint.get("/erasing/<client_id>")
@access.for_staff(Purpose.ERASE)
def erasing_client(client_id: str) -> Response:
    return client_page(client_id)


@blueprint.post("/erasing/<client_id>/hold")
@access.for_staff(Purpose.ERASE)
def hold(client_id: str) -> Response:
    erasing.place_hold(access.current_staff(), client_id)
    return htmx.redirect("office.erasing_client", client_id=client_id)


@blueprint.post("/erasing/<client_id>/lift-hold")
@access.for_staff(Purpose.ERASE)
def lift_hold(client_id: str) -> Response:
    erasing.lift_hold(access.current_staff(), client_id)
    return htmx.redirect("office.erasing_client", client_id=client_id)


@blueprint.post("/erasing/<client_id>/ask")
@access.for_staff(Purpose.ERASE)
def ask_to_erase(client_id: str) -> Response:
    try:
        erasing.ask(access.current_staff(), client_id)
    except Invalid as wrong:
        return client_page(client_id, 422, wrong=wrong.problems)
    return htmx.redirect("office.erasing_client", client_id=client_id)


@blueprint.post("/erasing/<client_id>/call-off")
@access.for_staff(Purpose.ERASE)
def call_off(client_id: str) -> Response:
    erasing.call_off(access.current_staff(), client_id)
    return htmx.redirect("office.erasing_client", client_id=client_id)


@blueprint.post("/erasing/<client_id>/agree")
@access.for_staff(Purpose.ERASE)
def agree_to_erase(client_id: str) -> Response:
    try:
        erasing.agree(access.current_staff(), client_id)
    except Invalid as wrong:
        return client_page(client_id, 422, wrong=wrong.problems)
    return htmx.redirect("office.erasing", done="")


@blueprint.post("/erasing-keys/<backup_id>/destroyed")
@access.for_staff(Purpose.PLACE_BACKUPS, asked_at="office.erasing")
def erasing_keys_destroyed(backup_id: str) -> Response:
    """A key file that nobody reaches from here is destroyed, the owner says."""
    backup_page.say_keys_destroyed(access.current_staff(), backup_id)
    return htmx.redirect("office.erasing")
