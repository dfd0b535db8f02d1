"""Signing in: passphrase, second factor, the PIN of a locked screen, a proof once more; and signing out."""

from contextlib import suppress

from flask import Response, request, url_for

from kiosk import access, htmx
from kiosk.access import Purpose, Role
from kiosk.actions import entering, first_steps, own_access
from kiosk.door import blueprint
from kiosk.errors import Invalid, Locked


def home_of(roles: frozenset[Role]) -> str:
    return "/desk/" if roles & {Role.FRONT_DESK, Role.OWNER} else "/therapist/"


def enters(token: str) -> Response:
    """Into the practice, with a session's token."""
    return access.set_cookie(htmx.redirect_home("/enter"), access.STAFF, token)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.open_to_all
@access.at_an_even_pace
def sign_in() -> Response:
    if request.method == "GET":
        if not access.current_practice().vault.is_unlocked:
            return htmx.redirect("door.unlock")
        return htmx.render("door/sign_in.html", problems=(), name="")
    name, passphrase = request.form.get("name", "").strip(), request.form.get("passphrase", "")
    machine = access.machine_token() or access.new_token()
    try:
        token = entering.sign_in(
            access.current_practice(),
            name,
            passphrase,
            access.current_device(),
            access.staff_token(),
            machine,
        )
    except Invalid as wrong:
        return htmx.render("door/sign_in.html", 422, problems=tuple(wrong.problems.items()), name=name)
    return access.set_cookie(enters(token), access.MACHINE, machine)


@blueprint.get("/enter")
@access.open_to_all
def enter() -> Response:
    """To one's room; first to what waits: a passphrase that another knows, the owner's first steps."""
    by = access.current_staff()
    if own_access.passphrase_is_known_to_another(by):
        return htmx.redirect("door.own")
    if Role.OWNER in by.roles and first_steps.are_waiting(by):
        return htmx.redirect_to("/office/first-steps")
    return htmx.redirect_to(home_of(by.roles))


@blueprint.post("/sign-out")
@access.open_to_all
def sign_out() -> Response:
    with suppress(Locked):  # nothing can be written then, and the browser forgets it all the same
        access.sign_out(access.current_practice(), access.staff_token() or "", access.current_device())
    return access.drop_cookie(htmx.redirect_home("/sign-in"), access.STAFF)


def coming_in() -> access.HalfWay:
    """Raises SignInNeeded."""
    return access.half_way(access.current_practice(), access.staff_token(), access.current_device())


def ask_second_factor(status: int = 200, problems: tuple[tuple[str, str], ...] = ()) -> Response:
    who = coming_in()
    if not who.enrols:
        return htmx.render("door/second_factor.html", status, problems=problems)
    new = access.enrolment(who.by, access.staff_token())
    return htmx.render("door/enrol.html", status, problems=problems, new=new, may_leave=who.may_leave)


@blueprint.route("/second-factor", methods=["GET", "POST"])
@access.open_to_all
@access.at_an_even_pace
def second_factor() -> Response:
    if request.method == "GET":
        return ask_second_factor()
    who, machine = coming_in(), access.machine_token()
    try:
        token, codes = access.give_second_factor(
            who.by, access.staff_token(), request.form.get("code", ""), machine
        )
    except Invalid as wrong:
        return ask_second_factor(422, tuple(wrong.problems.items()))
    if not codes:
        return enters(token)
    onward = url_for("door.own" if who.may_leave else "door.enter")
    return access.set_cookie(htmx.render("door/codes.html", codes=codes, onward=onward), access.STAFF, token)


@blueprint.post("/second-factor/not-now")
@access.open_to_all
def no_second_factor_now() -> Response:
    token = access.leave_enrolment(coming_in().by, access.staff_token())
    return access.set_cookie(htmx.redirect_home("/me"), access.STAFF, token)


@blueprint.get("/second-factor/qr.png")
@access.open_to_all
def second_factor_picture() -> Response:
    new = access.enrolment(coming_in().by, access.staff_token())
    return Response(own_access.picture(new.address), mimetype="image/png")


@blueprint.post("/lock-screen")
@access.for_staff(Purpose.OWN_ACCESS)
def lock_screen() -> Response:
    access.lock_screen(access.current_staff(), access.staff_token() or "")
    return htmx.redirect_home("/who")


@blueprint.post("/still-here")
@access.for_staff(Purpose.OWN_ACCESS)
def still_here() -> Response:
    """Somebody touches a page without asking for anything: to have asked for this keeps their screen open."""
    return Response(status=204)


@blueprint.route("/who", methods=["GET", "POST"])
@access.open_to_all
@access.at_an_even_pace
def who() -> Response:
    """Whose PIN opens the screen: one of those who signed in at this computer today."""
    practice, machine, device = (
        access.current_practice(),
        access.machine_token(),
        access.current_device(),
    )
    problems: tuple[tuple[str, str], ...] = ()
    chosen = request.form.get("person", "")
    if request.method == "POST":
        try:
            return enters(access.go_on(practice, machine, chosen, request.form.get("pin", ""), device))
        except Invalid as wrong:
            problems = tuple(wrong.problems.items())
    people = access.people_here(practice, machine, device)
    if not people:
        return htmx.redirect("door.sign_in")
    status = 422 if problems else 200
    return htmx.render("door/who.html", status, people=people, chosen=chosen, problems=problems)


@blueprint.route("/prove", methods=["GET", "POST"])
@access.for_staff(Purpose.OWN_ACCESS)
@access.at_an_even_pace
def prove() -> Response:
    """Whoever asked for something grave proves that it is they, and is back where they asked for it."""
    by, back = access.current_staff(), access.page_at(request.args.get("back", "")) or url_for("door.enter")
    problems: tuple[tuple[str, str], ...] = ()
    if request.method == "POST":
        given = (request.form.get("pin", ""), request.form.get("passphrase", ""))
        try:
            token = access.prove(by, access.staff_token(), *given)
            return access.set_cookie(htmx.redirect_home(back), access.STAFF, token)
        except Invalid as wrong:
            problems = tuple(wrong.problems.items())
    return htmx.render(
        "door/prove.html",
        422 if problems else 200,
        problems=problems,
        back=back,
        by_pin=access.has_pin(by),
        minutes=access.PROOF_MINUTES,
    )
