"""May I tell? Asked beside the card of one's own visit, and beside a card that was opened with a reason."""

from flask import Response, request, url_for

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import card as cards
from kiosk.actions.card import Card, Told
from kiosk.therapist import blueprint


def page(card: Card, back: str, tell: str, told: Told | None = None) -> Response:
    """Whose card it is, where it lies, where the question goes, and what was answered."""
    return htmx.render(
        "therapist/may_tell.html",
        card=card,
        topics=cards.topics(),
        asked=request.form,
        back=back,
        tell=tell,
        told=told,
    )


def asked() -> tuple[str, str]:
    return request.form.get("party", ""), request.form.get("topic", "")


def page_of_visit(visit_id: str, told: Told | None = None) -> Response:
    return page(
        cards.card(access.current_staff(), visit_id),
        url_for("therapist.card", visit_id=visit_id),
        url_for("therapist.ask", visit_id=visit_id),
        told,
    )


def page_of_other(access_id: str, told: Told | None = None) -> Response:
    return page(
        cards.declared_card(access.current_staff(), access_id),
        url_for("therapist.other", access_id=access_id),
        url_for("therapist.ask_other", access_id=access_id),
        told,
    )


@blueprint.get("/visits/<visit_id>/may-tell")
@access.for_staff(Purpose.SEE_CARD)
def may_tell(visit_id: str) -> Response:
    return page_of_visit(visit_id)


@blueprint.post("/visits/<visit_id>/may-tell")
@access.for_staff(Purpose.SEE_CARD)
def ask(visit_id: str) -> Response:
    return page_of_visit(visit_id, cards.may_tell(access.current_staff(), visit_id, *asked()))


@blueprint.get("/others/<access_id>/may-tell")
@access.for_staff(Purpose.DECLARE)
def other_may_tell(access_id: str) -> Response:
    return page_of_other(access_id)


@blueprint.post("/others/<access_id>/may-tell")
@access.for_staff(Purpose.DECLARE)
def ask_other(access_id: str) -> Response:
    return page_of_other(access_id, cards.declared_may_tell(access.current_staff(), access_id, *asked()))
