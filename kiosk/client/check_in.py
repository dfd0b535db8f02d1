"""From the start page to a sitting: a code, a hand-over or a name, then the birth date."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.actions import check_in, once
from kiosk.client import blueprint, language
from kiosk.client.leaving import leave
from kiosk.client.places import START
from kiosk.errors import Invalid

DATE_PARTS = ("month", "day", "year")


def asked(wrong: Invalid | None = None) -> dict[str, Any]:
    """What a check-in page shows: what was typed, and what is wrong with it."""
    told = {html_id: language.say(words) for html_id, words in wrong.problems.items()} if wrong else {}
    return {"typed": request.form, "wrong": told, "problems": tuple(told.items())}


@blueprint.get("/")
@access.for_tablet
def start() -> Response:
    """Whoever comes here has left, by whichever way: before this page nobody sits.

    It ends, and does nothing else; no other site can ask for it so, for the cookies are strict.
    """
    if access.holds_sitting():
        return leave("stopped", START)
    return htmx.render("client/start.html", handed=check_in.is_handed(access.current_tablet()))


@blueprint.get("/handed")
@access.for_tablet
def handed() -> Response:
    """Asked by the start page: nothing, until the desk hands a visit to this tablet."""
    if not check_in.is_handed(access.current_tablet()):
        return Response(status=204)
    return htmx.render("client/start.html", handed=True)


@blueprint.post("/begin")
@access.for_tablet
def begin() -> Response:
    token = check_in.by_hand_over(access.current_tablet(), language.current())
    return access.set_sitting_cookie(htmx.redirect("client.birth_date"), token)


@blueprint.get("/code")
@access.for_tablet
def code() -> Response:
    return htmx.render("client/code.html", **asked())


@blueprint.post("/code")
@access.for_tablet
@access.at_an_even_pace
def give_code() -> Response:
    try:
        token = check_in.by_code(access.current_tablet(), request.form.get("code", ""), language.current())
    except Invalid as wrong:
        return htmx.render("client/code.html", status=422, **asked(wrong))
    return access.set_sitting_cookie(htmx.redirect("client.birth_date"), token)


@blueprint.get("/birth-date")
@access.for_unknown_sitting
def birth_date() -> Response:
    return _birth_date_page()


def _birth_date_page(status: int = 200, wrong: Invalid | None = None) -> Response:
    number = check_in.page_number(access.current_sitting())
    return htmx.render("client/birth_date.html", status, number=number, **asked(wrong))


@blueprint.post("/birth-date")
@access.for_unknown_sitting
@access.at_an_even_pace
def give_birth_date() -> Response:
    try:
        check_in.birth_date(
            access.current_sitting(), {part: request.form.get(part, "") for part in (*DATE_PARTS, "try")}
        )
    except Invalid as wrong:
        return _birth_date_page(422, wrong)
    return htmx.redirect("client.welcome")


@blueprint.get("/name")
@access.for_tablet
def name() -> Response:
    return htmx.render("client/name.html", submission=once.new_submission(), **asked())


@blueprint.post("/name")
@access.for_tablet
@access.at_an_even_pace
def give_name() -> Response:
    given = {part: request.form.get(part, "") for part in ("name", *DATE_PARTS, "submission")}
    try:
        check_in.by_name(access.current_tablet(), given)
    except Invalid as wrong:
        return htmx.render("client/name.html", status=422, submission=given["submission"], **asked(wrong))
    return htmx.redirect("client.seat")


@blueprint.get("/seat")
@access.for_tablet
def seat() -> Response:
    return language.forget(htmx.render("client/seat.html"))
