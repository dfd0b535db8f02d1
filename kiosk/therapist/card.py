"""The day of one therapist, the consent card of a visit, and the answer to "may I tell?"."""

from flask import Response, request, url_for

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import card as cards
from kiosk.actions import endings, handing, records
from kiosk.therapist import blueprint


@blueprint.get("/")
@access.for_staff(Purpose.SEE_CARD)
def day() -> Response:
    return htmx.render("therapist/day.html", day=cards.day(access.current_staff()))


@blueprint.get("/next")
@access.for_staff(Purpose.SEE_CARD)
def next_card() -> Response:
    """The card of whoever comes next; the day's list when nobody does."""
    for row in cards.day(access.current_staff()).rows:
        if row.is_next:
            return htmx.redirect("therapist.card", visit_id=row.visit_id)
    return htmx.redirect("therapist.day")


@blueprint.get("/visits/<visit_id>")
@access.for_staff(Purpose.SEE_CARD)
def card(visit_id: str) -> Response:
    tell = url_for("therapist.may_tell", visit_id=visit_id)
    shown = cards.card(access.current_staff(), visit_id)
    return htmx.render("therapist/card.html", card=shown, visit_id=visit_id, tell=tell)


@blueprint.post("/visits/<visit_id>/reviewed")
@access.for_staff(Purpose.REVIEW)
def reviewed(visit_id: str) -> Response:
    cards.reviewed(access.current_staff(), visit_id)
    return htmx.redirect("therapist.card", visit_id=visit_id)


@blueprint.post("/visits/<visit_id>/helped")
@access.for_staff(Purpose.HELP)
def helped(visit_id: str) -> Response:
    """Only one's own client; the mark is taken away at the desk too."""
    handing.helped(access.current_staff(), visit_id)
    return htmx.redirect("therapist.card", visit_id=visit_id)


@blueprint.post("/visits/<visit_id>/happened")
@access.for_staff(Purpose.END_BY_EVENT)
def happened(visit_id: str) -> Response:
    """What was to end a permission has happened."""
    record, question_id = request.form.get("record", ""), request.form.get("question", "")
    endings.event_happened(access.current_staff(), visit_id, record, question_id)
    return htmx.redirect("therapist.card", visit_id=visit_id)


@blueprint.get("/records/<record_id>.pdf")
@access.for_staff(Purpose.OPEN_RECORD)
def record(record_id: str) -> Response:
    """A signed record, as it was signed; its file name says nothing."""
    response = Response(records.pdf(access.current_staff(), record_id), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="record.pdf")
    return response
