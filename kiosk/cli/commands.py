"""Every command of `kiosk`."""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from forms.catalog import check_files, definition_files, load_catalog, shipped_folder
from forms.definition import DefinitionError, UnknownForm
from kiosk import demo as sample
from kiosk.access import Actor, Practice, Role
from kiosk.actions import paper as paper_actions
from kiosk.actions import practice as founding
from kiosk.actions.practice import now, open_practice
from kiosk.cli import paperwork
from kiosk.cli.supervisor import serve as run_server
from kiosk.errors import KioskError
from kiosk.settings import FILE, VERSION, Settings
from kiosk.vault import Vault
from kiosk.vault import backup as backups
from kiosk.vault.engine import database_url
from kiosk.vault.migrations import upgrade

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)

FOUNDING = """\
# The practice's settings; docs/settings.md explains every one.
practice_name = {name}
time_zone = {zone}
"""


class Failing(click.Group):
    """One clear line on stderr and a status other than 0, for whatever is not a fault of ours."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KioskError, DefinitionError) as error:
            fail(str(error))
        except UnknownForm as error:
            fail(f"There is no form {error}. `kiosk forms list` lists them.")
        except OSError as error:
            fail(f"{error.filename or 'A file'}: {error.strerror or error}.")


def fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(1)


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


def passphrase_from(fd: int | None, *, confirm: bool = False) -> str:
    """From a file descriptor, a systemd credential, or the prompt."""
    if fd is not None:
        with os.fdopen(fd, encoding="utf-8") as given:
            return given.readline().rstrip("\n")
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / "passphrase").is_file():
        return (Path(credentials) / "passphrase").read_text(encoding="utf-8").rstrip("\n")
    given_text: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return given_text


def opened(instance: Path, fd: int | None = None) -> Practice:
    """The practice, unlocked: the sample practice by itself, any other by its passphrase."""
    practice = open_practice(instance, now)
    upgrade(database_url(practice.settings))
    if practice.settings.demo:
        practice.vault.unlock((instance / sample.PASSPHRASE_FILE).read_text(encoding="utf-8"))
    else:
        practice.vault.unlock(passphrase_from(fd))
    return practice


def worker_of(practice: Practice) -> Actor:
    return founding.system(practice)


FD = click.option("--passphrase-fd", type=int, help="Read the passphrase from this file descriptor.")


@main.command()
@click.option("--name", prompt="Name of the practice")
@click.option("--time-zone", prompt="Time zone", default="America/New_York")
@click.option("--owner", prompt="Owner's full name")
@click.option("--sign-in", prompt="Owner's name for signing in")
@FD
@needs_instance
def init(
    instance: Path, name: str, time_zone: str, owner: str, sign_in: str, passphrase_fd: int | None
) -> None:
    """Make a new practice: settings, keys, and its owner.

    The owner's own passphrase is, at first, the practice's.
    """
    if (instance / FILE).exists():
        raise KioskError(
            f"There is a practice in {instance} already.", "Name another folder with --instance."
        )
    passphrase = passphrase_from(passphrase_fd, confirm=passphrase_fd is None)
    founding.check_passphrase(passphrase)
    instance.mkdir(parents=True, exist_ok=True)
    quoted = {"name": json.dumps(name, ensure_ascii=False), "zone": json.dumps(time_zone)}
    (instance / FILE).write_text(FOUNDING.format(**quoted), encoding="utf-8")
    try:
        settings = Settings.load(instance)
        practice = Practice(settings, Vault(settings, now), load_catalog(instance / "forms"))
        (instance / "inbox").mkdir(exist_ok=True)
        roles = (Role.OWNER, Role.FRONT_DESK, Role.THERAPIST)
        founding.found(practice, passphrase, [founding.NewStaff(sign_in, owner, roles, passphrase)])
    except KioskError:
        (instance / FILE).unlink()
        raise
    click.echo(f"{name} is ready in {instance}. Start it with: kiosk --instance {instance} serve")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8765, show_default=True)
@click.option("--locked", is_flag=True, help="Start locked; it is unlocked in the browser.")
@FD
@needs_instance
def serve(instance: Path, host: str, port: int, locked: bool, passphrase_fd: int | None) -> None:
    """Serve the practice: the web server and the worker, watched."""
    practice = open_practice(instance, now) if locked else opened(instance, passphrase_fd)
    master = practice.vault.keyring.master() if practice.vault.is_unlocked else None
    practice.vault.engine.dispose()
    _run(instance, host, port, master)


def _run(instance: Path, host: str, port: int, master: bytes | None, said: str = "") -> None:
    locked = "" if master else ", locked"
    ready = said or f"Serving {instance} at http://{host}:{port}/{locked}. Stop with Ctrl-C."
    run_server(instance, host, port, master, lambda: click.echo(ready))


@main.command()
@click.option("--port", default=8765, show_default=True)
@click.option("--serve/--no-serve", "serving", default=True)
@click.option("--reset", is_flag=True, help="Start over.")
@click.option("--json", "as_json", is_flag=True, help="Print where everything is as JSON.")
@click.option("--instance", "own", type=click.Path(path_type=Path), help="Default: instance/demo")
def demo(port: int, serving: bool, reset: bool, as_json: bool, own: Path | None) -> None:
    """Make the sample practice where it is not there, and serve it."""
    chosen = own or demo_instance()
    sample.ensure(chosen, reset)
    where = sample.describe(chosen, f"http://127.0.0.1:{port}")
    if as_json:
        click.echo(json.dumps(where, indent=2, ensure_ascii=False))
    else:
        click.echo(paperwork.demo_words(where, chosen))
    if serving:
        practice = opened(chosen)
        master = practice.vault.keyring.master()
        practice.vault.engine.dispose()
        _run(chosen, "127.0.0.1", port, master, f"Ready at http://127.0.0.1:{port}/. Stop with Ctrl-C.")


def demo_instance() -> Path:
    """`--instance` or KIOSK_INSTANCE where one is given, else a folder of the demo's own."""
    context = click.get_current_context().find_root()
    if context.get_parameter_source("instance") == click.core.ParameterSource.DEFAULT:
        return Path("instance") / "demo"
    chosen: Path = context.obj
    return chosen


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
    errors = check_files(chosen)
    for error in errors:
        click.echo(str(error), err=True)
    if errors:
        sys.exit(1)
    click.echo(f"{len(chosen)} definitions hold.")


@main.command()
@click.argument("form")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--map", "map_out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--lang", default="en", show_default=True)
@click.option("--size", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@needs_instance
def paper(instance: Path, form: str, out: Path, map_out: Path, lang: str, size: str) -> None:
    """Write a blank twin of FORM as PDF, and the map of its fields as JSON."""
    paperwork.write_blank(load_catalog(instance / "forms"), instance, form, lang, size, out, map_out)
    click.echo(f"{out} and {map_out} are written.")


@main.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (the only form there is for now).")
@needs_instance
def read(instance: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Read scans without storing anything."""
    catalog = load_catalog(instance / "forms")
    pages = [page for path in files for page in paperwork.read_pages(catalog, path)]
    click.echo(json.dumps(pages, indent=2 if not as_json else None, ensure_ascii=False))
    if all("problem" in page for page in pages):
        fail("No page could be read. The problem of each stands above.")


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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a signed record without any database, and print what it carries."""
    problem, text = paperwork.verified(file.read_bytes())
    if problem:
        fail(problem)
    click.echo(text)


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@FD
@needs_instance
def audit_verify(instance: Path, passphrase_fd: int | None) -> None:
    """Walk the whole chain, and say where it breaks."""
    report = opened(instance, passphrase_fd).vault.verify_audit()
    if not report.ok:
        fail(f"The chain breaks at entry {report.broken_at}: {report.reason}. Restore a backup beside it.")
    click.echo(f"{report.entries} entries hold. Head: {report.head[:16]}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@FD
@needs_instance
def backup(instance: Path, file: Path, passphrase_fd: int | None) -> None:
    """Write an encrypted backup to FILE, and restore it once to check it."""
    report = backups.backup(opened(instance, passphrase_fd).vault, file)
    if not report.verified:
        fail(f"The backup could not be restored: {report.problem} Make another one.")
    click.echo(f"{file} is written and was restored: {report.audit_entries} entries hold.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FD
@needs_instance
def restore(instance: Path, file: Path, passphrase_fd: int | None) -> None:
    """Bring a practice back from FILE into an empty folder, with its passphrase alone."""
    report = backups.restore(file, instance, passphrase_from(passphrase_fd), now())
    click.echo(f"{instance} is restored: {report.documents_checked} documents and the audit trail hold.")
