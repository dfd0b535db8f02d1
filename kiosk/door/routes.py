"""The front door: unlocking and locking, pairing, and whether the server is well."""

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import opening
from kiosk.door import blueprint
from kiosk.door.signing_in import home_of
from kiosk.errors import Invalid, SignInNeeded, WrongPassphrase


@blueprint.get("/")
@access.open_to_all
def start() -> Response:
    """A tablet goes to its start, staff to their room, anybody else to the sign-in."""
    if not access.current_practice().vault.is_unlocked:
        return htmx.redirect("door.unlock")
    if access.is_tablet():
        return htmx.redirect("client.start")
    try:
        return htmx.redirect_to(home_of(access.current_staff().roles))
    except SignInNeeded as needed:
        return htmx.redirect_to(needed.address)


@blueprint.route("/unlock", methods=["GET", "POST"])
@access.open_to_all
@access.at_an_even_pace
def unlock() -> Response:
    if access.current_practice().vault.is_unlocked:  # no place to try passphrases at
        return htmx.redirect_home("/")
    if request.method == "GET":
        return htmx.render("door/unlock.html", problems=(), name="")
    passphrase, name = request.form.get("passphrase", ""), request.form.get("name", "").strip()
    try:
        opening.unlock(access.current_practice(), passphrase, access.current_device(), name)
    except WrongPassphrase as wrong:
        return htmx.render("door/unlock.html", 422, problems=(("passphrase", wrong.message),), name=name)
    return htmx.redirect_home("/")


@blueprint.post("/lock")
@access.for_staff(Purpose.LOCK)
def lock() -> Response:
    opening.lock(access.current_staff())
    return htmx.redirect_home("/unlock")


@blueprint.route("/pair", methods=["GET", "POST"])
@access.open_to_all
@access.at_an_even_pace
def pair() -> Response:
    if _is_paired():  # opened from the home screen, where this page was put, or by Back
        return htmx.redirect_home("/tablet/")
    if request.method == "GET":
        return _pairing_page()
    return _pair(request.form.get("code", ""))


@blueprint.get("/pair/<code>")
@access.open_to_all
def pair_link(code: str) -> Response:
    """A one-time link for the browser that is to be the tablet: a button, for a get writes nothing."""
    return htmx.redirect("client.start") if _is_paired() else _pairing_page(code=code)


def _is_paired() -> bool:
    return access.current_practice().vault.is_unlocked and access.is_tablet()


def _pairing_page(status: int = 200, problems: tuple[tuple[str, str], ...] = (), code: str = "") -> Response:
    seconds = access.current_practice().settings.pairing_seconds
    return htmx.render("door/pair.html", status, problems=problems, code=code, seconds=seconds)


def _pair(code: str) -> Response:
    try:
        token = access.pair(
            access.current_practice(),
            code,
            access.current_device(),
            access.staff_token(),
            access.machine_token(),
        )
    except Invalid as wrong:
        return _pairing_page(422, tuple(wrong.problems.items()))
    response = access.drop_cookie(htmx.redirect_home("/tablet/"), access.STAFF)
    return access.set_cookie(response, access.TABLET, token)


@blueprint.get("/health")
@access.open_to_all
def health() -> Response:
    """For the supervisor: that the server answers, and what it could not confine."""
    state = "unlocked" if access.current_practice().vault.is_unlocked else "locked"
    left = opening.what_uploads_keep()
    uploads = f"without limits on: {', '.join(left)}" if left else "confined"
    return Response(f"well\n{state}\nuploads: {uploads}\n", mimetype="text/plain")
