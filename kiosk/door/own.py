"""What one signs in with: the own page of whoever is signed in."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import own_access
from kiosk.door import blueprint
from kiosk.errors import Invalid


def page(status: int = 200, **more: Any) -> Response:
    """`at` is the part that was just sent; `done` says what came of it."""
    view = own_access.view(access.current_staff())
    return htmx.render("door/own.html", status, **{"view": view, "at": "", "wrong": {}, "done": "", **more})


def given(name: str) -> str:
    return request.form.get(name, "")


@blueprint.get("/me")
@access.for_staff(Purpose.OWN_ACCESS)
def own() -> Response:
    return page()


@blueprint.post("/me/pin")
@access.for_staff(Purpose.OWN_ACCESS)
def own_pin() -> Response:
    try:
        own_access.set_pin(access.current_staff(), given("passphrase"), given("pin"))
    except Invalid as wrong:
        return page(422, at="pin", wrong=wrong.problems)
    return page(at="pin", done="Your PIN is set.")


@blueprint.post("/me/passphrase")
@access.for_staff(Purpose.OWN_ACCESS)
def own_passphrase() -> Response:
    by, token = access.current_staff(), access.staff_token() or ""
    try:
        own_access.change_passphrase(by, given("passphrase"), given("new"), given("again"), token)
    except Invalid as wrong:
        return page(422, at="new", wrong=wrong.problems)
    return page(at="new", done="Your new passphrase holds. You are signed out everywhere else.")


@blueprint.post("/me/second-factor")
@access.for_staff(Purpose.OWN_ACCESS)
def own_second_factor() -> Response:
    by, token = access.current_staff(), access.staff_token() or ""
    try:
        own_access.begin_enrolment(by, given("passphrase"), given("code"), token)
    except Invalid as wrong:
        return page(422, at="factor", wrong=wrong.problems)
    return htmx.redirect_home("/second-factor")


@blueprint.post("/me/codes")
@access.for_staff(Purpose.OWN_ACCESS)
def own_codes() -> Response:
    try:
        codes = own_access.new_codes(access.current_staff(), given("passphrase"), given("code"))
    except Invalid as wrong:
        return page(422, at="codes", wrong=wrong.problems)
    return htmx.render("door/own_codes.html", codes=codes)
