"""The forms: loading them all, a page's visibility and validation, and the one answer to "may we tell?"."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from forms import answers as walk
from forms.catalog import definition_files, load_catalog, shipped_folder
from forms.decisions import Decision, Endings, Signing, decisions_of
from forms.fields import page_form, read_page
from forms.loading import load_form
from forms.permissions import may_tell
from tests.bench.records import ANSWERS, middle

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RECORDS = (1, 100, 10_000)


def measure() -> list[dict[str, Any]]:
    return [_loading(), *_page(), *_may_tell()]


def _loading() -> dict[str, Any]:
    """Against only parsing the same files."""
    files = definition_files(shipped_folder())
    return {
        "what": f"loading and linting {len(files)} forms against parsing their TOML",
        "ours": middle(lambda: [load_form(file) for file in files]),
        "plain": middle(lambda: [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]),
        "unit": "ms",
    }


def _page() -> list[dict[str, Any]]:
    """Against the same page's WTForms class, made and filled without ours around it."""
    form = load_catalog().form("clinician_release")
    given = {"has_clinician": "yes", "clinician": {"name": "Dr. Ortiz"}, "may_speak": "allow"}
    page = next(page for page in form.pages if page.id == "whom")
    sent = MultiDict({"clinician-name": "Dr. Ortiz", "clinician-phone": "512 555 0142"})

    def whole() -> None:
        walk.showing(form, given)
        read_page(page, page_form(page, "en")(sent), "en")

    def bare() -> None:
        page_form(page, "en")(sent).validate()

    what = "visibility and validation of a page against its bare WTForms"
    return [{"what": what, "ours": middle(whole), "plain": middle(bare), "unit": "ms"}]


def history(records: int, client: str = "") -> tuple[Decision, ...]:
    """What a client signed every few days, each time for one of ten people."""
    form = load_catalog().form("emergency_contact")
    made: list[Decision] = []
    for number in range(records):
        at = NOW - (records - number) * DAY / 10
        answers = {**ANSWERS, "contact": {"name": f"Kirsten {client}{number % 10}"}}
        made += decisions_of(form, answers, Signing(f"r{number:06}", at, "en", "tablet"))
    return tuple(made)


def _may_tell() -> list[dict[str, Any]]:
    """Against one look through the same decisions. Others' records are never asked: they cost nothing."""
    none: Endings = {}
    rows = []
    for records in RECORDS:
        own = history(records)
        party = own[-1].party or f"Kirsten {(records - 1) % 10}"
        rows.append(
            {
                "what": f"may_tell with {records} records of the client against one look through them",
                "ours": middle(lambda own=own, party=party: may_tell(own, none, party, "whereabouts", NOW)),
                "plain": middle(lambda own=own, party=party: [d for d in own if d.party == party]),
                "unit": "ms",
            }
        )
    return rows
