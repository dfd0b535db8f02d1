"""Which language the tablet speaks: the sitting's, else the one chosen at the start, else the practice's."""

from typing import Any

from flask import Response, current_app, g, request

from kiosk import access
from kiosk.client import blueprint
from kiosk.client.places import address
from kiosk.errors import KioskError

COOKIE = "lang"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def offered() -> tuple[str, ...]:
    return access.current_practice().settings.languages


def choose() -> None:
    """Runs before each request, and leaves the language in `g.lang` for the translations."""
    if not request.path.startswith("/tablet"):  # an address that is not there has no blueprint
        g.lang = "en"
        return
    try:
        chosen = access.current_sitting().lang
    except KioskError:
        chosen = request.cookies.get(access.cookie_name(COOKIE), "")
    g.lang = chosen if chosen in offered() else offered()[0]


def is_seated() -> bool:
    """Whether somebody sits here; nobody does where the practice is locked, and for a preview's picture."""
    try:
        access.current_sitting()
    except KioskError:
        return False
    return True


def speak(lang: str) -> None:
    """This one answer in a language that is offered."""
    if lang in offered():
        g.lang = lang


def direction() -> str:
    return "rtl" if current() in RIGHT_TO_LEFT else "ltr"


def current() -> str:
    if "lang" not in g:
        choose()
    return str(g.lang)


def say(words: str) -> str:
    """Words of the check-in, which come in English, in the language of this request."""
    current()
    translate: Any = current_app.jinja_env.globals["gettext"]
    return str(translate(words))


@blueprint.context_processor
def context() -> dict[str, Any]:
    settings = access.current_practice().settings
    return {
        "lang": current(),
        "dir": direction(),
        "languages": offered(),
        "practice_name": settings.practice_name,
        "address": address,
        "seated": is_seated(),
        "idle_ask_seconds": settings.idle_ask_seconds,
        "idle_clear_seconds": settings.idle_clear_seconds,
    }


def remember(response: Response, lang: str) -> Response:
    """What was chosen before anybody sat down; a sitting has its own, and its end forgets both."""
    if lang in offered() and access.sitting_or_none() is None:
        access.set_cookie(response, COOKIE, lang)
    return response


def forget(response: Response) -> Response:
    """The next person begins in the practice's own language."""
    return access.drop_cookie(response, COOKIE)
