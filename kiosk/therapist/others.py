"""Somebody else's client: a reason first, then the whole name, then the card to look at for an hour."""

from typing import Any

from flask import Response, request, url_for

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import card as cards
from kiosk.actions import declaring
from kiosk.errors import Invalid
from kiosk.therapist import blueprint


def asked(wrong: Invalid | None = None, **more: Any) -> dict[str, Any]:
    return {
        "reasons": declaring.REASONS,
        "minutes": int(declaring.OPEN_FOR.total_seconds() // 60),
        "open_now": declaring.open_now(access.current_staff()),
        "typed": request.form,
        "wrong": dict(wrong.problems) if wrong else {},
        "found": None,
        **more,
    }


@blueprint.get("/others")
@access.for_staff(Purpose.DECLARE)
def others() -> Response:
    return htmx.render("therapist/others.html", **asked())


@blueprint.post("/others")
@access.for_staff(Purpose.DECLARE)
def find_other() -> Response:
    """A name is looked for by a post, so that it stands in no address; and only after a reason."""
    try:
        reason = declaring.read_reason(request.form.get("reason", ""), request.form.get("said", ""))
        found = declaring.find(access.current_staff(), reason, request.form.get("name", ""))
    except Invalid as wrong:
        return htmx.render("therapist/others.html", 422, **asked(wrong))
    return htmx.render("therapist/others.html", **asked(found=found))


@blueprint.post("/others/open")
@access.for_staff(Purpose.DECLARE)
def open_other() -> Response:
    form = request.form
    try:
        reason = declaring.read_reason(form.get("reason", ""), form.get("said", ""))
        opened = declaring.open_other(
            access.current_staff(), reason, form.get("name", ""), form.get("client", "")
        )
    except Invalid as wrong:
        return htmx.render("therapist/others.html", 422, **asked(wrong))
    return htmx.redirect("therapist.other", access_id=opened)


@blueprint.get("/others/<access_id>")
@access.for_staff(Purpose.DECLARE)
def other(access_id: str) -> Response:
    tell = url_for("therapist.other_may_tell", access_id=access_id)
    shown = cards.declared_card(access.current_staff(), access_id)
    return htmx.render("therapist/card.html", card=shown, visit_id=None, tell=tell)
