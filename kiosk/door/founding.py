"""The first start: a practice is made page by page, by whoever sits at this machine and sees its terminal."""

from typing import Any

from babel import Locale
from flask import Blueprint, Response, current_app, request

from kiosk import htmx
from kiosk.actions import founding
from kiosk.actions.founding import FirstStart
from kiosk.errors import Invalid

blueprint = Blueprint("first", __name__, template_folder="templates")

COOKIE = "kiosk-first"
WITHOUT_THE_WORD = ("first.word", "first.give_word", "first.health")


def first_start() -> FirstStart:
    start: FirstStart = current_app.extensions["first_start"]
    return start


def render(page: str, wrong: Invalid | None = None, **context: Any) -> Response:
    """A step, and what is wrong with what was typed there."""
    problems = tuple(wrong.problems.items()) if wrong else ()
    told = dict(problems)
    return htmx.render(
        f"door/first/{page}.html", 422 if wrong else 200, problems=problems, wrong=told, **context
    )


@blueprint.before_request
def only_who_knows_the_word() -> Response | None:
    if request.endpoint in WITHOUT_THE_WORD:
        return None
    if not first_start().knows(request.cookies.get(COOKIE, "")):
        return htmx.redirect("first.word")
    if first_start().made and request.endpoint != "first.ready":
        return htmx.redirect("first.ready")
    return None


@blueprint.get("/health")
def health() -> Response:
    return Response("well\nfirst start\n", mimetype="text/plain")


@blueprint.get("/")
@blueprint.get("/first/")
def next_step() -> Response:
    return htmx.redirect(f"first.{first_start().step}")


@blueprint.get("/first/word")
def word() -> Response:
    return render("word")


@blueprint.post("/first/word")
def give_word() -> Response:
    try:
        token = first_start().enter(request.form.get("word", ""))
    except Invalid as wrong:
        return render("word", wrong)
    response = htmx.redirect("first.next_step")
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/")
    return response


def asked_practice() -> dict[str, Any]:
    """What the first page offers, and what stands in it: typed, given before, or sensible."""
    given, typed = first_start().practice, request.form
    offered = founding.offered_languages()
    return {
        "zones": founding.time_zones(),
        "offered": [(lang, Locale(lang).get_display_name("en")) for lang in offered],
        "name": typed.get("name", given.name if given else ""),
        "zone": typed.get("zone", given.time_zone if given else founding.own_time_zone()),
        "spoken": typed.getlist("languages") if typed else given.languages if given else offered,
        "paper": typed.get("paper", given.paper_size if given else "letter"),
    }


@blueprint.get("/first/practice")
def practice() -> Response:
    return render("practice", **asked_practice())


@blueprint.post("/first/practice")
def name_practice() -> Response:
    typed = request.form
    try:
        first_start().name_practice(
            typed.get("name", ""), typed.get("zone", ""), typed.getlist("languages"), typed.get("paper", "")
        )
    except Invalid as wrong:
        return render("practice", wrong, **asked_practice())
    return htmx.redirect("first.owner")


def asked_owner() -> dict[str, Any]:
    """Names stay in the fields; a passphrase is never sent back."""
    given, typed = first_start().owner, request.form
    return {
        "name": typed.get("owner", given.name if given else ""),
        "sign_in": typed.get("sign_in", given.sign_in if given else ""),
    }


@blueprint.get("/first/owner")
def owner() -> Response:
    if first_start().practice is None:
        return htmx.redirect("first.practice")
    return render("owner", **asked_owner())


@blueprint.post("/first/owner")
def name_owner() -> Response:
    typed = request.form
    names = (typed.get("owner", ""), typed.get("sign_in", ""))
    try:
        first_start().name_owner(*names, typed.get("passphrase", ""), typed.get("again", ""))
    except Invalid as wrong:
        return render("owner", wrong, **asked_owner())
    return htmx.redirect("first.sheet")


@blueprint.get("/first/sheet")
def sheet() -> Response:
    if first_start().step != "sheet":
        return htmx.redirect("first.next_step")
    return render("sheet", code="")


@blueprint.get("/first/sheet.pdf")
def sheet_pdf() -> Response:
    if first_start().step != "sheet":
        return htmx.redirect("first.next_step")
    response = Response(first_start().sheet(), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="recovery-sheet.pdf"'
    return response


@blueprint.post("/first/sheet")
def type_back() -> Response:
    try:
        first_start().confirm(request.form.get("code", ""))
    except Invalid as wrong:
        return render("sheet", wrong, code=request.form.get("code", ""))
    return htmx.redirect_home("/first/ready")


@blueprint.get("/first/ready")
def ready() -> Response:
    """The last page: this server goes, and the practice's own comes in its place."""
    if not first_start().made:
        return htmx.redirect("first.next_step")
    return htmx.render("door/first/ready.html", then=current_app.extensions["then"])
