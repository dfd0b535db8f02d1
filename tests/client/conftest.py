"""Every screen of the tablet with sample views, in a small application with its templates and addresses."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory
from werkzeug.serving import make_server

import kiosk
import pdf
from forms.kinds import KINDS
from kiosk.actions.words import unbroken

KIOSK = Path(kiosk.__path__[0])
FONTS = Path(pdf.__path__[0]) / "fonts"
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "font-src 'self'; form-action 'self'; require-trusted-types-for 'script'; trusted-types htmx"
)
PLACES = {
    "": "start begin handed code name seat birth-date welcome language again help=help_page "
    "help/ask=ask_help stop finish done holds another=go_on allowed take-back enough",
    "form/<form>/": "page/<page>=page page/<page>/same=same page/<page>/back=go_back "
    "page/<page>/follow=follow check read sign witness skip paper hand-in read/<int:number>.png=page_image",
}


class View(SimpleNamespace):
    """A view with the attributes that the actions give."""


def step(to: str = "page") -> View:
    return View(to=to, form="thanks", page="p1")


def head(words: str) -> View:
    return View(form="thanks", form_title=words, number=2, of=5, minutes_left=1, percent=38, lang="en")


def part(name: str, words: str, inputmode: str = "text", problem: str | None = None) -> View:
    return View(name=name, label=words, inputmode=inputmode, value=words, problem=problem)


@dataclass(frozen=True)
class Question:
    id: str
    kind: str
    ask: str
    why: str | None = None
    hint: str | None = None
    then: str | None = None
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()
    parts: tuple[View, ...] = ()
    value: Any = None
    problem: str | None = None
    follows: bool = False


def question(kind: str, words: str = "Words", problem: str | None = None) -> Question:
    """A question of a kind, with `words` wherever words can stand."""
    asked = Question("q", kind, words, why=words, hint=f"{words}\n\n{words}", then=words, problem=problem)
    match kind:
        case "decision":
            return replace(asked, options=(("allow", words), ("refuse", words)))
        case "yes_no":
            return replace(asked, options=(("yes", words), ("no", words)))
        case "choice" | "choices":
            return replace(asked, options=(("a", words), ("b", words), ("c", words)))
        case "person" | "clinician" | "address":
            parts = tuple(part(f"q-{one.id}", words, one.inputmode) for one in KINDS[kind].parts)
            return replace(asked, parts=parts)
        case "date":
            return replace(
                asked, parts=tuple(part(f"q-{p}", "1", "numeric") for p in ("month", "day", "year"))
            )
        case "notice" | "signature":
            return asked
        case _:
            return replace(asked, parts=(part("q", words, KINDS[kind].parts[0].inputmode),))


def page(*questions: Question, words: str = "Words") -> dict[str, Any]:
    problems = tuple((q.id, q.problem) for q in questions if q.problem)
    return {
        "view": View(
            head=head(words), page="p1", title=words, questions=questions, back=step(), problems=problems
        )
    }


def said_before(words: str) -> dict[str, Any]:
    """A page that was answered the last time, and on which all is known."""
    given = page(question("email", words), words=words)
    given["view"].before = View(on=words, rows=((words, words),))
    given["view"].known = True
    return given


def follows(words: str, *, yet: bool = True) -> dict[str, Any]:
    """A page on which an answer brings up another question, or has done so."""
    second = replace(question("short_text", words), id="r", parts=(part("r", words),), follows=True)
    given = page(question("yes_no", words), *((second,) if yet else ()), words=words)
    given["view"].follows = True
    return given


def asked(problem: str = "", **typed: str) -> dict[str, Any]:
    wrong = dict.fromkeys(typed, problem) if problem else {}
    return {"typed": typed, "wrong": wrong, "problems": tuple(wrong.items())}


def check(words: str, rows: tuple[View, ...], *, signed: bool) -> View:
    return View(head=head(words), rows=rows, back=step(), signed=signed, submission="s")


def permissions(words: str) -> tuple[View, ...]:
    return tuple(
        View(record_id="r", question=f"q{n}", clause=words, signed=words, until=until)
        for n, until in enumerate((None, words))
    )


def samples(words: str = "Words") -> dict[str, tuple[str, dict[str, Any]]]:
    """Name of a screen -> its template and what it is given."""
    sign = View(
        head=head(words),
        attest=words,
        name=words,
        today=words,
        submission="s",
        back=step("read"),
        has_signature=True,
        signers=("client",),
        signer_name="",
        authority="",
        electronic=words,
    )
    for_another = {**vars(sign), "signers": ("parent", "guardian"), "signer_name": words}
    rows = tuple(
        View(
            question=f"q{n}",
            ask=words,
            says=words,
            kind="decision",
            answer=answer,
            change=step(),
            before=before,
        )
        for n, (answer, before) in enumerate((("allow", None), ("refuse", words), (None, None)))
    )
    forms = tuple(View(title=words, minutes=2, why_words=why) for why in ("never", "expired", "taken_back"))
    return {
        "start": ("start", {"handed": False}),
        "handed": ("start", {"handed": True}),
        "code": ("code", asked()),
        "code-wrong": ("code", asked(words, code=words)),
        "name": ("name", asked()),
        "name-wrong": ("name", asked(words, name=words, month=words)),
        "birth-date": ("birth_date", asked()),
        "birth-date-wrong": ("birth_date", asked(words, month=words)),
        "seat": ("seat", {}),
        "welcome": ("welcome", {"view": View(name=words, minutes=6, forms=forms, first=step(), allows=True)}),
        "nothing-due": (
            "welcome",
            {"view": View(name=words, minutes=0, forms=(), first=step("done"), allows=False)},
        ),
        "several": (
            "page",
            page(
                question("decision", words),
                replace(question("email", words), id="r", parts=(part("r", words),)),
                words=words,
            ),
        ),
        "check": ("check", {"view": check(words, rows, signed=True)}),
        "check-unsigned": ("check", {"view": check(words, rows, signed=False)}),
        "allowed": ("allowed", {"rows": permissions(words)}),
        "allowed-nothing": ("allowed", {"rows": (), "taken_back": True}),
        "another": ("another", {}),
        "witness": ("witness", {"head": head(words)}),
        "said-before": ("page", said_before(words)),
        "follows": ("page", follows(words)),
        "follows-not-yet": ("page", follows(words, yet=False)),
        "just-signed": ("page", {**page(question("decision", words), words=words), "just_signed": words}),
        "enough": ("done", {"enough": True}),
        "sign-mark": ("sign", {"view": sign, "chosen": "marked", **asked()}),
        "read": ("read", {"view": View(head=head(words), pages=2, back=step("check"))}),
        "sign": (
            "sign",
            {"view": View(**{**vars(sign), "has_signature": False}), "chosen": "drawn", **asked()},
        ),
        "sign-either": (
            "sign",
            {"view": View(**{**vars(sign), "signers": ("client", "agent")}), "chosen": "again", **asked()},
        ),
        "sign-for-another": (
            "sign",
            {"view": View(**for_another), "chosen": "typed", **asked(words, signer_name="", authority="")},
        ),
        "sign-wrong": (
            "sign",
            {
                "view": sign,
                "chosen": "typed",
                "typed": {"typed_name": words},
                "wrong": {"typed_name": words},
                "problems": (("typed_name", words),),
            },
        ),
        "help": ("help_page", {"at": "/tablet/code", "form_id": "thanks", "known": True}),
        "help-asked": ("help_page", {"at": "/tablet/code", "form_id": "", "known": True, "asked": True}),
        "done": ("done", {}),
        "problem": ("problem", {"message": words, "next_step": words}),
    } | {
        f"{kind}{'-wrong' if problem else ''}": ("page", page(question(kind, words, problem), words=words))
        for kind in KINDS_SHOWN
        for problem in ((None, words) if kind not in ("notice", "signature") else (None,))
    }


KINDS_SHOWN = tuple(sorted(path.stem for path in (KIOSK / "client/templates/client/kinds").glob("*.html")))


def spanish(words: str) -> str:
    with (KIOSK / "translations/es.po").open("rb") as file:
        message = read_po(file).get(words)
    return str(message.string) if message and message.string else words


def make_app() -> Flask:
    app = Flask("screens", template_folder=str(KIOSK / "templates"), static_folder=str(KIOSK / "static"))
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.filters["unbroken"] = unbroken
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: spanish(words) if request.args.get("lang") == "es" else words,
        lambda one, many, n: one if n == 1 else many,
        newstyle=True,
    )
    client = Blueprint(
        "client", "client", url_prefix="/tablet", template_folder=str(KIOSK / "client/templates")
    )
    for prefix, places in PLACES.items():
        for place in places.split():
            path, _, name = place.partition("=")
            endpoint = name or path.replace("-", "_")
            view = what_follows if endpoint == "follow" else nothing_yet
            client.add_url_rule(f"/{prefix}{path}", endpoint, view, methods=["GET", "POST"])
    app.register_blueprint(client)
    app.add_url_rule("/look/<name>", view_func=look, methods=["GET", "POST"])
    app.add_url_rule("/fonts/<name>", "fonts", lambda name: send_from_directory(FONTS, name))
    app.context_processor(context)
    app.after_request(strict)
    return app


def what_follows(**_values: object) -> str:
    return render_template("client/_follow.html", **follows("Words", yet=request.form.get("q") == "yes"))


def nothing_yet(**_values: object) -> Response:
    return Response(status=204)


def look(name: str) -> str:
    template, given = samples(HOSTILE if request.args.get("hostile") else "Words")[name]
    prefix = "_" if request.headers.get("HX-Request-Type") == "partial" else ""
    return render_template(f"client/{prefix}{template}.html", **given)


def context() -> dict[str, Any]:
    return {
        "practice_name": "Meadow Lane Massage",
        "lang": request.args.get("lang", "en"),
        "dir": "rtl" if request.args.get("lang") == "ar" else "ltr",
        "languages": ("en", "es"),
        "csrf_token": lambda: "token",
        "address": lambda step: f"/look/{step.to}",
        "seated": True,
        "idle_ask_seconds": 240,
        "idle_clear_seconds": 300,
    }


def strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`screen` stands for every screen, `kind` for every kind that takes an answer."""
    if "screen" in metafunc.fixturenames:
        metafunc.parametrize("screen", sorted(samples()))
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", [kind for kind in KINDS_SHOWN if kind not in ("notice", "signature")])


@pytest.fixture(scope="session")
def screens() -> Flask:
    return make_app()


@pytest.fixture(scope="session")
def show(screens: Flask) -> Callable[..., str]:
    """The HTML of a screen, whole or as the fragment that is swapped."""

    def shown(name: str, *, fragment: bool = False, lang: str = "en", hostile: bool = False) -> str:
        headers = {"HX-Request-Type": "partial"} if fragment else {}
        address = f"/look/{name}?lang={lang}{'&hostile=1' if hostile else ''}"
        response = screens.test_client().get(address, headers=headers)
        assert response.status_code == 200
        return response.get_data(as_text=True)

    return shown


@pytest.fixture(scope="session")
def address(screens: Flask) -> Iterator[str]:
    """Where the screens are served, for a browser."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, screens, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
