"""Every command of `kiosk`."""

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from forms.catalog import load_catalog
from kiosk import demo as sample
from kiosk.access import Actor, Practice
from kiosk.actions import founding as whole
from kiosk.actions import opening
from kiosk.actions import paper as paper_actions
from kiosk.actions import practice as founding
from kiosk.actions.practice import now, open_practice
from kiosk.cli import paperwork, sheet, supervisor
from kiosk.cli.failing import Failing, fail
from kiosk.cli.passphrase import credential, passphrase_from, passphrase_or_nothing
from kiosk.settings import VERSION
from kiosk.vault import folder
from kiosk.vault.engine import database_url
from kiosk.vault.migrations import upgrade

__all__ = ["fail", "main", "needs_instance"]  # what modules with further commands build on

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
DEMO_HOST = "127.0.0.1"


@click.group(cls=Failing, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--instance", type=click.Path(path_type=Path), envvar="KIOSK_INSTANCE", default="instance",
              show_default=True, help="The folder of the practice.")  # fmt: skip
@click.version_option(VERSION)
@click.pass_context
def main(ctx: click.Context, instance: Path) -> None:
    """An intake kiosk: consent forms on a tablet, on paper, and on the therapist's screen."""
    ctx.obj = instance


def needs_instance(command: Callable[..., Any]) -> Callable[..., Any]:
    @click.pass_obj
    @wraps(command)
    def with_instance(instance: Path, *args: Any, **more: Any) -> Any:
        return command(instance, *args, **more)

    return with_instance


def opened(instance: Path, fd: int | None = None) -> Practice:
    """The practice, unlocked: the sample practice by what lies beside it, any other by its passphrase."""
    practice = open_practice(instance, now)
    unlock(practice, fd)
    return practice


def unlock(practice: Practice, fd: int | None = None, *, or_not: bool = False) -> None:
    """With the schema of this version; `or_not` leaves it locked where nobody gives a passphrase.

    Raises WrongPassphrase, SettingsError, and KioskError without a passphrase.
    """
    instance = practice.settings.instance
    upgrade(database_url(practice.settings))
    beside = sample.passphrase_beside(instance) if practice.settings.demo and fd is None else None
    typed = or_not and fd is None and not credential()
    if given := beside or (passphrase_or_nothing() if typed else passphrase_from(fd)):
        practice.vault.unlock(given)


def worker_of(practice: Practice) -> Actor:
    return founding.system(practice)


PORT = click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True)
FD = click.option("--passphrase-fd", type=int, help="Read the passphrase from this file descriptor.")


@main.command()
@click.option("--name", help="Name of the practice.")
@click.option("--time-zone", help=f"Where it is.  [default: {whole.TIME_ZONE}]")
@click.option("--owner", help="Owner's full name.")
@click.option("--sign-in", help="Owner's name for signing in.")
@click.option("--sheet", "out", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write the recovery sheet to print (PDF).")  # fmt: skip
@FD
@needs_instance
def init(
    instance: Path,
    name: str | None,
    time_zone: str | None,
    owner: str | None,
    sign_in: str | None,
    out: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Make a new practice: settings, keys, and its owner. Asks for what is not given.

    The owner's own passphrase is, at first, the practice's.
    """
    folder.refuse_practice(instance)
    folder.refuse_synchronised(instance)
    sheet.refuse_none(out)
    name = name or click.prompt("Name of the practice")
    if time_zone is None:
        time_zone = (
            click.prompt("Time zone", default=whole.own_time_zone())
            if sys.stdin.isatty()
            else whole.TIME_ZONE
        )
    owner = owner or click.prompt("Owner's full name")
    sign_in = sign_in or click.prompt("Owner's name for signing in")
    out = out or click.prompt(
        "File for the recovery sheet, to print", default="recovery-sheet.pdf", type=Path
    )
    sheet.refuse(out)
    passphrase = passphrase_from(passphrase_fd, confirm=True)
    person = founding.NewStaff(sign_in, owner, whole.OWNERS_ROLES, passphrase)
    master = whole.found_in(instance, whole.NewPractice(name, time_zone), person, now)
    click.echo(f"{name} is ready in {instance}. Start it with: kiosk --instance {instance} serve")
    practice = open_practice(instance, now)
    practice.vault.keyring.set(master)
    sheet.hand_over(out, *opening.recovery_sheet(worker_of(practice)))


@main.command()
@PORT
@click.option("--serve/--no-serve", "serving", default=True)
@click.option("--reset", is_flag=True, help="Start over.")
@click.option("--json", "as_json", is_flag=True, help="Print where everything is as JSON.")
@click.option("--instance", "own", type=click.Path(path_type=Path), help="Default: instance/demo")
def demo(port: int, serving: bool, reset: bool, as_json: bool, own: Path | None) -> None:
    """Make the sample practice where it is not there, and serve it."""
    chosen = own or demo_instance()
    folder.refuse_synchronised(chosen)
    if serving:  # before anything is made anew, which a server that runs would miss
        supervisor.refuse_taken(chosen, DEMO_HOST, port)
    sample.ensure(chosen, reset)
    where = sample.describe(chosen, f"http://{DEMO_HOST}:{port}")
    if as_json:
        click.echo(json.dumps(where, indent=2, ensure_ascii=False))
    else:
        click.echo(paperwork.demo_words(where, chosen))
    if serving:
        with supervisor.alone(chosen, DEMO_HOST, port):
            practice = opened(chosen)
            master = practice.vault.keyring.master()
            practice.vault.engine.dispose()
            ready = f"Ready at http://{DEMO_HOST}:{port}/. Stop with Ctrl-C."
            supervisor.serve(chosen, supervisor.Place(DEMO_HOST, port), master, lambda: click.echo(ready))


def demo_instance() -> Path:
    """`--instance` or KIOSK_INSTANCE where one is given, else a folder of the demo's own."""
    context = click.get_current_context().find_root()
    if context.get_parameter_source("instance") == click.core.ParameterSource.DEFAULT:
        return Path("instance") / "demo"
    chosen: Path = context.obj
    return chosen


@main.command()
@click.argument("form")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--map", "map_out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--lang", default="en", show_default=True)
@click.option("--size", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@needs_instance
def paper(instance: Path, form: str, out: Path, map_out: Path, lang: str, size: str) -> None:
    """Write a blank twin of FORM as PDF, and the map of its fields as JSON."""
    paperwork.write_blank(load_catalog(instance / folder.FORMS), instance, form, lang, size, out, map_out)
    click.echo(f"{out} and {map_out} are written.")


@main.command()
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (the only form there is for now).")
@needs_instance
def read(instance: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Read scans without storing anything.

    All that was found is printed, also where a page could not be read; then the exit status is 1.
    """
    catalog = load_catalog(instance / folder.FORMS)
    pages = [page for path in files for page in paperwork.read_pages(catalog, path)]
    click.echo(json.dumps(pages, indent=2 if not as_json else None, ensure_ascii=False))
    if unread := sum("problem" in page for page in pages):
        fail(f"{unread} of {len(pages)} pages could not be read. What to do with each is in the output.")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@FD
@needs_instance
def scan(instance: Path, paths: tuple[Path, ...], passphrase_fd: int | None) -> None:
    """Take scans, or folders of them, into the practice's store."""
    practice = opened(instance, passphrase_fd)
    taken, problems = paperwork.take_in(worker_of(practice), paths, paper_actions.receive)
    click.echo(f"{taken} stored; the worker of `kiosk serve` reads them.")
    if problems:
        fail("\n".join(problems))


@main.command()
@click.argument("file", type=EXISTING)
def verify(file: Path) -> None:
    """Check a sealed file without any database, and print the record that it carries.

    A certificate carries none: `record` is null.
    """
    problem, text = paperwork.verified(file.read_bytes())
    if problem:
        fail(problem)
    click.echo(text)
