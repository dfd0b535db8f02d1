"""A form as clients will see it, for its author: the tablet's pages, the paper and the record, side by side.

Nothing of a practice's store is read or opened; every answer is a sample.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from forms.catalog import definition_files, load_catalog, shipped_folder
from forms.definition import Form
from forms.loading import form_from, read_toml
from forms.samples import Samples, samples
from kiosk.actions import words
from kiosk.cli.preview import browser, papers, screens
from kiosk.errors import KioskError, SettingsError
from kiosk.settings import Settings
from pdf.html import text_of

INDEX = "index.html"
A_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")  # it names files and folders
MARK = '<meta name="generator" content="kiosk forms preview">'
NO_BROWSER = "Pictures of the tablet need Chromium or Chrome: install one of them, and run this again."


@dataclass(frozen=True)
class Written:
    """Where it begins, and what is wrong with it, if anything is."""

    index: Path
    problem: str


@dataclass(frozen=True)
class Picture:
    """One picture of the index: a file beside it, what it is, and when clients see it."""

    file: str
    name: str
    shows: str = ""


@dataclass(frozen=True)
class Column:
    """All that one language has."""

    lang: str
    title: str
    tablet: tuple[Picture, ...]
    twin: tuple[Picture, ...]
    record: tuple[Picture, ...]
    unseen: tuple[tuple[str, str, str], ...]


def form_named(instance: Path, named: str) -> Form:
    """A form of the catalog, the practice's own included, or one that lies in a file.

    Raises UnknownForm, DefinitionError, OSError.
    """
    if not named.endswith(".toml"):
        return load_catalog(instance / "forms").form(named)
    plain = [read_toml(path) for path in definition_files(shipped_folder(), instance / "forms")]
    ground = {str(one.get("id")): one for one in sorted(plain, key=lambda one: int(one.get("version", 0)))}
    return form_from(Path(named), ground.get)[1]


def write(form: Form, out: Path, instance: Path, langs: Sequence[str], size: str, now: datetime) -> Written:
    """Everything about a form into a folder. Raises KioskError, OSError."""
    for lang in langs:
        if not A_LANGUAGE.fullmatch(lang):
            raise KioskError(f"{lang!r} is not a language, like en or pt-BR.", "Correct it in the form.")
    index = out / INDEX
    if index.exists() and MARK not in index.read_text(encoding="utf-8", errors="replace"):
        raise KioskError(f"{index} is not from an earlier preview.", "Name another folder with --out.")
    out.mkdir(parents=True, exist_ok=True)
    found = browser.find()
    settings = _settings(instance)
    made = papers.Made(settings, size, now)
    # Beside what is written, and not in /tmp: a browser from a snap sees only what lies at home.
    with tempfile.TemporaryDirectory(prefix="preview-", dir=out) as working:
        app = screens.application(replace(settings, instance=Path(working), languages=tuple(langs)))
        columns = [
            _column(form, lang, out, made, screens.Stage(app, Path(working) / lang), found) for lang in langs
        ]
    text = text_of(__name__, "index.html", form=form, columns=columns, mark=MARK, pictured=found is not None)
    index.write_text(text, encoding="utf-8")
    return Written(index, "" if found else NO_BROWSER)


def _settings(instance: Path) -> Settings:
    """The practice's own, where there is one."""
    try:
        settings = Settings.load(instance)
    except SettingsError:
        return Settings(instance, practice_name="Your practice", time_zone="UTC")
    return replace(settings, hosts=(), behind_proxy=False, demo=False)


def _column(
    form: Form, lang: str, out: Path, made: papers.Made, stage: screens.Stage, found: str | None
) -> Column:
    settings, today = made.settings, words.local(made.now, made.settings.time_zone).date()
    walks = samples(form, lang, today, settings.age_of_majority)
    twin, record = made.twin(form, lang), made.record(form, lang, walks.walks[0])
    (out / f"twin-{lang}.pdf").write_bytes(twin)
    (out / f"record-{lang}.pdf").write_bytes(record)
    shown = screens.of_form(form, lang, walks, made, stage)
    _forget(out, lang)
    if found:
        browser.photograph(found, [screen.file for screen in shown], out / "tablet" / lang)
    return Column(
        lang=lang,
        title=form.title.say(lang),
        tablet=tuple(Picture(f"tablet/{lang}/{one.name}.png", one.name, one.shows) for one in shown),
        twin=_pages(out, f"twin-{lang}", twin),
        record=_pages(out, f"record-{lang}", record),
        unseen=tuple(_unseen(form, lang, walks)),
    )


def _forget(out: Path, lang: str) -> None:
    """What an earlier preview left: a form may have fewer pages now."""
    for ours in (f"tablet/{lang}/[0-9][0-9]-*.png", f"twin-{lang}-*.png", f"record-{lang}-*.png"):
        for old in out.glob(ours):
            old.unlink()


def _pages(out: Path, name: str, pdf: bytes) -> tuple[Picture, ...]:
    pictures = []
    for number, image in enumerate(papers.pictures(pdf), 1):
        file = f"{name}-{number}.png"
        (out / file).write_bytes(image)
        pictures.append(Picture(file, file.removesuffix(".png")))
    return tuple(pictures)


def _unseen(form: Form, lang: str, walks: Samples) -> Iterator[tuple[str, str, str]]:
    """Page, question and reason of whatever no walk shows."""
    page_of = {question.id: page.id for page in form.pages for question in page.questions}
    for question, reason in walks.unseen:
        yield page_of[question.id], question.ask.on_paper(lang), reason
