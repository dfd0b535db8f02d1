"""From a page that was read to its end to a signed, sealed and stored record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from math import dist
from typing import Any

from sqlalchemy import select

from forms import answers as walk
from forms.definition import Form
from forms.permissions import decisions_of
from forms.signed import Signature, SignedRecord
from kiosk import access
from kiosk.access import Desk, Sitting
from kiosk.actions import records, words
from kiosk.actions.at_tablet import Elsewhere, Head, Open, Step, opened
from kiosk.actions.clients import fill
from kiosk.actions.sealing import seal_key
from kiosk.errors import Invalid
from kiosk.settings import VERSION
from kiosk.vault import Field, new_id, tables
from pdf import record as record_pdf
from pdf.seal import seal

# A cross or a short stroke is a signature too; one tap by accident is not.
LEAST_INK_PX = 30.0
MOST_POINTS = 20_000
MOST_PX = 10_000

DRAW = "Draw your signature in the box, or choose to type your name."
TYPE = "Type your name to sign."
CHOOSE = "Choose how you want to sign."


@dataclass(frozen=True)
class ReadView:
    head: Head
    pages: int
    back: Step


@dataclass(frozen=True)
class SignView:
    head: Head
    attest: str
    name: str
    today: str
    submission: str
    back: Step
    has_signature: bool
    problem: str | None = None


def _ready(here: Open, form_id: str) -> tuple[Form, dict[str, Any]]:
    """A form with nothing open, and its answers without what no longer shows. Raises Elsewhere."""
    form = here.form(form_id)
    answers = walk.kept(form, here.answers(form))
    if form.id not in here.drafts:
        raise Elsewhere(here.next_step())
    if gap := here.gap(form, answers):
        raise Elsewhere(gap)
    return form, answers


def _unsigned(here: Open, form: Form, answers: Mapping[str, Any], record_id: str) -> SignedRecord:
    """All of the record but its signature: what is shown before signing is what is stored."""
    lang = here.form_lang(form)
    born = here.profile.born
    return SignedRecord(
        id=record_id,
        practice=here.desk.practice.settings.practice_name,
        client_name=here.profile.name,
        client_born=born.isoformat() if born else "",
        form_id=form.id,
        form_version=form.version,
        form_title=form.title.say(lang),
        form_hash=form.content_hash(),
        lang=lang,
        shown=walk.shown(form, answers, lang),
        answers=dict(answers),
        decisions=decisions_of(
            form, answers, record=record_id, signed=here.desk.now, lang=lang, channel="tablet"
        ),
        take_back=form.take_back.say(lang),
        signature=None,
        evidence={},
        channel="tablet",
        supersedes=superseded(here.desk, here.visit.client_id, form.id),
    )


def superseded(desk: Desk, client_id: str, form_id: str) -> str | None:
    return desk.session.scalar(
        select(tables.Record.id)
        .where(tables.Record.client_id == client_id, tables.Record.form == form_id)
        .order_by(tables.Record.signed_at.desc())
        .limit(1)
    )


def _preview(sitting: Sitting, form_id: str) -> tuple[Head, SignedRecord]:
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form, answers = _ready(here, form_id)
        return here.head(form, answers), _unsigned(here, form, answers, new_id())


def to_read(sitting: Sitting, form_id: str) -> ReadView:
    """The record's own pages, as they will be stored. Raises Elsewhere."""
    head, record = _preview(sitting, form_id)
    pages = record_pdf.page_count(record_pdf.render(record))
    return ReadView(head, pages, Step("check", form_id))


def page_image(sitting: Sitting, form_id: str, number: int) -> bytes:
    """One page of the record to sign as a PNG; `number` from 1. Raises Elsewhere."""
    _, record = _preview(sitting, form_id)
    images = record_pdf.page_images(record_pdf.render(record), width_px=1440)
    if not 1 <= number <= len(images):
        raise Elsewhere(Step("read", form_id))
    return images[number - 1]


def certify(sitting: Sitting, form_id: str) -> Step:
    """The client says that the page was read to its end."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form, _ = _ready(here, form_id)
        here.drafts[form.id].read_at = desk.now
        return Step("sign", form.id)


def to_sign(sitting: Sitting, form_id: str, problem: str | None = None) -> SignView:
    """The page to sign on; only after reading. Raises Elsewhere."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form, answers = _ready(here, form_id)
        if here.drafts[form.id].read_at is None:
            raise Elsewhere(Step("read", form.id))
        lang = here.form_lang(form)
        return SignView(
            head=here.head(form, answers),
            attest=form.attest.say(lang),
            name=here.profile.name,
            today=words.day(desk.now, desk.practice.settings.time_zone, lang),
            submission=new_id(),
            back=Step("read", form.id),
            has_signature=here.row.signature_sealed is not None,
            problem=problem,
        )


def sign(sitting: Sitting, form_id: str, data: Mapping[str, str]) -> Step:
    """Sign a form: record, PDF, profile and audit are written together, once for each submission.

    Raises Invalid for what is no signature, Elsewhere where this form is not to be signed now.
    """
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        if _already(desk, here, data):
            return here.next_step()
        form, answers = _ready(here, form_id)
        draft = here.drafts[form.id]
        if draft.read_at is None:
            raise Elsewhere(Step("read", form.id))
        record = _signed(here, form, answers, data)
        changed_at, key = draft.changed_at, seal_key(desk)
        at = desk.now
    pdf = seal(record_pdf.render(record), key, at)
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        if not _already(desk, here, data):
            if form.id not in here.drafts or here.drafts[form.id].changed_at != changed_at:
                raise Elsewhere(Step("check", form.id))
            _keep(here, form, record, pdf, submission=data.get("submission") or record.id, at=at)
    with access.transaction(sitting.tablet) as desk:
        return opened(desk, sitting).next_step()


def _already(desk: Desk, here: Open, data: Mapping[str, str]) -> bool:
    """Whether this very submission was signed before: a double tap, or a retry after a lost answer."""
    return (
        desk.session.scalar(
            select(tables.Record.id).where(
                tables.Record.submission == data.get("submission", ""),
                tables.Record.client_id == here.visit.client_id,
            )
        )
        is not None
    )


def _signed(here: Open, form: Form, answers: Mapping[str, Any], data: Mapping[str, str]) -> SignedRecord:
    unsigned = _unsigned(here, form, answers, new_id())
    zone = here.desk.practice.settings.time_zone
    draft = here.drafts[form.id]
    return replace(
        unsigned,
        signature=_signature(here, form, data),
        evidence={
            "read_at": draft.read_at.isoformat() if draft.read_at else "",
            "signed_at_local": words.local(here.desk.now, zone).isoformat(),
            "sitting": here.row.id,
            "tablet": here.row.tablet_id,
            "application": VERSION,
            "identified_by": "visit and birth date",
        },
    )


def _signature(here: Open, form: Form, data: Mapping[str, str]) -> Signature:
    """Raises Invalid."""
    zone = here.desk.practice.settings.time_zone
    drawn: dict[str, Any] = {"strokes": (), "width": 0.0, "height": 0.0}
    name = here.profile.name
    match data.get("way", ""):
        case "drawn":
            drawn = read_strokes(data.get("strokes", ""))
            here.row.signature_sealed = here.desk.seal_json(
                here.visit.client_id, Field.SIGNATURE, here.row.id, drawn
            )
        case "again" if here.row.signature_sealed is not None:
            drawn = here.desk.open_json(
                here.visit.client_id, Field.SIGNATURE, here.row.id, here.row.signature_sealed
            )
        case "typed":
            name = " ".join(data.get("typed_name", "").split())
            if not name:
                raise Invalid({"typed_name": TYPE})
        case _:
            raise Invalid({"way": CHOOSE})
    return Signature(
        way="typed" if data["way"] == "typed" else "drawn",
        name=name,
        strokes=tuple(tuple(tuple(point) for point in stroke) for stroke in drawn["strokes"]),
        width=drawn["width"],
        height=drawn["height"],
        at=words.local(here.desk.now, zone).isoformat(timespec="seconds"),
        attest=form.attest.say(here.form_lang(form)),
        signer="client",
    )


def read_strokes(text: str) -> dict[str, Any]:
    """The pad's strokes: numbers only, in the size they were made at. Raises Invalid."""
    try:
        given = json.loads(text)
        width, height = float(given["width"]), float(given["height"])
        strokes = [
            [[round(float(v), 2) for v in point[:4]] for point in stroke] for stroke in given["strokes"]
        ]
        lengths = [dist(a[:2], b[:2]) for stroke in strokes for a, b in pairwise(stroke)]
        whole = all(len(point) == 4 for stroke in strokes for point in stroke)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Invalid({"strokes": DRAW}) from None
    fits = 0 < width <= MOST_PX and 0 < height <= MOST_PX
    if not (whole and fits) or sum(map(len, strokes)) > MOST_POINTS or not sum(lengths) >= LEAST_INK_PX:
        raise Invalid({"strokes": DRAW})
    return {"strokes": strokes, "width": width, "height": height}


def _keep(here: Open, form: Form, record: SignedRecord, pdf: bytes, *, submission: str, at: datetime) -> None:
    desk = here.desk
    row = tables.Record(
        id=record.id,
        client_id=here.visit.client_id,
        visit_id=here.visit.id,
        form=form.id,
        version=form.version,
        channel="tablet",
        signed_at=at,
        submission=submission,
    )
    records.keep_record(desk, here.visit.client_id, record, pdf, row=row)
    fill(desk, here.visit.client_id, walk.fills(form, record.answers))
    desk.session.delete(here.drafts[form.id])
