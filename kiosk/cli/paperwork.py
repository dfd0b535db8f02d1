"""What the commands about paper do, and how the demo says where everything is."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from forms.catalog import Catalog
from forms.definition import Form
from kiosk.access import Actor
from kiosk.errors import Invalid, KioskError, SettingsError
from kiosk.settings import Settings
from pdf.reading import PageProblem, PageRead, read_file
from pdf.reading.blank import blank_maps
from pdf.twin import twin
from pdf.verify import NotVerified, verify


def write_blank(
    catalog: Catalog, instance: Path, form_id: str, lang: str, size: str, out: Path, map_out: Path
) -> None:
    """Raises UnknownForm, KioskError for a language that the form lacks."""
    form = catalog.form(form_id)
    check_language(form, lang)
    try:
        practice = Settings.load(instance).practice_name
    except SettingsError:
        practice = ""
    made = twin(form, lang, size, practice=practice)
    out.write_bytes(made.pdf)
    plain = json.loads(made.field_map.to_json())
    plain["pages"] = [{"width": width, "height": height} for width, height in plain["pages"]]
    map_out.write_text(json.dumps(plain, indent=2, ensure_ascii=False), encoding="utf-8")


def check_language(form: Form, lang: str) -> None:
    """Raises KioskError for a language that the form lacks."""
    if lang not in form.languages:
        raise KioskError(f"{form.id} has no words in {lang}.", f"It has {', '.join(form.languages)}.")


def read_pages(catalog: Catalog, path: Path) -> Iterator[dict[str, Any]]:
    """Each page of a file, as plain values."""
    for page in read_file(path.read_bytes(), blank_maps(catalog)):
        match page:
            case PageRead():
                yield {
                    "file": path.name,
                    "page": page.page_in_file,
                    "form": page.code.form,
                    "version": page.code.version,
                    "sheet": page.code.serial,
                    "sheet_page": page.code.page,
                    "fields": [_field(read) for read in page.fields],
                }
            case PageProblem():
                yield {"file": path.name, "page": page.page_in_file, "problem": page.problem}


def _field(read: Any) -> dict[str, Any]:
    said = {
        "question": read.field.question,
        "part": read.field.part,
        "option": read.field.option,
        "kind": read.field.kind,
        "value": read.value,
        "crop": read.field.box,
        "confidence": read.confidence,
        "sure": read.sure,
        "why": read.why,
    }
    always = ("question", "kind", "value", "crop", "confidence", "sure")
    return {key: value for key, value in said.items() if key in always or value is not None}


def take_in(by: Actor, paths: Iterable[Path], receive: Callable[..., Any]) -> tuple[int, list[str]]:
    """Store each file; how many were, and what was wrong with the others."""
    taken, problems = 0, []
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if not file.is_file():
                continue
            try:
                receive(by, file.read_bytes(), "command")
                taken += 1
            except Invalid as wrong:
                problems.append(f"{file.name}: {wrong.message}")
    return taken, problems


def verified(pdf: bytes) -> tuple[str | None, str]:
    """What is wrong with a sealed file, or the record that it carries as JSON; a certificate has none."""
    found = verify(pdf)
    if isinstance(found, NotVerified):
        return f"{found.problem} Ask the practice for another copy.", ""
    said = {
        "sealed_by": found.sealed_by,
        "sealed_at": found.sealed_at,
        "certificate_sha256": found.certificate_sha256,
        "record": None if found.record_json is None else json.loads(found.record_json),
    }
    return None, json.dumps(said, indent=2, ensure_ascii=False)


def demo_words(where: dict[str, Any], instance: Path) -> str:
    """Where everything is, for a person."""
    lines = [
        "",
        "  The sample practice, Meadow Lane Massage",
        "",
        f"  Tablet     {where['pair']}   (once, in the browser that is to be the tablet)",
        f"  Desk       {where['desk']}",
        f"  Therapist  {where['therapist']}",
        "",
        "  Sign in as",
        *(f"    {one['role']:<11} {one['name']:<8} {one['passphrase']}" for one in where["sign_ins"]),
        "",
        "  Today's visits: code, birth date, client",
        *(f"    {visit['code']}   {born}   {visit['client']}" for visit, born in _with_births(where)),
        "",
        f"  This is for looking, never for clients: the passphrase lies in {instance}, in clear.",
        "",
    ]
    return "\n".join(lines)


def _with_births(where: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    born = {client["name"]: client["born"] for client in where["clients"]}
    return [(visit, born[visit["client"]]) for visit in where["visits"]]
