"""`kiosk archive`, `kiosk extract`, `kiosk rebuild`: the signed records in one file, a practice from it."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from kiosk.actions import archiving, founding, opening, rebuilding, sources
from kiosk.actions.founding import OWNERS_ROLES, TIME_ZONE, NewPractice
from kiosk.actions.practice import NewStaff, now, open_practice
from kiosk.actions.words import count
from kiosk.cli import sheet
from kiosk.cli.commands import EXISTING, FD, main, needs_instance, opened, worker_of
from kiosk.cli.passphrase import line_of, passphrase_from
from kiosk.vault import archive as archive_files
from kiosk.vault import folder

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
CODE_FD = click.option("--code-fd", type=int, help="Read the archive's code from this file descriptor.")

NOT_KNOWN = (
    "What {who} allowed has ended: nothing says what was taken back since, so they are asked again at their "
    "next visit."
)


@main.command()
@click.argument("file", type=NEW_FILE)
@click.option("--sheet", "out", type=NEW_FILE,
              help="Where to write the sheet to print, with the code that opens it (PDF).  "
                   "[default: FILE.sheet.pdf]")  # fmt: skip
@FD
@needs_instance
def archive(instance: Path, file: Path, out: Path | None, passphrase_fd: int | None) -> None:
    """Write all signed records into FILE, encrypted under a code of its own that is printed.

    It holds what `kiosk rebuild` needs to make the practice anew, and stays in the owner's list of archives
    until they say that it is destroyed. It holds no scans, visits or trail: it takes no backup's place.
    """
    out = out or file.with_name(f"{file.name}.sheet.pdf")
    folder.refuse_synchronised(file)
    sheet.refuse(file)
    sheet.refuse(out)
    made = archiving.make(worker_of(opened(instance, passphrase_fd)), file, progress())
    holds = f"{count(made.documents, 'record', 'records')} of {count(made.clients, 'client', 'clients')}"
    click.echo(f"{file} holds {holds}, and was read back. Mark: {archive_files.mark_of(made.id)}")
    sheet.hand_over(out, made.code, made.sheet)


@main.command()
@click.argument("file", type=EXISTING)
@click.argument("folder_", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@CODE_FD
def extract(file: Path, folder_: Path, code_fd: int | None) -> None:
    """Write all that the archive FILE holds into FOLDER, as PDFs that anybody can read.

    Nothing is encrypted there: use a disk that is yours alone, and destroy the folder afterwards.
    """
    folder.refuse_synchronised(folder_)
    found = sources.extract(file, code_from(code_fd), folder_)
    click.echo(f"{folder_} holds {found} records in clear. Destroy it when you need it no more.")


@main.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Name of the practice, where no settings lie beside the records.")
@click.option("--time-zone", help=f"Where it is, then too.  [default: {TIME_ZONE}]")
@click.option("--owner", help="Owner's full name.")
@click.option("--sign-in", help="Owner's name for signing in.")
@click.option("--as-signed", is_flag=True,
              help="For a folder without an index: let stand what was signed, though nothing says what was "
                   "taken back since.")  # fmt: skip
@click.option("--without-damaged", is_flag=True,
              help="Go on without records that were changed or are missing.")  # fmt: skip
@click.option("--erased", "erased_list", type=EXISTING,
              help="The list of the erased.  [default: erased.list beside SOURCE]")  # fmt: skip
@click.option("--sheet", "out", type=NEW_FILE, help="Where to write the new recovery sheet to print (PDF).")
@CODE_FD
@FD
@needs_instance
def rebuild(
    instance: Path,
    source: Path,
    name: str | None,
    time_zone: str | None,
    owner: str | None,
    sign_in: str | None,
    as_signed: bool,
    without_damaged: bool,
    erased_list: Path | None,
    out: Path | None,
    code_fd: int | None,
    passphrase_fd: int | None,
) -> None:
    """Make a new practice from SOURCE: an archive, or a folder of sealed PDFs.

    Every seal is verified first. Asks for the archive's code, then for a new passphrase and the owner.
    """
    folder.refuse_synchronised(instance)
    folder.refuse_full(instance)
    if out is not None:
        sheet.refuse(out)
    found = sources.of_folder(source) if source.is_dir() else sources.of_archive(source, code_from(code_fd))
    lists = (erased_list,) if erased_list else sources.lists_beside(source, found.beside.index)
    settings = settings_from(found.beside.settings, name, time_zone)
    wanted = replace(
        wanted_by(settings, owner, sign_in, passphrase_fd),
        erased={key_id for one in lists for key_id in sources.erased_on(one, found.beside.index)},
        as_signed=as_signed,
        without_damaged=without_damaged,
    )
    report = rebuilding.rebuild(found, instance, wanted, now, on_step=progress())
    say(report, instance)
    if not lists:
        click.echo("No list of the erased lay beside it: who was erased since is back. `--erased` names one.")
    if out is not None:
        practice = open_practice(instance, now)
        practice.vault.unlock(wanted.passphrase)
        sheet.hand_over(out, *opening.recovery_sheet(worker_of(practice)))


def wanted_by(
    settings: str, owner: str | None, sign_in: str | None, passphrase_fd: int | None
) -> rebuilding.Wanted:
    """A practice of these settings for its owner, who is asked for what was not said."""
    owner = owner or click.prompt("Owner's full name")
    sign_in = sign_in or click.prompt("Owner's name for signing in")
    passphrase = passphrase_from(passphrase_fd, confirm=True)
    return rebuilding.Wanted(passphrase, NewStaff(sign_in, owner, OWNERS_ROLES, passphrase), settings)


def settings_from(kept: bytes | None, name: str | None, time_zone: str | None) -> str:
    """Those that lay beside the records; else of a new practice, of which is asked what was not said."""
    if kept is not None:
        return kept.decode()
    name = name or click.prompt("Name of the practice")
    zone = time_zone or (click.prompt("Time zone", default=TIME_ZONE) if sys.stdin.isatty() else TIME_ZONE)
    return founding.settings_of(NewPractice(name, zone))


def say(report: rebuilding.Report, instance: Path) -> None:
    click.echo(
        f"{instance} is rebuilt: {count(report.clients, 'client', 'clients')}, "
        f"{count(report.records, 'record', 'records')}, "
        f"{count(report.permissions, 'permission that stands', 'permissions that stand')}."
    )
    for number, words in (
        (report.erased, "clients on the list of the erased were left out."),
        (report.other_files, "files carry no record, and were left out."),
        (len(report.refused), f"files were not as sealed, and were left out: {_numbers(report.refused)}."),
        (len(report.missing), f"records are missing: {_numbers(report.missing)}."),
        (report.by_name, "records carry no client's id: they were put together by name and birth date."),
    ):
        if number:
            click.echo(f"{number} {words}")
    if report.asked_again:
        click.echo(NOT_KNOWN.format(who=f"{report.asked_again} of {report.clients} clients"))
    for sealed_by, fingerprint in report.seals:
        click.echo(f"Sealed by {sealed_by}, certificate {fingerprint[:16]}.")


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def progress() -> Callable[[str, int, int], None]:
    """What is being done, on one line that is written over; for whoever watches at a terminal."""

    def step(doing: str, number: int, of: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{doing}: {number} of {of} ", nl=number == of, err=True)

    return step


def code_from(fd: int | None) -> str:
    """From a file descriptor, the prompt, or without a terminal a line of the input."""
    if fd is not None:
        return line_of(fd)
    if sys.stdin.isatty():
        return str(click.prompt("Code on the archive's sheet", err=True))
    return sys.stdin.readline().rstrip("\n")
