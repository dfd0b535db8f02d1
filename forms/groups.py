"""Groups that are asked several times, written out: from there on a form is flat, in every room.

The first turn keeps the names of the definition; in the second, `contact` is `contact_2`, also where texts
insert it, conditions ask it, grants name it, or it fills the profile. So the tablet, the paper, the
reading and the permissions know nothing of groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from forms.definition import (
    ALWAYS,
    INSERT,
    Condition,
    DefinitionError,
    Form,
    Grant,
    Page,
    Question,
    Refusal,
    Test,
    Text,
)


@dataclass(frozen=True)
class Group:
    """Pages that belong together: asked when `when` holds, up to `most` times while `more` is a yes.

    An unanswered `more` is a no. `again` says, by question, how it is asked from the second turn on.
    """

    name: str
    when: Condition
    most: int
    more: Text | None
    again: Mapping[str, Text]


def written_out(file: str, form: Form, groups: Mapping[str, Group]) -> Form:
    """The form with each group in its place, once for each turn. Raises DefinitionError."""
    pages: list[Page] = []
    owners: dict[str, Group] = {}
    seen: set[str] = set()
    for name, run in groupby(form.pages, lambda page: page.group):
        run_pages = tuple(run)
        if name is None:
            pages += run_pages
            continue
        if name not in groups:
            raise DefinitionError(file, f"{run_pages[0].id}.group", f"there is no [group.{name}]")
        if name in seen:
            raise DefinitionError(file, f"group.{name}", "its pages do not stand together")
        seen.add(name)
        asked = {question.id for page in run_pages for question in page.questions}
        for unknown in sorted(set(groups[name].again) - asked):
            raise DefinitionError(file, f"group.{name}.again.{unknown}", "is not a question of this group")
        owners |= dict.fromkeys(asked, groups[name])
        pages += _turns(groups[name], run_pages)
    for unused in sorted(set(groups) - seen):
        raise DefinitionError(file, f"group.{unused}", "has no page")
    return replace(
        form,
        pages=tuple(pages),
        grants=tuple(_each_grant(form.grants, owners)),
        refusals=tuple(_each_refusal(form.refusals, owners)),
    )


def numbered(name: str, turn: int) -> str:
    """`contact`, `contact_2`, `contact_3`."""
    return name if turn == 1 else f"{name}_{turn}"


def _more_id(group: Group, turn: int) -> str:
    return numbered(f"{group.name}_more", turn)


def _turns(group: Group, pages: Sequence[Page]) -> Iterator[Page]:
    names = [question.id for page in pages for question in page.questions]
    for turn in range(1, group.most + 1):
        before = Condition("all", (Test(_more_id(group, turn - 1), "equals", ("yes",)),))
        group_when = group.when if turn == 1 else before
        renamed = _Renamed({name: numbered(name, turn) for name in names}, turn)
        for page in pages:
            yield replace(renamed.page(page, group.again), turn=turn, group_when=group_when)
        if turn < group.most and group.more is not None:
            name = _more_id(group, turn)
            question = Question(name, "yes_no", group.more, None, None, None, None, False, None, (), ALWAYS)
            yield Page(name, None, (question,), ALWAYS, group.name, turn, group_when)


def _turns_of(owners: Mapping[str, Group], names: Sequence[str]) -> Iterator["_Renamed"]:
    """The turns in which something stands that speaks of these questions."""
    group = next((owners[name] for name in names if name in owners), None)
    inside = [name for name, owner in owners.items() if owner is group]
    for turn in range(1, (group.most if group else 1) + 1):
        yield _Renamed({name: numbered(name, turn) for name in inside}, turn)


def _each_grant(grants: Sequence[Grant], owners: Mapping[str, Group]) -> Iterator[Grant]:
    for grant in grants:
        for renamed in _turns_of(owners, (grant.decision, grant.party)):
            yield replace(
                grant,
                when=renamed.condition(grant.when),
                decision=renamed.name(grant.decision),
                party=renamed.name(grant.party),
                topics_from=tuple(renamed.name(name) for name in grant.topics_from),
                until=renamed.name(grant.until) if grant.until else None,
                until_event=renamed.name(grant.until_event) if grant.until_event else None,
                says=renamed.text(grant.says),
                refused=renamed.text(grant.refused),
            )


def _each_refusal(refusals: Sequence[Refusal], owners: Mapping[str, Group]) -> Iterator[Refusal]:
    for refusal in refusals:
        for renamed in _turns_of(owners, (refusal.party,)):
            yield replace(
                refusal,
                when=renamed.condition(refusal.when),
                party=renamed.name(refusal.party),
                says=renamed.text(refusal.says),
            )


@dataclass(frozen=True)
class _Renamed:
    """What a turn of a group calls its questions."""

    names: Mapping[str, str]
    turn: int

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def text(self, text: Text) -> Text:
        def said(by_lang: Mapping[str, str]) -> Mapping[str, str]:
            return {
                lang: INSERT.sub(lambda found: "{" + self.name(found[1]) + "}", words)
                for lang, words in by_lang.items()
            }

        return Text(said(text.by_lang), said(text.paper))

    def condition(self, when: Condition) -> Condition:
        tests = (replace(test, question=self.name(test.question)) for test in when.tests)
        return replace(when, tests=tuple(tests))

    def page(self, page: Page, again: Mapping[str, Text]) -> Page:
        return replace(
            page,
            id=numbered(page.id, self.turn),
            title=self.text(page.title) if page.title else None,
            questions=tuple(self.question(question, again) for question in page.questions),
            when=self.condition(page.when),
        )

    def question(self, question: Question, again: Mapping[str, Text]) -> Question:
        ask = question.ask if self.turn == 1 else again.get(question.id, question.ask)
        return replace(
            question,
            id=self.name(question.id),
            ask=self.text(ask),
            fills=numbered(question.fills, self.turn) if question.fills else None,
            when=self.condition(question.when),
            why=self.text(question.why) if question.why else None,
        )
