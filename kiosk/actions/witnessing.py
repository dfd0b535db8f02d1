"""A signature by a mark: somebody of the practice says at the desk that they saw it being made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from forms.definition import Form
from forms.signed import Signature, SignedRecord
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import drafts, signing
from kiosk.actions.at_tablet import Elsewhere, Open, open_row
from kiosk.errors import NotFound
from kiosk.vault import new_id, passing, tables
from kiosk.vault.did import Did
from pdf.record.ink import svg_paths


@dataclass(frozen=True)
class MarkRow:
    """A mark that waits: `paths` draw it in a box of `width` by `height`."""

    form: str
    title: str
    by: str
    paths: tuple[str, ...]
    width: float
    height: float


def sitting_of(desk: Desk, visit_id: str) -> tables.Sitting | None:
    """Where the client of a visit sits just now."""
    sat = tables.Sitting
    open_now = select(sat).where(sat.visit_id == visit_id, sat.ended_at.is_(None), sat.known_at.is_not(None))
    return desk.session.scalar(open_now.limit(1))


def waiting(desk: Desk, visit_id: str) -> tuple[MarkRow, ...]:
    """The marks that were made at the sitting that is open now; with its end they are nothing any more."""
    row = sitting_of(desk, visit_id)
    if row is None:
        return ()
    of_it = select(tables.Draft).where(
        tables.Draft.owner == passing.of_drafts(row.id), tables.Draft.marked_at.is_not(None)
    )
    rows = []
    for draft in desk.session.scalars(of_it):
        mark = drafts.opened(desk, draft).mark
        if mark is not None:
            title = desk.practice.catalog.form(draft.form, draft.version).title.say("en")
            paths = tuple(svg_paths(mark["strokes"]))
            rows.append(MarkRow(draft.form, title, mark["by"], paths, mark["width"], mark["height"]))
    return tuple(rows)


def saw(by: Actor, visit_id: str, form_id: str) -> None:
    """Whoever is signed in saw the client make this mark: the form is signed by it. Raises NotFound."""
    data = _marked(by, visit_id, form_id)
    try:
        signing.seal_once(lambda: _at_desk(by, visit_id), form_id, data, _witnessed)
    except Elsewhere:
        raise NotFound() from None


def did_not_see(by: Actor, visit_id: str, form_id: str) -> None:
    """The client signs again, in whatever way. Raises NotFound."""
    _marked(by, visit_id, form_id)
    with _at_desk(by, visit_id) as here:
        here.drafts[form_id].marked_at = None
        here.desk.audit(Did.DID_NOT_WITNESS, "visit", visit_id)


def _marked(by: Actor, visit_id: str, form_id: str) -> Mapping[str, str]:
    """What was said with the mark. Raises NotFound."""
    with _at_desk(by, visit_id) as here:
        draft = here.drafts.get(form_id)
        mine = draft is not None and draft.owner == passing.of_drafts(here.row.id)
        mark = drafts.opened(here.desk, draft).mark if draft is not None and mine else None
        if draft is None or draft.marked_at is None or mark is None:
            raise NotFound()
        return {name: str(mark[name]) for name in ("signer", "signer_name", "authority", "submission")}


@contextmanager
def _at_desk(by: Actor, visit_id: str) -> Iterator[Open]:
    """The client's sitting, in a transaction of who saw it. Raises NotFound."""
    with access.transaction(by, Purpose.WITNESS) as desk:
        row = sitting_of(desk, visit_id)
        if row is None:
            raise NotFound()
        yield open_row(desk, row)


def _witnessed(here: Open, form: Form, answers: Mapping[str, Any], data: Mapping[str, str]) -> SignedRecord:
    draft, mark = here.drafts[form.id], here.kept(form).mark
    if draft.marked_at is None or draft.read_at is None or mark is None:
        raise NotFound()
    who = signing.signer(here, form, data)
    signature = Signature(
        way="marked",
        name=who.name,
        strokes=tuple(tuple(tuple(point) for point in stroke) for stroke in mark["strokes"]),
        width=mark["width"],
        height=mark["height"],
        at=mark["at"],
        attest=form.attest.say(here.form_lang(form)),
        signer=who.capacity,
        authority=who.authority,
        witness=here.desk.by.name,
    )
    made = signing.unsigned(here, form, answers, new_id())
    record = signing.with_signature(here, form, answers, made, signature)
    seen = {"witness": here.desk.by.id, "witnessed_at": here.desk.now.isoformat()}
    return replace(record, evidence={**record.evidence, **seen})
