"""What every request and every answer of the web application has: limits, headers, languages, errors."""

import io
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Request, Response, current_app, g, has_request_context, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from kiosk import access, htmx, logs
from kiosk.actions import brand, words
from kiosk.errors import (
    Damaged,
    Erased,
    Invalid,
    KioskError,
    Locked,
    NotAllowed,
    NotFound,
    NotPaired,
    SignInNeeded,
    SittingEnded,
    StoreTrouble,
    TooManyTries,
)
from kiosk.settings import Settings
from kiosk.vault.tls import ServerCertificate

log, requests = logging.getLogger("kiosk.web"), logging.getLogger("kiosk.requests")

KILOBYTE, MEGABYTE = 1_000, 1_000_000
FORM_KILOBYTES = 100
SIGNATURE_KILOBYTES = 1_000  # 20,000 points, the most that is taken, are 600 to 900 kB
# What the signing page can be sent to, with what was drawn there.
WITH_A_SIGNATURE = {
    f"client.{name}"
    for name in ("give_signature", "help_page", "ask_help", "again", "language", "skip", "paper", "stop")
}
STATIC_SECONDS = int(timedelta(days=365).total_seconds())
SECRET_FILE = "web.secret"  # noqa: S105  # a file's name
LOOPBACK = ("127.0.0.1", "::1")
OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")

STATUS: dict[type[KioskError], int] = {
    NotFound: 404,
    Erased: 410,
    NotAllowed: 403,
    Locked: 503,
    SignInNeeded: 401,
    NotPaired: 403,
    SittingEnded: 410,
    TooManyTries: 429,
    Invalid: 422,
    Damaged: 500,
}

ONLY_THIS_MACHINE = (
    "This kiosk speaks plain http, and only to the machine it runs on. Open it there, "
    "or put a reverse proxy with a certificate in front of it."
)

OUR_FAULT = "Something went wrong on our side."
TELL_US = "Please tell us at the desk."


class Upload(io.BytesIO):
    """A file that came; read from its beginning to its end it is not there a second time."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() or (size is not None and size >= 0):
            return super().read(size)
        self.seek(0, io.SEEK_END)
        return self.getvalue()


class InMemoryRequest(Request):
    """Uploads stay in memory, within the limits: by default those over 500 kB go to a file in clear."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, *_: Any, **__: Any
    ) -> Upload:
        return Upload()


def config(settings: Settings, certificate: ServerCertificate | None) -> dict[str, Any]:
    return {
        **limits(_secret(settings.instance), secure=settings.behind_proxy or certificate is not None),
        "TRUSTED_HOSTS": [*OWN_HOSTS, *settings.hosts, *(_hosts(certificate) if certificate else ())],
    }


def limits(secret: bytes, *, secure: bool) -> dict[str, Any]:
    """What holds for every request, whoever the application is for."""
    return {
        "SECRET_KEY": secret,
        "SESSION_COOKIE_NAME": "__Host-csrf" if secure else "kiosk-csrf",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_HTTPONLY": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # `refuse_other_sites` asks for the origin, which browsers always say
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": FORM_KILOBYTES * KILOBYTE,
        "MAX_FORM_PARTS": 200,
        "TRUSTED_HOSTS": list(OWN_HOSTS),
        "SEND_FILE_MAX_AGE_DEFAULT": STATIC_SECONDS,  # their addresses say their content (compression)
    }


def _hosts(certificate: ServerCertificate) -> tuple[str, ...]:
    addresses = (f"[{one}]" if one.version == 6 else str(one) for one in certificate.names.addresses)
    return (*certificate.names.dns, *addresses)


def limit_forms() -> None:
    """A whole form is small, but for a drawn signature. Runs before the token is read, and with it the form.

    MAX_FORM_MEMORY_SIZE holds for the parts of an upload only: Werkzeug reads any other form at once.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        most = SIGNATURE_KILOBYTES if request.endpoint in WITH_A_SIGNATURE else FORM_KILOBYTES
        request.max_content_length = most * KILOBYTE


def _secret(instance: Path) -> bytes:
    """What signs the token against forged requests. It protects no data, so it may lie on the disk."""
    path = instance / SECRET_FILE
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def trust_proxy(app: Flask, settings: Settings) -> None:
    """What the proxy says of a request counts; said by anybody else it does not exist."""
    if not settings.behind_proxy:
        return
    direct, networks = app.wsgi_app, [ip_network(one) for one in settings.proxy_addresses]
    proxied = ProxyFix(direct, x_for=1, x_proto=1, x_host=1)

    def chosen(environ: Any, start_response: Any) -> Any:
        if any(ip_address(environ["REMOTE_ADDR"]) in network for network in networks):
            return proxied(environ, start_response)
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED")]:
            del environ[name]
        return direct(environ, start_response)

    app.wsgi_app = chosen  # type: ignore[method-assign]


def refuse_other_machines() -> None:
    """Plain http from another machine gets one sentence, not a sign-in that loops for lack of cookies."""
    if not request.is_secure and request.remote_addr not in LOOPBACK:
        raise Forbidden(ONLY_THIS_MACHINE)


def refuse_other_sites() -> None:
    """What writes comes from our own pages: the browser says so, beside the token."""
    if request.method in access.READING:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or origin not in (None, request.host_url.rstrip("/")):
        raise Forbidden("This was sent from another site.")


def for_every_template() -> dict[str, Any]:
    """What all pages may show: the practice's own name, and who is signed in."""
    settings = access.current_practice().settings
    staff = getattr(g, "staff", None)
    lang = getattr(g, "lang", "en")
    return {
        "practice_name": settings.practice_name,
        "brand": brand.of(settings),
        "lang": lang,
        "languages": settings.languages,
        "idle_ask_seconds": settings.idle_ask_seconds,
        "idle_clear_seconds": settings.idle_clear_seconds,
        "locks_in": settings.staff_idle_minutes,
        "staff": staff,
    }


def speak_languages(app: Flask) -> None:
    """Translations are read from their .po files at start: no build step, no compiled file."""
    spoken = {path.stem: _read(path) for path in (Path(app.root_path) / "translations").glob("*.po")}
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.filters["unbroken"] = words.unbroken

    def translations() -> NullTranslations:
        return spoken.get(getattr(g, "lang", "en") if has_request_context() else "en", NullTranslations())

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: translations().gettext(words),
        lambda one, many, n: translations().ngettext(one, many, n),
        newstyle=False,
    )


def _read(path: Path) -> Translations:
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return Translations(compiled)


def log_by_ids(app: Flask) -> None:
    """One line a request, with the route's name and never an address, a query or a value."""

    @app.after_request
    def write(response: Response) -> Response:
        said = {"route": _route(), "method": request.method, "status": response.status_code}
        requests.info(said)
        return response


def _route() -> str:
    return request.endpoint or "none"


def handle_errors(app: Flask) -> None:
    """Every error is a page in plain words with the next step; none shows what somebody sent."""
    app.register_error_handler(KioskError, _known)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: KioskError) -> Response:
    if isinstance(error, Locked) and request.endpoint not in ("door.unlock", "door.health"):
        return htmx.redirect_home("/unlock")
    if isinstance(error, SignInNeeded):
        return htmx.redirect_home(error.address)
    if isinstance(error, StoreTrouble):
        return _no_store(error)
    if isinstance(error, Damaged) and _at_tablet():  # which row it is concerns staff
        return _page(500, OUR_FAULT, TELL_US)
    more = {"unpaired": True} if isinstance(error, NotPaired) else {}
    return _page(STATUS.get(type(error), 400), error.message, error.next_step, **more)


def _no_store(error: StoreTrouble) -> Response:
    """What the disk is about concerns staff; a client is asked to tell them."""
    log.error({"event": "trouble with the store", "error": type(error).__name__, "route": _route()})
    if _at_tablet():
        return _page(503, "This cannot be kept right now.", TELL_US)
    return _page(503, error.message, error.next_step)


def _forged(error: CSRFError) -> Response:
    if _at_tablet():
        try:
            access.current_tablet()
        except KioskError as why:  # a browser that is not paired has no token either
            return _known(why)
    return _page(400, "This page was open for too long.", "Go back, load it again, and try once more.")


def _too_large(error: RequestEntityTooLarge) -> Response:
    if _at_tablet():
        return _page(413, "That was too much at once.", "Go back and make it shorter.")
    limit = access.current_practice().settings.max_upload_mb
    return _page(413, "That was too large to take.", f"A scan may have up to {limit} MB.")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, SecurityError):
        return Response("This address is not one of this practice's.", 400, mimetype="text/plain")
    if status == 404:
        return _page(404, NotFound.message, NotFound.next_step)
    if status == 403 and error.description == ONLY_THIS_MACHINE:
        return Response(ONLY_THIS_MACHINE, 403, mimetype="text/plain")
    return _page(status, "This cannot be done here.", "Go back to the start.")


def _unknown(error: Exception) -> Response:
    """Something of ours is broken: its kind and place are logged, its words are not."""
    incident = secrets.token_hex(4)
    said = {"error": type(error).__name__, "at": logs.place(error.__traceback__), "route": _route()}
    log.error({"event": "a fault of ours", "incident": incident, **said})
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    next_step = _translated("Nothing was lost. Try again; the mark is {mark}.").format(mark=incident)
    return _page(500, OUR_FAULT, next_step)


def _at_tablet() -> bool:
    return request.path.startswith("/tablet")


def _translated(words: str) -> str:
    translate: Callable[[str], str] = current_app.jinja_env.globals["gettext"]  # type: ignore[assignment]
    return translate(words)


def _page(status: int, message: str, next_step: str, **more: bool) -> Response:
    template = "client/problem.html" if _at_tablet() else "door/problem.html"
    said = {"message": _translated(message), "next_step": _translated(next_step)}
    try:
        return htmx.shown_where_one_is(htmx.render(template, status, **said, **more))
    except Exception as fault:  # whatever broke the page may break its error's page too
        log.error({"event": "the page of an error failed", "error": type(fault).__name__})
        return Response(" ".join(said.values()), status, mimetype="text/plain")
