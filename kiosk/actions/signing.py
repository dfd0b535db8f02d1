"""From a page that was read to its end to a signed, sealed and stored record."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from forms import answers as walk
from forms.answers import Shown
from forms.decisions import Decision, Signing, decisions_of
from forms.definition import CLIENT, Form
from forms.signed import ELECTRONIC, Signature, SignedRecord
from forms.signers import needs_authority, who_may_sign
from forms.versions import content_hash
from kiosk import access
from kiosk.access import Desk, Sitting
from kiosk.actions import records, words
from kiosk.actions.at_tablet import Elsewhere, Head, Open, Step, at, opened
from kiosk.actions.clients import fill
from kiosk.actions.sealing import seal_key
from kiosk.actions.strokes import read_strokes
from kiosk.errors import Invalid
from kiosk.settings import VERSION
from kiosk.vault import Field, new_id, tables
from kiosk.vault.did import Did
from pdf import record as record_pdf
from pdf.seal import seal

TYPE = "Type your name to sign."
CHOOSE = "Choose how you want to sign."
MARK = "Make your mark in the box while somebody from the practice watches."
DRAW_YOUR_OWN = "Somebody else drew that signature. Draw your own, or type your name."
WHO_SIGNS = "Choose who is signing."
YOUR_NAME = "Enter your own name."
AS_WHAT = "Enter as what you sign, for example: I am the mother."


@dataclass(frozen=True)
class ReadView:
    """`again`: who reads it has drawn a signature before, and may put it here by a button after the end.

    `words` are those of the pages, for who hears them: what was asked, explained and answered; `for_all` is
    what stands below. `stamp` tells one state of the answers from another: a browser shows no older picture.
    """

    head: Head
    pages: int
    back: Step
    words: tuple[tuple[str, str, str], ...]
    for_all: tuple[str, ...]
    again: bool = False
    attest: str = ""
    submission: str = ""
    stamp: str = ""


@dataclass(frozen=True)
class SignView:
    head: Head
    attest: str
    name: str
    today: str
    submission: str
    back: Step
    has_signature: bool
    signers: tuple[str, ...]
    signer_name: str
    authority: str
    electronic: str
    problem: str | None = None


def ready(here: Open, form_id: str) -> tuple[Form, dict[str, Any]]:
    """A form with nothing open, and its answers without what no longer shows. Raises Elsewhere."""
    form = here.form(form_id)
    answers = walk.kept(form, here.answers(form), here.about)
    if form.id not in here.drafts:
        raise Elsewhere(here.next_step())
    if gap := here.gap(form, answers):
        raise Elsewhere(gap)
    return form, answers


def unsigned(here: Open, form: Form, answers: Mapping[str, Any], record_id: str) -> SignedRecord:
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
        form_hash=content_hash(form),
        lang=lang,
        shown=walk.shown(form, answers, lang, here.about),
        answers=dict(answers),
        decisions=decided(here, form, answers, record_id, CLIENT),
        take_back=form.take_back.say(lang),
        signature=None,
        evidence={"electronic": electronic(lang)} if form.needs_signature() else {},
        channel="tablet",
        supersedes=superseded(here.desk, here.visit.client_id, form.id),
        client=here.visit.client_id,
    )


def electronic(lang: str) -> str:
    """What signing on a screen means, in the words that are shown and stored (15 U.S.C. 7001(c))."""
    return ELECTRONIC.get(lang, ELECTRONIC["en"])


def decided(
    here: Open, form: Form, answers: Mapping[str, Any], record_id: str, signer: str
) -> tuple[Decision, ...]:
    lang = here.form_lang(form)
    return decisions_of(
        form, answers, Signing(record_id, here.desk.local_now, lang, "tablet", signer, here.about)
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
        form, answers = ready(here, form_id)
        return here.head(form, answers), unsigned(here, form, answers, new_id())


def words_of(shown: Iterable[Shown]) -> tuple[tuple[str, str, str], ...]:
    return tuple((row.ask, row.explains, row.says) for row in shown)


def to_read(sitting: Sitting, form_id: str) -> ReadView:
    """The record's own pages, as they will be stored. Raises Elsewhere."""
    head, record = _preview(sitting, form_id)
    pages = record_pdf.page_count(record_pdf.render(record))
    with at(sitting) as here:
        form = here.form(form_id)
        drawn = _drawn(here)
        again = (
            drawn is not None
            and drawn["by"] == here.profile.name
            and CLIENT in who_may_sign(form, here.about)
        )
        attest = form.attest.say(here.form_lang(form))
        state = f"{here.drafts[form.id].changed_at.isoformat()} {here.form_lang(form)}"
        stamp = sha256(state.encode()).hexdigest()[:8]
    words = words_of(record.shown)
    for_all = (record.take_back, *record.evidence.values())
    return ReadView(
        head, pages, Step("check", form_id), words, for_all, again, attest, submission=new_id(), stamp=stamp
    )


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
        form, _ = ready(here, form_id)
        here.drafts[form.id].read_at = desk.now
        return Step("sign", form.id)


def to_sign(sitting: Sitting, form_id: str, problem: str | None = None) -> SignView:
    """The page to sign on; only after reading. Raises Elsewhere."""
    with access.transaction(sitting.tablet) as desk:
        here = opened(desk, sitting)
        form, answers = ready(here, form_id)
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
            signers=who_may_sign(form, here.about),
            signer_name=_guardians(here, "guardian.person"),
            authority=_guardians(here, "guardian.authority"),
            electronic=electronic(lang),
            problem=problem,
        )


def _guardians(here: Open, place: str) -> str:
    """What is known of who signs for this client: a name, or by what right."""
    value = here.places().get(place)
    return str(value.get("name", "")) if isinstance(value, Mapping) else str(value or "")


def sign(sitting: Sitting, form_id: str, data: Mapping[str, str]) -> Step:
    """Sign a form: record, PDF, profile and audit are written together, once for each submission.

    A mark is held until somebody says that they saw it being made.
    Raises Invalid for what is no signature, Elsewhere where this form is not to be signed now.
    """
    if data.get("way") == "marked":
        return _hold_mark(sitting, form_id, data)
    return seal_once(lambda: at(sitting), form_id, data, _to_be_signed)


def _hold_mark(sitting: Sitting, form_id: str, data: Mapping[str, str]) -> Step:
    """Any touch of the pad is a mark: that it was meant, the witness says."""
    with at(sitting) as here:
        form, _ = ready(here, form_id)
        draft = here.drafts[form.id]
        if draft.read_at is None:
            raise Elsewhere(Step("read", form.id))
        who = signer(here, form, data)
        try:
            strokes = read_strokes(data.get("strokes", ""), least_px=0)
        except Invalid:
            raise Invalid({"strokes": MARK}) from None
        said = {name: data.get(name, "") for name in ("signer", "signer_name", "authority", "submission")}
        read_at = draft.read_at
        mark = {**strokes, **said, "by": who.name, "at": local_now(here)}
        here.save(form, replace(here.kept(form), mark=mark))
        draft.read_at, draft.marked_at = read_at, here.desk.now
        here.desk.audit(Did.MADE_MARK, "visit", here.visit.id)
        return Step("witness", form.id)


def waits_for_witness(sitting: Sitting, form_id: str) -> Head:
    """Raises Elsewhere once somebody has said whether they saw it."""
    with at(sitting) as here:
        form, answers = ready(here, form_id)
        if here.drafts[form.id].marked_at is None:
            raise Elsewhere(Step("sign", form.id))
        return here.head(form, answers)


def is_signed(sitting: Sitting, form_id: str) -> bool:
    """Whether this form was signed at this visit."""
    with at(sitting) as here:
        signed = select(tables.Record.id).where(
            tables.Record.visit_id == here.visit.id, tables.Record.form == form_id
        )
        return here.desk.session.scalar(signed.limit(1)) is not None


def hand_in(sitting: Sitting, form_id: str, data: Mapping[str, str]) -> Step:
    """Give in a form that asks for no signature; kept and sealed like any other. Raises Elsewhere."""
    return seal_once(lambda: at(sitting), form_id, data, _to_be_handed_in)


Made = Callable[[Open, Form, Mapping[str, Any], Mapping[str, str]], SignedRecord]


def _to_be_signed(
    here: Open, form: Form, answers: Mapping[str, Any], data: Mapping[str, str]
) -> SignedRecord:
    if not form.needs_signature():
        raise Elsewhere(Step("check", form.id))
    if here.drafts[form.id].read_at is None:
        raise Elsewhere(Step("read", form.id))
    return _signed(here, form, answers, data)


def _to_be_handed_in(
    here: Open, form: Form, answers: Mapping[str, Any], data: Mapping[str, str]
) -> SignedRecord:
    if form.needs_signature():
        raise Elsewhere(Step("read", form.id))
    given = Signature("given", here.profile.name, (), 0.0, 0.0, local_now(here), "", CLIENT)
    record = unsigned(here, form, answers, new_id())
    return replace(record, signature=given, evidence=evidence(here, form))


def seal_once(
    enter: Callable[[], AbstractContextManager[Open]], form_id: str, data: Mapping[str, str], make: Made
) -> Step:
    """The record is laid out and sealed between two transactions, and kept only if nothing changed."""
    with enter() as here:
        if _already(here.desk, here, data):
            return here.next_step()
        form, answers = ready(here, form_id)
        record = make(here, form, answers, data)
        changed_at, key = here.drafts[form.id].changed_at, seal_key(here.desk)
        now = here.desk.now
    pdf = seal(record_pdf.render(record), key, now)
    with enter() as here:
        if not _already(here.desk, here, data):
            if form.id not in here.drafts or here.drafts[form.id].changed_at != changed_at:
                raise Elsewhere(Step("check", form.id))
            _keep(here, form, record, pdf, submission=data.get("submission") or record.id, at=now)
    with enter() as here:
        return here.next_step()


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
    made = unsigned(here, form, answers, new_id())
    signature = _signature(here, form, data)
    return with_signature(here, form, answers, made, signature)


def with_signature(
    here: Open, form: Form, answers: Mapping[str, Any], made: SignedRecord, signature: Signature
) -> SignedRecord:
    return replace(
        made,
        decisions=decided(here, form, answers, made.id, signature.signer),
        signature=signature,
        evidence={**made.evidence, **evidence(here, form)},
    )


def evidence(here: Open, form: Form) -> dict[str, str]:
    draft = here.drafts[form.id]
    return {
        "read_at": draft.read_at.isoformat() if draft.read_at else "",
        "signed_at_local": here.desk.local_now.isoformat(),
        "sitting": here.row.id,
        "tablet": here.row.tablet_id,
        "application": VERSION,
        "identified_by": "visit and birth date",
    }


@dataclass(frozen=True)
class Signer:
    """Who signs, in which capacity, and by what right where it is not the client."""

    capacity: str
    name: str
    authority: str


def signer(here: Open, form: Form, data: Mapping[str, str]) -> Signer:
    """Raises Invalid."""
    capacity = data.get("signer", "") or CLIENT
    if capacity not in who_may_sign(form, here.about):
        raise Invalid({"signer": WHO_SIGNS})
    if not needs_authority(capacity):
        return Signer(capacity, here.profile.name, "")
    name, authority = (" ".join(data.get(key, "").split()) for key in ("signer_name", "authority"))
    wrong = {"signer_name": YOUR_NAME} if not name else {}
    if not authority:
        wrong["authority"] = AS_WHAT
    if wrong:
        raise Invalid(wrong)
    return Signer(capacity, name, authority)


def _signature(here: Open, form: Form, data: Mapping[str, str]) -> Signature:
    """Raises Invalid."""
    who = signer(here, form, data)
    drawn: dict[str, Any] = {"strokes": (), "width": 0.0, "height": 0.0}
    name = who.name
    match data.get("way", ""):
        case "drawn":
            drawn = read_strokes(data.get("strokes", ""))
            here.row.signature_sealed = here.desk.seal_json(
                here.visit.client_id,
                Field.SIGNATURE,
                here.row.id,
                {**drawn, "by": who.name, "at": local_now(here)},
            )
        case "again" if here.row.signature_sealed is not None:
            drawn = _drawn_before(here, who)
        case "typed":
            name = " ".join(data.get("typed_name", "").split())
            if not name:
                raise Invalid({"typed_name": TYPE})
        case _:
            raise Invalid({"way": CHOOSE})
    return Signature(
        way="applied" if data["way"] == "again" else data["way"],
        name=name,
        strokes=tuple(tuple(tuple(point) for point in stroke) for stroke in drawn["strokes"]),
        width=drawn["width"],
        height=drawn["height"],
        at=local_now(here),
        attest=form.attest.say(here.form_lang(form)),
        signer=who.capacity,
        authority=who.authority,
        drawn_at=drawn.get("at", ""),
    )


def _drawn(here: Open) -> dict[str, Any] | None:
    if here.row.signature_sealed is None:
        return None
    drawn: dict[str, Any] = here.desk.open_json(
        here.visit.client_id, Field.SIGNATURE, here.row.id, here.row.signature_sealed
    )
    return drawn


def _drawn_before(here: Open, who: Signer) -> dict[str, Any]:
    """The signature drawn in this sitting, by the same person. Raises Invalid."""
    drawn = _drawn(here)
    if drawn is None:
        raise Invalid({"way": CHOOSE})
    if drawn.get("by") != who.name:
        raise Invalid({"way": DRAW_YOUR_OWN})
    return drawn


def local_now(here: Open) -> str:
    return here.desk.local_now.isoformat(timespec="seconds")


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
    fill(desk, here.visit.client_id, form, record.answers, at)
    if record.signature is not None and record.signature.witness:
        desk.audit(Did.WITNESSED_MARK, "record", record.id)
    desk.session.delete(here.drafts[form.id])
