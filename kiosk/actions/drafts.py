"""What is not signed yet: kept under a key of its sitting's own, taken up again for some days, then gone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from forms import answers as walk
from forms.definition import About, Form, Page
from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.vault import Field, new_id, passing, tables
from kiosk.vault.did import Did
from kiosk.vault.tables import ClientKey, Draft, Sheet, Sitting, Visit


@dataclass(frozen=True)
class Kept:
    """`seen` are the pages that were answered, in that order; `mark` waits for who saw it being made.

    `paper`: somebody would rather fill this form in on paper, and has answered nothing here since.
    """

    answers: Mapping[str, Any]
    seen: tuple[str, ...] = ()
    mark: Mapping[str, Any] | None = None
    paper: bool = False

    def after(self, page: str, answers: Mapping[str, Any]) -> "Kept":
        seen = (*(one for one in self.seen if one != page), page)
        return replace(self, answers=answers, seen=seen, mark=None, paper=False)


def opened(desk: Desk, draft: Draft) -> Kept:
    """What a draft holds; one from before drafts had keys holds answers alone."""
    plain = desk.open_json(draft.owner, Field.DRAFT, draft.id, draft.answers_sealed)
    if draft.owner == draft.client_id:
        return Kept(plain)
    return Kept(plain["answers"], tuple(plain["seen"]), plain["mark"], plain.get("paper", False))


def keep(desk: Desk, draft: Draft, sitting_id: str, kept: Kept) -> None:
    """Seal it under the key of the sitting in which it was changed last; the caller adds the row."""
    draft.owner = passing.of_drafts(sitting_id)
    with desk.session.no_autoflush:
        if desk.session.get(ClientKey, draft.owner) is None:
            desk.new_client_key(draft.owner)
    plain = {"answers": dict(kept.answers), "seen": kept.seen, "mark": kept.mark, "paper": kept.paper}
    draft.answers_sealed = desk.seal_json(draft.owner, Field.DRAFT, draft.id, plain)
    draft.read_at = draft.marked_at = None
    draft.changed_at = desk.now


def of_client(desk: Desk, clients: Collection[str]) -> list[Draft]:
    """What can be taken up again of some clients, the latest first."""
    return list(
        desk.session.scalars(
            select(Draft)
            .where(Draft.client_id.in_(clients), Draft.changed_at > _oldest(desk))
            .where(Draft.answers_sealed != b"")
            .order_by(Draft.changed_at.desc())
        )
    )


def _oldest(desk: Desk) -> Any:
    return desk.now - timedelta(days=desk.practice.settings.draft_days)


def take_up(desk: Desk, visit: Visit) -> None:
    """What this client left unfinished at another visit goes on at this one."""
    here = {draft.form for draft in of_client(desk, [visit.client_id]) if draft.visit_id == visit.id}
    for draft in of_client(desk, [visit.client_id]):
        if draft.form not in here:
            here.add(draft.form)
            draft.visit_id, draft.skipped = visit.id, False


def offer_again(desk: Desk, visit: Visit) -> None:
    """What was skipped is asked again at the next sitting."""
    desk.session.execute(update(Draft).where(Draft.visit_id == visit.id).values(skipped=False))


def let_go(by: Actor) -> bool:
    """Destroy what nobody took up again in time, and the keys that hold nothing any more."""
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        old = select(Draft).where(
            Draft.changed_at <= _oldest(desk), ~_sits(Sitting.visit_id == Draft.visit_id)
        )
        found = desk.session.scalars(old).all()
        for draft in found:
            desk.session.delete(draft)
        for visit_id in sorted({draft.visit_id for draft in found}):
            desk.audit(Did.ENDED_DRAFT, "visit", visit_id)
        desk.session.flush()
        empty = select(ClientKey.owner).where(
            ClientKey.owner.startswith(passing.DRAFT, autoescape=True),
            ClientKey.destroyed_at.is_(None),
            ~select(Draft.id).where(Draft.owner == ClientKey.owner).exists(),
            ~_sits(passing.DRAFT + Sitting.id == ClientKey.owner),
        )
        owners = desk.session.scalars(empty).all()
        for owner in owners:
            passing.destroy(desk.session, owner, desk.now)
        return bool(found or owners)


def _sits(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Sitting.id).where(Sitting.ended_at.is_(None), which).exists()


def goes_to_paper(desk: Desk, draft: Draft) -> bool:
    return opened(desk, draft).paper


def is_unprinted(desk: Desk, draft: Draft) -> bool:
    """Of a form that goes to paper: whether the desk still owes it, not printed since somebody asked."""
    printed = select(Sheet.id).where(
        Sheet.client_id == draft.client_id,
        Sheet.form == draft.form,
        Sheet.printed_at >= draft.changed_at,
    )
    return desk.session.scalar(printed.limit(1)) is None


@dataclass(frozen=True)
class Stopped:
    """Where somebody stopped: at page `at` of `of`, or before signing where `at` is more than that."""

    form: Form
    at: int
    of: int

    @property
    def says(self) -> str:
        return f"Stopped at {self.at} of {self.of}" if self.at <= self.of else "Stopped before signing"


def stopped(desk: Desk, draft: Draft, form: Form, about: About) -> Stopped | None:
    """Where this draft was left; None where nothing was answered."""
    kept = opened(desk, draft)
    if not kept.seen or draft.version != form.version:
        return None
    pages = walk.showing(form, kept.answers, about)
    return Stopped(form, _next_place(pages, kept.seen) + 1, len(pages))


def _next_place(pages: tuple[Page, ...], seen: Collection[str]) -> int:
    """The place of the first page that was not answered; behind them all where each was."""
    return next((place for place, page in enumerate(pages) if page.id not in seen), len(pages))


def next_unseen(pages: tuple[Page, ...], seen: Collection[str]) -> Page | None:
    place = _next_place(pages, seen)
    return pages[place] if place < len(pages) else None


def new_draft(visit: Visit, form: Form) -> Draft:
    return tables.Draft(
        id=new_id(), visit_id=visit.id, client_id=visit.client_id, form=form.id, skipped=False
    )
