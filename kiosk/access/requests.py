"""Who a request comes from: the cookies, and what each route declares about who may call it."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException

from kiosk.access import proving, sessions, tablets
from kiosk.access.actors import Actor, Practice, Sitting, allow
from kiosk.access.policy import GRAVE, Purpose
from kiosk.errors import NotPaired, ProofNeeded, SittingEnded
from kiosk.vault.tls import ServerCertificate

View = TypeVar("View", bound=Callable[..., Any])

STAFF, MACHINE, TABLET, SITTING = "staff", "machine", "tablet", "sitting"
STAYS = (MACHINE, TABLET)
STAFF_MAY = "staff: "  # and a purpose: how a route of staff is declared
READING = ("GET", "HEAD", "OPTIONS")
BY_ITSELF = "by_itself"  # in the address of what a page asks for while nobody touches it


def current_practice() -> Practice:
    practice: Practice = current_app.extensions["practice"]
    return practice


def current_certificate() -> ServerCertificate | None:
    """What the practice is served with; None without TLS, and where a proxy brings its own."""
    certificate: ServerCertificate | None = current_app.extensions["certificate"]
    return certificate


def addresses_for_tablets() -> tuple[str, ...]:
    """Where a tablet finds this server to be paired, best first; none where only this machine is answered."""
    certificate = current_certificate()
    if certificate is None:
        return (f"{request.host_url}pair",) if request.is_secure else ()
    names = [name for name in certificate.names.dns if name != "localhost"]
    names += [str(one) for one in certificate.names.addresses if one.version == 4 and not one.is_loopback]
    port = urlsplit(request.host_url).port
    return tuple(f"https://{name}{f':{port}' if port else ''}/pair" for name in names)


def cookie_name(name: str) -> str:
    """`__Host-` wherever there is TLS; scripts' cookie jars do not return Secure cookies over http."""
    return f"__Host-{name}" if request.is_secure else f"kiosk-{name}"


def set_cookie(response: Response, name: str, token: str) -> Response:
    """All strict. They end with the browser, but what tells one tablet or computer from another."""
    response.set_cookie(
        cookie_name(name),
        token,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
        path="/",
        max_age=10 * 365 * 24 * 3600 if name in STAYS else None,
    )
    return response


def drop_cookie(response: Response, name: str) -> Response:
    response.delete_cookie(
        cookie_name(name), path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return response


def set_sitting_cookie(response: Response, token: str) -> Response:
    return set_cookie(response, SITTING, token)


def clear_browser(response: Response) -> Response:
    """Nothing of a sitting stays in the browser; the pairing does, so never `"cookies"`."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def forget_sitting(response: Response) -> Response:
    return drop_cookie(clear_browser(response), SITTING)


def current_device() -> str:
    """Where a request comes from, for slowing down and for the trail: an address, or loopback."""
    return request.remote_addr or "unknown"


def staff_token() -> str | None:
    return request.cookies.get(cookie_name(STAFF))


def new_token() -> str:
    return secrets.token_urlsafe(32)


def machine_token() -> str | None:
    """What this browser is known by, whoever signs in at it."""
    return request.cookies.get(cookie_name(MACHINE))


def current_staff() -> Actor:
    """Raises SignInNeeded."""
    if "staff" not in g:
        g.staff = sessions.actor_of(
            current_practice(), staff_token(), current_device(), by_itself=BY_ITSELF in request.args
        )
    staff: Actor = g.staff
    return staff


def current_tablet() -> Actor:
    """Raises NotPaired."""
    tablet: Actor = _seated()[0]
    return tablet


def current_sitting() -> Sitting:
    """Raises NotPaired, SittingEnded."""
    sitting = _seated()[1]
    if isinstance(sitting, SittingEnded):
        raise sitting
    return sitting


def _seated() -> tuple[Actor, Sitting | SittingEnded]:
    """Asked of the store once a request."""
    if "seated" not in g:
        cookies = (request.cookies.get(cookie_name(name)) for name in (TABLET, SITTING))
        g.seated = tablets.seated(current_practice(), *cookies, by_itself=BY_ITSELF in request.args)
    seated: tuple[Actor, Sitting | SittingEnded] = g.seated
    return seated


def sitting_or_none() -> Sitting | None:
    try:
        return current_sitting()
    except (NotPaired, SittingEnded):
        return None


def holds_sitting() -> bool:
    """Whether this browser still has the cookie of a sitting, be it over or not."""
    return cookie_name(SITTING) in request.cookies


def for_staff(purpose: Purpose, *, only_looks: bool = False, asked_at: str = "") -> Callable[[View], View]:
    """Declares a route that staff of some roles may call.

    What it writes for a grave purpose is done only for who proved who they are a moment ago: others do so,
    and are led to the page `asked_at`, or the one above the route's own address. `only_looks` is for a post
    that writes nothing, and is one so that what is looked for stands in no address.
    """

    def check() -> None:
        by = current_staff()
        allow(by, purpose)
        writes = request.method not in READING and not only_looks
        if writes and purpose in GRAVE and not proving.has_proved(by, staff_token()):
            raise ProofNeeded(url_for(asked_at) if asked_at else _page_above(request.path))

    return _declare(check, STAFF_MAY + purpose.value)


def _page_above(path: str) -> str:
    """The page where an act is asked for: the nearest one above the act's own address."""
    while path and not page_at(path):
        path = path.rpartition("/")[0]
    return path


def page_at(address: str) -> str:
    """The page of staff at an address; empty where there is none, as at every address that is not our own."""
    try:
        endpoint, values = current_app.url_map.bind("").match(address, "GET")
    except HTTPException:
        return ""
    said: str = getattr(current_app.view_functions[endpoint], "kiosk_open_to", "")
    return url_for(endpoint, **values) if said.startswith(STAFF_MAY) else ""


def _known_sitting() -> None:
    if not current_sitting().known:
        raise SittingEnded()


def _declare(check: Callable[[], object] | None, said: str) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.kiosk_check = check  # type: ignore[attr-defined]
        view.kiosk_open_to = said  # type: ignore[attr-defined]
        return view

    return declare


for_tablet = _declare(current_tablet, "tablet")
for_unknown_sitting = _declare(current_sitting, "sitting before the birth date")
for_sitting = _declare(_known_sitting, "sitting")
open_to_all = _declare(None, "all")


def guard() -> None:
    """Runs before each request: the route's own declaration decides who may go on."""
    if request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    check = getattr(view, "kiosk_check", None)
    if check is not None:
        check()


def refuse_undeclared(app: Any) -> None:
    """Called once all routes are there. Raises RuntimeError for a route that does not say who may call it."""
    for endpoint, view in app.view_functions.items():
        if not hasattr(view, "kiosk_open_to"):
            raise RuntimeError(f"the route {endpoint} does not say who may call it")


def is_tablet() -> bool:
    try:
        current_tablet()
    except NotPaired:
        return False
    return True
