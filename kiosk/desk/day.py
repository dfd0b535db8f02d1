"""Today: who comes, where each person is, and the page of one visit."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import handing, visit_page, visits, witnessing
from kiosk.desk import blueprint


def back(visit_id: str) -> Response:
    """To the page where the button was pressed: the visit's, or the day."""
    if request.form.get("from") == "visit":
        return htmx.redirect("desk.visit", visit_id=visit_id)
    return htmx.redirect("desk.today")


def about(visit_id: str) -> dict[str, Any]:
    """What the page of a visit shows, in whatever state it is."""
    by = access.current_staff()
    return {"view": visit_page.visit_view(by, visit_id), "tablets": access.paired_tablets(by)}


@blueprint.get("/")
@access.for_staff(Purpose.SEE_TODAY)
def today() -> Response:
    return htmx.render("desk/today.html", view=visits.today(access.current_staff()))


@blueprint.post("/names")
@access.for_staff(Purpose.SEE_TODAY)
def names() -> Response:
    """The day with whole names; the page itself goes back to initials after 20 seconds."""
    return htmx.render("desk/today.html", view=visits.today(access.current_staff(), names=True), names=True)


@blueprint.get("/visits/<visit_id>")
@access.for_staff(Purpose.SEE_TODAY)
def visit(visit_id: str) -> Response:
    return htmx.render("desk/visit.html", **about(visit_id))


@blueprint.post("/visits/<visit_id>/code")
@access.for_staff(Purpose.HAND_TABLET)
def code(visit_id: str) -> Response:
    """A code is shown once, on this answer; nothing keeps it."""
    made = handing.make_code(access.current_staff(), visit_id)
    return htmx.render("desk/visit.html", code=made, **about(visit_id))


@blueprint.post("/visits/<visit_id>/arrived")
@access.for_staff(Purpose.HAND_TABLET)
def arrived(visit_id: str) -> Response:
    handing.arrived(access.current_staff(), visit_id)
    return back(visit_id)


@blueprint.post("/visits/<visit_id>/hand")
@access.for_staff(Purpose.HAND_TABLET)
def hand(visit_id: str) -> Response:
    handing.hand(access.current_staff(), visit_id, request.form.get("tablet", ""))
    return back(visit_id)


@blueprint.post("/visits/<visit_id>/take-back")
@access.for_staff(Purpose.HAND_TABLET)
def take_back(visit_id: str) -> Response:
    handing.take_back(access.current_staff(), visit_id)
    return back(visit_id)


@blueprint.post("/visits/<visit_id>/helped")
@access.for_staff(Purpose.HELP)
def helped(visit_id: str) -> Response:
    handing.helped(access.current_staff(), visit_id)
    return back(visit_id)


@blueprint.post("/visits/<visit_id>/witness")
@access.for_staff(Purpose.WITNESS)
def witness(visit_id: str) -> Response:
    """Somebody of the practice saw the mark being made, or did not."""
    by, form = access.current_staff(), request.form.get("mark", "")
    if request.form.get("saw") == "yes":
        witnessing.saw(by, visit_id, form)
    else:
        witnessing.did_not_see(by, visit_id, form)
    return htmx.redirect("desk.visit", visit_id=visit_id)


@blueprint.post("/arrivals/<arrival_id>/match")
@access.for_staff(Purpose.HAND_TABLET)
def match_arrival(arrival_id: str) -> Response:
    handing.match_arrival(access.current_staff(), arrival_id, request.form.get("visit", ""))
    return htmx.redirect("desk.today")
