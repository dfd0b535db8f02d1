"""The forms that are offered: shipped ones beside this file, and a practice's own."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from forms.definition import DefinitionError, Form, UnknownForm
from forms.loading import load_form

FROZEN = "frozen.toml"


@dataclass(frozen=True)
class Catalog:
    """Every version of every form; the newest of each is current."""

    forms: tuple[Form, ...]

    def current(self) -> tuple[Form, ...]:
        newest: dict[str, Form] = {}
        for form in self.forms:
            best = newest.get(form.id)
            newest[form.id] = form if best is None or form.version > best.version else best
        return tuple(sorted(newest.values(), key=lambda form: form.order))

    def form(self, form_id: str, version: int | None = None) -> Form:
        """A form by its id, of this version or the current one. Raises UnknownForm."""
        for form in self.current() if version is None else self.forms:
            if form.id == form_id and version in (None, form.version):
                return form
        raise UnknownForm(form_id)


def shipped_folder() -> Path:
    return Path(str(resources.files(__package__)))


def definition_files(*folders: Path) -> tuple[Path, ...]:
    return tuple(path for folder in folders for path in sorted(folder.glob("*.toml")) if path.name != FROZEN)


def load_catalog(*extra_folders: Path) -> Catalog:
    """The shipped forms and those of further folders. Raises DefinitionError."""
    folders = [shipped_folder(), *(folder for folder in extra_folders if folder.is_dir())]
    found: dict[tuple[str, int], Form] = {}
    for path in definition_files(*folders):
        form = load_form(path)
        if (form.id, form.version) in found:
            raise DefinitionError(path.name, "id", f"{form.id} {form.version} is defined twice")
        found[form.id, form.version] = form
    return Catalog(tuple(found.values()))


def frozen_hashes() -> Mapping[str, str]:
    """`form.version` -> the content hash with which it was published."""
    with (shipped_folder() / FROZEN).open("rb") as file:
        hashes: dict[str, str] = tomllib.load(file)["published"]
        return hashes


def check_files(paths: Iterable[Path]) -> list[DefinitionError]:
    """Everything wrong with these files; a published version that changed is an error too."""
    found = []
    published = frozen_hashes()
    for path in paths:
        try:
            form = load_form(path)
        except DefinitionError as error:
            found.append(error)
            continue
        name = f"{form.id}.{form.version}"
        if path.parent == shipped_folder() and published.get(name) != form.content_hash():
            reason = (
                f"version {form.version} is published and must not change: raise the version"
                if name in published
                else f"is not in {FROZEN}: add {name} = {form.content_hash()}"
            )
            found.append(DefinitionError(path.name, "version", reason))
    return found
