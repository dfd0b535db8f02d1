"""The forms that are offered: shipped ones beside this file, and a practice's own."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from forms.advice import advice
from forms.definition import DefinitionError, Form, UnknownForm
from forms.loading import form_from, read_toml
from forms.versions import WORDING, content_hash, difference

FROZEN = "frozen.toml"


@dataclass(frozen=True)
class Catalog:
    """Every version of every form; the newest of each is current. `offered` are the ids that are asked."""

    forms: tuple[Form, ...]
    offered: frozenset[str] | None = field(default=None)

    def current(self) -> tuple[Form, ...]:
        """The newest version of each form that this practice offers, in the catalog's order."""
        newest: dict[str, Form] = {}
        for form in self.forms:
            best = newest.get(form.id)
            newest[form.id] = form if best is None or form.version > best.version else best
        chosen = (form for form in newest.values() if self.offered is None or form.id in self.offered)
        return tuple(sorted(chosen, key=lambda form: form.order))

    def form(self, form_id: str, version: int | None = None) -> Form:
        """A form by its id, of this version or the newest one, offered or not. Raises UnknownForm."""
        found = [form for form in self.forms if form.id == form_id and version in (None, form.version)]
        if not found:
            raise UnknownForm(form_id)
        return max(found, key=lambda form: form.version)

    def offering(
        self, *, covered: bool, also: Collection[str] = (), without: Collection[str] = ()
    ) -> "Catalog":
        """The same forms, of which a practice asks those that it is to ask.

        `covered`: the law asks it for privacy notices. `also` and `without` are ids. Raises UnknownForm.
        """
        for form_id in (*also, *without):
            self.form(form_id)
        wanted = {"always", "covered"} if covered else {"always"}
        asked = {form.id for form in self.forms if self.form(form.id).offer in wanted}
        return Catalog(self.forms, frozenset((asked | set(also)) - set(without)))

    @cached_property
    def same_words(self) -> Mapping[tuple[str, int], bool]:
        """Of each older version, whether it differs from the current one in its wording only."""
        newest = {form.id: self.form(form.id) for form in self.forms}
        return {
            (form.id, form.version): difference(form, newest[form.id]) == WORDING
            for form in self.forms
            if form != newest[form.id]
        }

    def places(self) -> frozenset[str]:
        """The places of a client's profile that these forms fill."""
        return frozenset(
            question.fills for form in self.forms for question in form.questions() if question.fills
        )


def shipped_folder() -> Path:
    return Path(str(resources.files(__package__)))


def definition_files(*folders: Path) -> tuple[Path, ...]:
    return tuple(path for folder in folders for path in sorted(folder.glob("*.toml")) if path.name != FROZEN)


@cache
def _shipped() -> tuple[tuple[str, dict[str, Any], Form], ...]:
    """Read and linted once in a process: they stand by themselves, and change only with the program."""
    paths = definition_files(shipped_folder())
    return tuple((path.name, *form_from(path, lambda _: None)) for path in paths)


def load_catalog(*extra_folders: Path) -> Catalog:
    """The shipped forms and those of further folders, which may extend or replace them.

    A practice's form stands in the place of a shipped one by a higher version. Raises DefinitionError.
    """
    own = definition_files(*(folder for folder in extra_folders if folder.is_dir()))
    plain: dict[str, dict[str, Any]] = {}
    found: dict[tuple[str, int], Form] = {}
    for name, written, form in chain(_shipped(), ((path.name, *form_from(path, plain.get)) for path in own)):
        if (form.id, form.version) in found:
            raise DefinitionError(
                name, "version", f"{form.id} {form.version} is defined twice: raise the version"
            )
        found[form.id, form.version] = form
        if form.version >= int(plain.get(form.id, {}).get("version", 0)):
            plain[form.id] = written
    forms = tuple(found.values())
    for name, place in _mixed_places(forms):
        raise DefinitionError(name, place, "is filled by one kind of question here and by another elsewhere")
    return Catalog(forms)


def _mixed_places(forms: Iterable[Form]) -> Iterator[tuple[str, str]]:
    kinds: dict[str, str] = {}
    for form in forms:
        for question in form.questions():
            if question.fills and kinds.setdefault(question.fills, question.kind) != question.kind:
                yield f"{form.id} {form.version}", question.fills


def frozen_hashes() -> Mapping[str, str]:
    """`form.version` -> the content hash with which it was published."""
    with (shipped_folder() / FROZEN).open("rb") as file:
        hashes: dict[str, str] = tomllib.load(file)["published"]
        return hashes


@dataclass(frozen=True)
class Checked:
    """What checking some files found: what is wrong, and of each new version what it means for signers."""

    wrong: tuple[DefinitionError, ...]
    notes: tuple[str, ...]


def check_files(paths: Iterable[Path]) -> Checked:
    """Everything wrong with these files, what is better changed, and what each new version changes."""
    catalog = load_catalog()
    plain = {path.name: read_toml(path) for path in definition_files(shipped_folder())}
    ground = {str(one["id"]): one for one in sorted(plain.values(), key=lambda one: int(one["version"]))}
    wrong: list[DefinitionError] = []
    notes: list[str] = []
    for path in paths:
        try:
            form = form_from(path, ground.get)[1]
        except DefinitionError as error:
            wrong.append(error)
            continue
        wrong += [DefinitionError(path.name, key, reason) for key, reason in advice(form, catalog.places())]
        wrong += _unpublished(path, form)
        notes += _against_older(catalog, form)
    return Checked(tuple(wrong), tuple(notes))


def _unpublished(path: Path, form: Form) -> Iterator[DefinitionError]:
    published, name = frozen_hashes(), f"{form.id}.{form.version}"
    if path.parent != shipped_folder() or published.get(name) == content_hash(form):
        return
    reason = (
        f"version {form.version} is published and must not change: raise the version"
        if name in published
        else f"is not in {FROZEN}: add {name} = {content_hash(form)}"
    )
    yield DefinitionError(path.name, "version", reason)


def _against_older(catalog: Catalog, form: Form) -> Iterator[str]:
    """Whether who signed the version before is asked again."""
    older = [one for one in catalog.forms if one.id == form.id and one.version < form.version]
    if older:
        before = max(older, key=lambda one: one.version)
        what = difference(before, form)
        then = "nobody signs again" if what == WORDING else "who signed it before is asked again"
        yield f"{form.id} {form.version} changes the {what} of version {before.version}: {then}."
