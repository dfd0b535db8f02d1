"""A page once more with all that was typed on it, as it was typed: in another language, or after help."""

from typing import Any

from flask import Response, g, request

from kiosk import access, htmx
from kiosk.access import Sitting
from kiosk.actions import check_in, once, signing, sittings
from kiosk.client import blueprint, language
from kiosk.client.check_in import asked
from kiosk.client.places import START, Place, place_of


@blueprint.route("/language", methods=["GET", "POST"], endpoint="language")
@access.for_tablet
def switch() -> Response:
    """The same page in another language."""
    if request.method == "GET":
        return htmx.redirect(START)  # a browser without script asks the address anew once it was idle
    lang, sitting = request.form.get("_lang", ""), access.sitting_or_none()
    if sitting:
        sittings.switch_language(sitting, lang)
    language.speak(lang)
    return language.remember(shown_again(), lang)


@blueprint.route("/again", methods=["GET", "POST"])
@access.for_tablet
def again() -> Response:
    """Back from help."""
    return htmx.redirect(START) if request.method == "GET" else shown_again()


def shown_again() -> Response:
    """The page that `_at` names; what was typed on it comes along in the request."""
    at = place_of(request.form.get("_at", ""))
    g.shown_again = at
    response = _with_what_was_typed(at, access.sitting_or_none())
    if response is None:
        return htmx.redirect_to(at.address)
    return htmx.shown_at(response, at.address)


def _with_what_was_typed(at: Place, sitting: Sitting | None) -> Response | None:
    """None for a page on which nothing is typed, and for one that this sitting may not see."""
    typed, where = request.form, dict[str, Any](at=at.address, action=at.address)
    known = sitting is not None and sitting.known
    match at.endpoint:
        case "client.name":
            submission = typed.get("submission") or once.new_submission()
            return htmx.render("client/name.html", submission=submission, **where, **asked())
        case "client.code":
            return htmx.render("client/code.html", **where, **asked())
        case "client.birth_date" if sitting and not known:
            number = check_in.page_number(sitting)
            return htmx.render("client/birth_date.html", number=number, **where, **asked())
        case "client.page" if sitting and known:
            page = sittings.as_typed(sitting, at.form, at.page, typed)
            return htmx.render("client/page.html", view=page, **where)
        case "client.sign" if sitting and known:
            view = signing.to_sign(sitting, at.form)
            chosen = typed.get("way", "drawn")
            return htmx.render("client/sign.html", view=view, chosen=chosen, typed=typed, wrong={}, **where)
    return None
