"""Help, stopping, the idle screen, the end: the ways out of a sitting."""

from flask import Response, request, url_for

from kiosk import access, htmx
from kiosk.actions import check_in, once, sittings
from kiosk.client import blueprint, language
from kiosk.client.places import START, place_of
from kiosk.errors import SittingEnded

OF_THE_REQUEST = ("csrf_token", "_at", "_lang")


def leave(why: str, to: str, **said: str) -> Response:
    """The end of a sitting; the thank-you is told its language, for nothing else remembers it."""
    if sitting := access.sitting_or_none():
        sittings.end(sitting, why)
        if to == "client.done":
            said["lang"] = sitting.lang
    response = htmx.redirect_home(url_for(to)) if to == START else htmx.redirect(to, **said)
    return language.forget(access.forget_sitting(response))


@blueprint.errorhandler(SittingEnded)
def ended(ended: SittingEnded) -> Response:
    """Every old address leads to the start; only who must come to the desk is told so first."""
    if ended.message == SittingEnded.message:
        return language.forget(access.forget_sitting(htmx.redirect_home(url_for(START))))
    message, next_step = language.say(ended.message), language.say(ended.next_step)
    return access.forget_sitting(htmx.render("client/problem.html", message=message, next_step=next_step))


def carried() -> list[tuple[str, str]]:
    """What was typed on the page before, for the way back to it."""
    return [one for one in request.form.items(multi=True) if one[0] not in OF_THE_REQUEST]


@blueprint.route("/help", methods=["GET", "POST"], endpoint="help_page")
@access.for_tablet
def help_page() -> Response:
    """Ways out, from any page; what was typed there is kept."""
    at, sitting = place_of(request.form.get("_at", "")), access.sitting_or_none()
    known, typed = sitting is not None and sitting.known, carried()
    if sitting and known and at.page:
        token = sittings.keep_typed(sitting, at.form, at.page, request.form)
        typed = [one for one in typed if one[0] != once.TOKEN] + [(once.TOKEN, token)]
    return htmx.render("client/help_page.html", at=at.address, form_id=at.form, known=known, carried=typed)


@blueprint.post("/help/ask")
@access.for_sitting
def ask_help() -> Response:
    sittings.ask_help(access.current_sitting())
    at = place_of(request.form.get("_at", ""))
    told = htmx.render(
        "client/help_page.html", at=at.address, form_id=at.form, known=True, asked=True, carried=carried()
    )
    return htmx.shown_at(told, url_for("client.help_page"))


@blueprint.post("/stop")
@access.for_tablet
def stop() -> Response:
    return leave("idle" if request.form.get("why") == "idle" else "stopped", START)


@blueprint.post("/finish")
@access.for_tablet
def finish() -> Response:
    return leave("finished", "client.done")


@blueprint.post("/enough")
@access.for_sitting
def enough() -> Response:
    """What was signed is kept; the rest stays due, and is asked another day."""
    return leave("enough", "client.done", enough="")


@blueprint.get("/another")
@access.for_sitting
def another() -> Response:
    """Whoever signs for several people goes on with the next; what is their own is not asked again."""
    return htmx.render("client/another.html")


@blueprint.post("/another")
@access.for_sitting
def go_on() -> Response:
    """To a birth date, in a fresh document; not by the start page, where it would end (decision 0015)."""
    token = check_in.go_on(access.current_sitting())
    fresh = access.clear_browser(htmx.redirect_home(url_for("client.birth_date")))
    return access.set_sitting_cookie(fresh, token)


@blueprint.get("/holds")
@access.for_tablet
def holds() -> Response:
    """Asked by each page of a sitting, again and again: the desk may have ended it.

    Asked not by itself, it also says that somebody touches the screen. No cookie is dropped here: what is
    asked at the same time may have begun the next sitting.
    """
    return Response(status=204 if access.sitting_or_none() else 410)


@blueprint.get("/done")
@access.for_tablet
def done() -> Response:
    language.speak(request.args.get("lang", ""))
    return htmx.render("client/done.html", enough="enough" in request.args)
