"""The commands about forms: what is offered, whether definitions hold, and how a form will look."""

import sys
from pathlib import Path

import click

from forms.catalog import check_files, definition_files, load_catalog, shipped_folder
from kiosk.actions.practice import now
from kiosk.cli import preview
from kiosk.cli.commands import fail, main, needs_instance
from kiosk.cli.paperwork import check_language


@main.group()
def forms() -> None:
    """The forms: what is offered, and whether their definitions hold."""


@forms.command("list")
@needs_instance
def forms_list(instance: Path) -> None:
    """List the forms that are offered."""
    for form in load_catalog(instance / "forms").current():
        click.echo(f"{form.id}  version {form.version}  {', '.join(form.languages)}  {form.title.say('en')}")


@forms.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@needs_instance
def forms_check(instance: Path, files: tuple[Path, ...]) -> None:
    """Check definitions: those named, or all that are offered."""
    chosen = files or definition_files(shipped_folder(), instance / "forms")
    checked = check_files(chosen)
    for note in checked.notes:
        click.echo(note)
    for wrong in checked.wrong:
        click.echo(str(wrong), err=True)
    if checked.wrong:
        sys.exit(1)
    click.echo(f"{len(chosen)} definitions hold.")


@forms.command("preview")
@click.argument("form")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--lang", help="Only this language; without it, all that the form has.")
@click.option("--size", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@needs_instance
def forms_preview(instance: Path, form: str, out: Path, lang: str | None, size: str) -> None:
    """Show FORM as clients will see it: the tablet, the paper and the record, side by side.

    FORM is the id of a form, or a definition file (.toml). No practice is opened; all answers are samples.
    """
    chosen = preview.form_named(instance, form)
    langs = (lang,) if lang else chosen.languages
    for one in langs:
        check_language(chosen, one)
    written = preview.write(chosen, out, instance, langs, size, now())
    click.echo(f"Open {written.index} in a browser.")
    if written.problem:
        fail(written.problem)
