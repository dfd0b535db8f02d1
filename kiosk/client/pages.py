"""The forms: answering, checking, reading, signing, leaving for another time."""

from typing import Any

from flask import Response, g, request

from kiosk import access, htmx
from kiosk.actions import check_in, endings, signing, sittings
from kiosk.actions.at_tablet import Elsewhere, Step
from kiosk.actions.form_pages import PageView
from kiosk.client import blueprint, language
from kiosk.client.leaving import leave
from kiosk.client.places import Place, address, here, said_in
from kiosk.errors import Invalid

BEFORE_THE_FIRST = Step("welcome")


def go(step: Step, **said: str) -> Response:
    """To where a client goes next; after the last form the sitting ends. `said` goes along in the address."""
    if step.to == "done":
        said.pop("signed", None)  # the thank-you says it
        if check_in.another(access.current_sitting()):
            return htmx.redirect("client.another", **said)
        return leave("finished", "client.done", **said)
    return htmx.redirect_to(address(step, **said))


@blueprint.context_processor
def said_once() -> dict[str, Any]:
    """The titles of a form that the desk was just asked to print, and of one just signed.

    Only the address names them; in another language, and after help, that of the page that is shown again.
    """
    lang = language.current()
    named = dict(g.shown_again.said) if "shown_again" in g else request.args
    said: dict[str, Any] = {"here": here()}
    for form in access.current_practice().catalog.current():
        title = form.title.say(lang if lang in form.languages else form.languages[0])
        if form.id == named.get("paper"):
            said["on_paper"] = title
        if form.id == named.get("signed"):
            said["just_signed"] = title
    return said


def signed_so(wrong: Invalid) -> dict[str, Any]:
    """What the signing page shows again: the way that was chosen, the name that was typed, what is wrong."""
    told = {html_id: language.say(words) for html_id, words in wrong.problems.items()}
    return {
        "chosen": request.form.get("way", "drawn"),
        "typed": request.form,
        "wrong": told,
        "problems": tuple(told.items()),
    }


@blueprint.errorhandler(Elsewhere)
def elsewhere(there: Elsewhere) -> Response:
    return htmx.redirect_to(address(there.step))


@blueprint.get("/welcome")
@access.for_sitting
def welcome() -> Response:
    return htmx.render("client/welcome.html", view=sittings.welcome(access.current_sitting()))


@blueprint.get("/form/<form>/page/<page>")
@access.for_sitting
def page(form: str, page: str) -> Response:
    return htmx.render("client/page.html", view=sittings.open_page(access.current_sitting(), form, page))


@blueprint.post("/form/<form>/page/<page>")
@access.for_sitting
def answer(form: str, page: str) -> Response:
    return answered(form, page, sittings.answer(access.current_sitting(), form, page, request.form))


@blueprint.post("/form/<form>/page/<page>/back")
@access.for_sitting
def go_back(form: str, page: str) -> Response:
    """To the page before; what could be read of this one is there when one comes again."""
    sitting = access.current_sitting()
    sittings.keep_typed(sitting, form, page, request.form)
    return go(sittings.open_page(sitting, form, page).back or BEFORE_THE_FIRST)


def answered(form: str, page: str, outcome: Step | PageView) -> Response:
    """On, or the page once more, by its own address whichever of its buttons was pressed."""
    if isinstance(outcome, Step):
        return go(outcome)
    at = Place("client.page", form, page, said_in(request.args)).address
    status = 422 if outcome.problems else 200
    return htmx.shown_at(htmx.render("client/page.html", status, view=outcome, at=at, action=at), at)


@blueprint.post("/form/<form>/page/<page>/same")
@access.for_sitting
def same(form: str, page: str) -> Response:
    """What was said the last time is still right."""
    return answered(form, page, sittings.still_right(access.current_sitting(), form, page))


@blueprint.post("/form/<form>/page/<page>/follow")
@access.for_sitting
def follow(form: str, page: str) -> Response:
    """What follows from the answers so far, on the same page; nothing is kept."""
    view = sittings.follow(access.current_sitting(), form, page, request.form)
    return htmx.render("client/follow.html", view=view)


@blueprint.get("/form/<form>/check")
@access.for_sitting
def check(form: str) -> Response:
    return htmx.render("client/check.html", view=sittings.check(access.current_sitting(), form))


@blueprint.get("/form/<form>/read")
@access.for_sitting
def read(form: str) -> Response:
    return htmx.render("client/read.html", view=signing.to_read(access.current_sitting(), form))


@blueprint.get("/form/<form>/read/<int:number>.png")
@access.for_sitting
def page_image(form: str, number: int) -> Response:
    return Response(signing.page_image(access.current_sitting(), form, number), mimetype="image/png")


@blueprint.post("/form/<form>/read")
@access.for_sitting
def certify(form: str) -> Response:
    """That the pages were read to their end; and the signature drawn before, where that is chosen."""
    step = signing.certify(access.current_sitting(), form)
    return give_signature(form) if request.form.get("way") else go(step)


@blueprint.get("/form/<form>/sign")
@access.for_sitting
def sign(form: str) -> Response:
    view = signing.to_sign(access.current_sitting(), form)
    return htmx.render(
        "client/sign.html", view=view, chosen="again" if view.has_signature else "drawn", wrong={}, typed={}
    )


@blueprint.post("/form/<form>/sign")
@access.for_sitting
def give_signature(form: str) -> Response:
    try:
        step = signing.sign(access.current_sitting(), form, request.form)
        return go(step) if step.to == "witness" else go(step, signed=form)
    except Invalid as wrong:
        view = signing.to_sign(access.current_sitting(), form)
        return htmx.render("client/sign.html", status=422, view=view, **signed_so(wrong))


@blueprint.post("/form/<form>/hand-in")
@access.for_sitting
def hand_in(form: str) -> Response:
    """A form that asks for no signature is given in from the page where its answers were checked."""
    return go(signing.hand_in(access.current_sitting(), form, request.form), signed=form)


@blueprint.get("/form/<form>/witness")
@access.for_sitting
def witness(form: str) -> Response:
    """A mark waits for who saw it; the page asks again and again, and is answered once it is decided."""
    try:
        head = signing.waits_for_witness(access.current_sitting(), form)
    except Elsewhere as there:
        signed = signing.is_signed(access.current_sitting(), form)
        return go(there.step, **({"signed": form} if signed else {}))
    if "again" in request.args:
        return Response(status=204)
    return htmx.render("client/witness.html", head=head)


@blueprint.get("/allowed")
@access.for_sitting
def allowed() -> Response:
    return htmx.render("client/allowed.html", rows=endings.allowed(access.current_sitting()))


@blueprint.post("/allowed")
@access.for_sitting
def take_back() -> Response:
    """One permission ends; the page shows what is left."""
    record, question = request.form.get("record", ""), request.form.get("question", "")
    endings.take_back(access.current_sitting(), record, question)
    rows = endings.allowed(access.current_sitting())
    return htmx.render("client/allowed.html", rows=rows, taken_back=True)


@blueprint.post("/form/<form>/skip")
@access.for_sitting
def skip(form: str) -> Response:
    return go(sittings.skip(access.current_sitting(), form))


@blueprint.post("/form/<form>/paper")
@access.for_sitting
def paper(form: str) -> Response:
    return go(sittings.want_paper(access.current_sitting(), form), paper=form)
