"""The tablet's pages of a form with sample answers: the real templates, by the real application."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template

import pdf
from forms import answers as walking
from forms import duration
from forms.catalog import Catalog
from forms.definition import Form, Page
from forms.fields import as_inputs, page_form
from forms.kinds import KINDS
from forms.samples import CLIENT_NAME, Samples, Walk
from kiosk.access import Practice
from kiosk.actions import words
from kiosk.actions.at_tablet import Head, Step
from kiosk.actions.form_pages import page_view
from kiosk.actions.practice import now
from kiosk.actions.signing import ReadView, SignView, electronic, words_of
from kiosk.actions.sittings import CheckRow, CheckView
from kiosk.app import create_app
from kiosk.cli.preview.papers import SAMPLE, Made, signers
from kiosk.settings import Settings
from kiosk.vault import Vault

ROOTED = re.compile(r'(\s(?:href|src)=")/')


@dataclass(frozen=True)
class Screen:
    """One page as a file; `shows` says when clients see it, where the first walk does not."""

    name: str
    file: Path
    shows: str


@dataclass(frozen=True)
class Stage:
    """Where pages are written as files, with all that they fetch beside them."""

    app: Flask
    folder: Path

    def set_up(self) -> None:
        fonts = Path(next(iter(pdf.__path__))) / "fonts"
        shutil.copytree(str(self.app.static_folder), self.folder / "static")
        shutil.copytree(fonts, self.folder / "fonts")
        css = self.folder / "static" / "kiosk.css"
        css.write_text(
            css.read_text(encoding="utf-8").replace("url(/fonts/", "url(../fonts/"), encoding="utf-8"
        )

    def put(self, name: str, lang: str, template: str, address: str, **values: Any) -> Path:
        """A page as the application renders it. Addresses begin at the root there, and here at the folder."""
        with self.app.test_request_context(address):
            g.lang = lang
            text = render_template(template, **values)
        path = self.folder / f"{name}.html"
        path.write_text(ROOTED.sub(r"\1", text), encoding="utf-8")
        return path

    def put_pictures(self, form: Form, images: Sequence[bytes]) -> None:
        """The pages to read, where the page that shows them looks for them."""
        folder = self.folder / "tablet" / "form" / form.id / "read"
        folder.mkdir(parents=True)
        for number, image in enumerate(images, 1):
            (folder / f"{number}.png").write_bytes(image)


def application(settings: Settings) -> Flask:
    """The application of a practice that has no store: pages can be rendered, and nothing be looked up."""
    return create_app(Practice(settings, Vault(settings, now), Catalog(())))


def of_form(form: Form, lang: str, samples: Samples, made: Made, stage: Stage) -> list[Screen]:
    """Each page in the form's order, then checking, reading and signing."""
    stage.set_up()
    address = f"/tablet/form/{form.id}"
    screens: list[Screen] = []

    def add(name: str, shows: str, template: str, at: str, **values: Any) -> None:
        numbered = f"{len(screens) + 1:02}-{name}"
        file = stage.put(numbered, lang, f"client/{template}.html", f"{address}/{at}", **values)
        screens.append(Screen(numbered, file, shows))

    for page_id, walk in _showings(form, samples):
        view = _page(form, lang, page_id, walk)
        add(page_id, _shows(form, lang, walk), "page", f"page/{page_id}", view=view)
    for step, values in _closing(form, lang, samples.walks[0], made, stage):
        add(step, "", step, step, **values)
    return screens


def _showings(form: Form, samples: Samples) -> Iterator[tuple[str, Walk]]:
    """Each page with each walk that shows something new on it."""
    seen: set[str] = set()
    found: list[tuple[str, Walk]] = []
    for walk in samples.walks:
        for page in walking.showing(form, walk.answers, walk.about):
            asked = {question.id for question in page.questions}
            if asked - seen:
                found.append((page.id, walk))
            seen |= asked
    order = [page.id for page in form.pages]
    return iter(sorted(found, key=lambda one: order.index(one[0])))


def _page(form: Form, lang: str, page_id: str, walk: Walk) -> Any:
    """A page as it is opened: the pages before it answered, and itself not yet, unless it asks on."""
    shown = {page.id: page for page in walking.showing(form, walk.answers, walk.about)}
    whole = shown[page_id]
    before = {name: value for name, value in walk.answers.items() if name in _asked_before(shown, page_id)}
    page = next((page for page in walking.showing(form, before, walk.about) if page.id == page_id), None)
    answers: Mapping[str, Any] = before if page == whole else walk.answers
    inputs = page_form(whole, lang)(data=as_inputs(whole, answers))
    head = _head(form, lang, walk, page_id)
    return page_view(head, form, whole, answers, inputs, {}, about=walk.about)


def _asked_before(shown: Mapping[str, Page], page_id: str) -> set[str]:
    pages = list(shown)[: list(shown).index(page_id)]
    return {question.id for page in pages for question in shown[page].questions}


def _head(form: Form, lang: str, walk: Walk, page_id: str | None = None) -> Head:
    """How far one would be, if this were the only form."""
    pages = [page.id for page in walking.showing(form, walk.answers, walk.about)]
    done = pages.index(page_id) if page_id else len(pages)
    place = done / (len(pages) + 2)
    seconds = duration.finishing(form)
    if page_id:
        seconds = duration.seconds(form, lang, walk.answers, walk.about, page_id)
    minutes = duration.minutes(seconds)
    return Head(form.id, form.title.say(lang), 1, 1, minutes, round(100 * place), lang)


def _closing(
    form: Form, lang: str, walk: Walk, made: Made, stage: Stage
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What follows the last page, with what its templates are given."""
    head, signed = _head(form, lang, walk), form.needs_signature()
    last = walking.showing(form, walk.answers, walk.about)[-1].id
    rows = tuple(_check_rows(form, lang, walk))
    yield "check", {"view": CheckView(head, rows, Step("page", form.id, last), signed, SAMPLE)}
    if not signed:
        return
    images = made.to_read(form, lang, walk)
    stage.put_pictures(form, images)
    words = words_of(walking.shown(form, walk.answers, lang, walk.about))
    for_all = (form.take_back.say(lang), electronic(lang))
    yield "read", {"view": ReadView(head, len(images), Step("check", form.id), words, for_all)}
    yield "sign", {"view": _sign(form, lang, walk, made, head), "chosen": "drawn", "wrong": {}, "typed": {}}


def _check_rows(form: Form, lang: str, walk: Walk) -> Iterator[CheckRow]:
    for row in walking.shown(form, walk.answers, lang, walk.about):
        if KINDS[row.kind].answered:
            step = Step("page", form.id, row.page)
            yield CheckRow(row.question, row.ask, row.says, row.kind, row.answer, step, before=None)


def _sign(form: Form, lang: str, walk: Walk, made: Made, head: Head) -> SignView:
    return SignView(
        head=head,
        attest=form.attest.say(lang),
        name=CLIENT_NAME,
        today=words.day(made.now, made.settings.time_zone, lang),
        submission=SAMPLE,
        back=Step("read", form.id),
        has_signature=False,
        signers=signers(form, walk),
        signer_name="",
        authority="",
        electronic=electronic(lang),
    )


def _shows(form: Form, lang: str, walk: Walk) -> str:
    """When clients see what this walk shows: in which answers it leaves the first walk."""
    said = walking.inserts(form, walk.answers, lang)
    parts = []
    for name, value in walk.chosen.items():
        question = form.question(name)
        answer = "nothing" if value is None else f"“{KINDS[question.kind].say(question, value, lang)}”"
        parts.append(f"“{question.ask.say(lang, said)}” is answered {answer}")
    if walk.another:
        age = walk.about.age
        parts.append("no birth date is on file" if age is None else f"the client is {age} years old")
    return " and ".join(parts)
