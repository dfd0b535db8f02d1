"""An open sitting inside one transaction: who sits there, which forms lie on the table, what comes next."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from forms import answers as walk
from forms import duration
from forms import profile as known
from forms.definition import About, Form, Page
from kiosk import access
from kiosk.access import Desk, Sitting
from kiosk.actions import drafts as unfinished
from kiosk.actions.clients import Profile, about, profile_of
from kiosk.actions.dues import due_of
from kiosk.errors import KioskError, SittingEnded
from kiosk.vault import Field, passing, tables
from kiosk.vault.did import Did
from kiosk.vault.states import VisitState


@dataclass(frozen=True)
class Step:
    """Where a client goes next: `page`, `check`, `read`, `sign`, `witness`, `welcome` or `done`."""

    to: str
    form: str = ""
    page: str = ""


class Elsewhere(KioskError):
    """What was asked for is not where this client is; `step` is."""

    def __init__(self, step: Step) -> None:
        super().__init__("", "")
        self.step = step


@dataclass(frozen=True)
class Head:
    form: str
    form_title: str
    number: int
    of: int
    minutes_left: int
    percent: int
    lang: str


@dataclass(frozen=True)
class Open:
    """Made by `opened`, and of no use after its transaction.

    `keys` are only held: what nobody holds, the session forgets, and asks for again.
    """

    desk: Desk
    row: tables.Sitting
    visit: tables.Visit
    profile: Profile
    signed: tuple[str, ...]
    due: tuple[Form, ...]
    drafts: Mapping[str, tables.Draft]
    about: About
    carried: Mapping[str, Any]
    keys: tuple[tables.ClientKey, ...]

    @property
    def lang(self) -> str:
        return self.row.lang

    def form(self, form_id: str) -> Form:
        """A form that is due now. Raises Elsewhere."""
        for form in self.due:
            if form.id == form_id:
                return form
        raise Elsewhere(self.next_step())

    def form_lang(self, form: Form) -> str:
        return self.lang if self.lang in form.languages else form.languages[0]

    def answers(self, form: Form) -> dict[str, Any]:
        """What was answered so far; before that, what the practice knows already."""
        return dict(self.kept(form).answers)

    def kept(self, form: Form) -> unfinished.Kept:
        draft = self.drafts.get(form.id)
        if draft is None or draft.version != form.version:
            return unfinished.Kept(known.prefill(form, self.places()))
        return unfinished.opened(self.desk, draft)

    def places(self) -> dict[str, Any]:
        """What is known of this client, and of a guardian what was given for another just before."""
        return {**self.carried, **self.profile.all_places()}

    def completed(self, form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
        return known.completed(form, answers, self.places())

    def save(self, form: Form, kept: unfinished.Kept, *, skipped: bool = False) -> tables.Draft:
        draft = self.drafts.get(form.id) or unfinished.new_draft(self.visit, form)
        draft.version, draft.skipped = form.version, skipped
        unfinished.keep(self.desk, draft, self.row.id, kept)
        self.desk.session.add(draft)
        self.desk.session.flush()
        return draft

    def skipped(self, form: Form) -> bool:
        draft = self.drafts.get(form.id)
        return draft is not None and draft.skipped

    def next_step(self, after: str | None = None) -> Step:
        """Where the form that was left last goes on; else where the next that was not skipped begins."""
        begun = sorted((form for form in self.due if form.id in self.drafts), key=self._left_at, reverse=True)
        for form in (*begun, *self.due):
            if form.id != after and not self.skipped(form):
                return self.step_in(form, self.kept(form))
        return Step("done")

    def _left_at(self, form: Form) -> datetime:
        return self.drafts[form.id].changed_at

    def step_in(self, form: Form, kept: unfinished.Kept) -> Step:
        """The first page of a form that was not answered yet; where each was, what is left of it."""
        seen = {*kept.seen, *self.told_before(form)}
        page = unfinished.next_unseen(walk.showing(form, kept.answers, self.about), seen)
        if page is not None:
            return Step("page", form.id, page.id)
        return self.gap(form, kept.answers) or Step("check", form.id)

    def step_after(self, form: Form, before: unfinished.Kept, after: unfinished.Kept, page_id: str) -> Step:
        """The next page in order; for who came back from checking, only what has come up by the change."""
        was, told = walk.showing(form, before.answers, self.about), self.told_before(form)
        if unfinished.next_unseen(was, {*before.seen, *told}) is None:
            return self.step_in(form, after)
        page = walk.next_page(form, after.answers, page_id, self.about)
        while page is not None and page.id in told:
            page = walk.next_page(form, after.answers, page.id, self.about)
        if page is not None:
            return Step("page", form.id, page.id)
        return self.gap(form, after.answers) or Step("check", form.id)

    def told_before(self, form: Form) -> frozenset[str]:
        """The pages that ask only for facts which another form of this sitting has asked for already."""
        told = {
            question.fills
            for other in map(self.desk.practice.catalog.form, self.signed)
            for page in other.pages
            for question in page.questions
            if question.fills in self.places() or not (page.when.tests or question.when.tests)
        }
        return frozenset(
            page.id
            for page in form.pages
            if all(question.fills and question.fills in told for question in page.questions)
        )

    def gap(self, form: Form, answers: Mapping[str, Any]) -> Step | None:
        """The first page on which something required is still open."""
        open_questions = {question.id for question in walk.missing(form, answers, self.about)}
        for page in walk.showing(form, answers, self.about):
            if any(question.id in open_questions for question in page.questions):
                return Step("page", form.id, page.id)
        return None

    def seconds(self, form: Form) -> float:
        """How long a form still takes, from what is known of it now."""
        return duration.seconds(form, self.form_lang(form), self.answers(form), self.about)

    def head(self, form: Form, answers: Mapping[str, Any], page_id: str | None = None) -> Head:
        """How far one is: in forms, in minutes and in hundredths."""
        pages = [page.id for page in walk.showing(form, answers, self.about)]
        place = pages.index(page_id) / (len(pages) + 2) if page_id in pages else len(pages) / (len(pages) + 2)
        waiting = [form for form in self.due if not self.skipped(form)]
        of = len(self.signed) + len(self.due)
        number = len(self.signed) + 1 + [f.id for f in self.due].index(form.id)
        later = [f for f in waiting if self.due.index(f) > self.due.index(form)]
        seconds = duration.finishing(form)
        if page_id in pages:
            seconds = duration.seconds(form, self.form_lang(form), answers, self.about, page_id)
        seconds += sum(self.seconds(f) for f in later)
        return Head(
            form=form.id,
            form_title=form.title.say(self.form_lang(form)),
            number=number,
            of=of,
            minutes_left=duration.minutes(seconds),
            percent=round(100 * (number - 1 + place) / of),
            lang=self.form_lang(form),
        )


@contextmanager
def at(sitting: Sitting) -> Iterator[Open]:
    """A transaction of who sits there. Raises SittingEnded."""
    with access.transaction(sitting.tablet) as desk:
        yield opened(desk, sitting)


# Built once, for each step at a tablet asks them. What belongs together is read together: what is got by its
# id afterwards is there already.
AT_THE_TABLE = (
    select(tables.Sitting, tables.Visit, tables.Client, tables.ClientKey)
    .join(tables.Visit, tables.Visit.id == tables.Sitting.visit_id)
    .join(tables.Client, tables.Client.id == tables.Visit.client_id)
    .join(tables.ClientKey, tables.ClientKey.owner == tables.Client.id)
    .where(tables.Sitting.id == bindparam("sitting"))
)
DRAFTS = (
    select(tables.Draft, tables.ClientKey)
    .join(tables.ClientKey, tables.ClientKey.owner == tables.Draft.owner)
    .where(tables.Draft.visit_id == bindparam("visit"))
)
SIGNED_HERE = select(tables.Record.form).where(
    tables.Record.visit_id == bindparam("visit"), tables.Record.signed_at >= bindparam("began_at")
)


def opened(desk: Desk, sitting: Sitting) -> Open:
    """The sitting as it is in this very transaction. Raises SittingEnded."""
    found = desk.session.execute(AT_THE_TABLE, {"sitting": sitting.id}).one_or_none()
    if found is None:
        raise SittingEnded()
    return open_row(desk, found[0])


def open_row(desk: Desk, row: tables.Sitting) -> Open:
    """Raises SittingEnded."""
    if row.ended_at is not None or row.known_at is None or row.visit_id is None:
        raise SittingEnded()
    visit = desk.session.get_one(tables.Visit, row.visit_id)
    drafts = desk.session.execute(DRAFTS, {"visit": visit.id}).all()
    signed = desk.session.scalars(SIGNED_HERE, {"visit": visit.id, "began_at": row.began_at})
    profile = profile_of(desk, visit.client_id)
    return Open(
        desk=desk,
        row=row,
        visit=visit,
        profile=profile,
        signed=tuple(signed),
        due=tuple(owed.form for owed in due_of(desk, visit.client_id, profile)),
        drafts={draft.form: draft for draft, _key in drafts},
        about=about(desk, profile),
        carried=carried_to(desk, row),
        keys=tuple(key for _draft, key in drafts),
    )


def carried_to(desk: Desk, row: tables.Sitting) -> dict[str, Any]:
    """What a guardian gave at this tablet for another client just before: places, and no name of theirs."""
    if row.carried_sealed is None:
        return {}
    places: dict[str, Any] = desk.open_json(
        passing.of_day(row.began_at), Field.CARRIED, row.id, row.carried_sealed
    )
    return places


def page_of(here: Open, form: Form, answers: Mapping[str, Any], page_id: str) -> Page:
    """A page that shows now. Raises Elsewhere."""
    for page in walk.showing(form, answers, here.about):
        if page.id == page_id:
            return page
    raise Elsewhere(here.next_step())


def end_sittings(desk: Desk, why: str, *which: ColumnElement[bool]) -> None:
    for row in desk.session.scalars(select(tables.Sitting).where(tables.Sitting.ended_at.is_(None), *which)):
        end_sitting(desk, row, why)


def end_sitting(desk: Desk, row: tables.Sitting, why: str) -> None:
    """What was signed stands, drafts stay with the visit; what the tablet held is gone."""
    row.ended_at = desk.now
    row.signature_sealed = row.carried_sealed = None
    if row.visit_id is not None and row.known_at is not None:
        visit = desk.session.get_one(tables.Visit, row.visit_id)
        off_tablet(visit)
        if why == "finished":
            visit.code_mac = None
    desk.audit(Did.ENDED_SITTING, "sitting", row.id, reason=why)


def off_tablet(visit: tables.Visit) -> None:
    """It is on no tablet and waits for none; its client is still here."""
    visit.tablet_id = visit.handed_at = None
    if visit.state == VisitState.ON_TABLET:
        visit.state = VisitState.ARRIVED
