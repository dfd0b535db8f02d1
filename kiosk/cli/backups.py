"""`kiosk backup` and `kiosk restore`."""

import sys
from pathlib import Path

import click

from kiosk import access
from kiosk.access import Purpose
from kiosk.actions import backing_up, backup_places
from kiosk.actions.practice import now
from kiosk.cli.commands import EXISTING, FD, main, needs_instance, opened, worker_of
from kiosk.cli.failing import fail
from kiosk.cli.passphrase import passphrase_from
from kiosk.errors import KioskError
from kiosk.vault import backup as backups
from kiosk.vault import folder, key_files
from kiosk.vault.backup_file import Progress, silent


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@FD
@needs_instance
def backup(instance: Path, file: Path, passphrase_fd: int | None) -> None:
    """Write an encrypted backup to FILE, and restore it once to check it. The server may run meanwhile.

    FILE.keys, beside it, holds the keys: without a key file nothing of a backup can be read. It may be this
    one or any that was made later. The list of the erased lies beside it too.
    """
    if not file.absolute().parent.is_dir():
        raise KioskError(
            f"{file} cannot be written: there is no folder {file.parent}.", "Make it, or name another."
        )
    folder.refuse_synchronised(file)
    by = worker_of(opened(instance, passphrase_fd))
    with access.transaction(by, Purpose.BACK_UP) as desk:
        place = backup_places.by_hand(desk, file)
    made = backing_up.make(by, place, file=file, purpose=Purpose.BACK_UP, tell=_progress())
    report = made.report
    if not report.verified:
        older = f" The older {file.name} and its keys are as they were." if file.exists() else ""
        fail(f"The backup could not be restored, and was destroyed: {report.problem}{older}")
    click.echo(f"{file} is written and was restored: {report.audit_entries} entries hold.")
    click.echo(f"Its keys are in {key_files.beside(file)}: keep both, on this disk or each on its own.")
    click.echo("The list of the erased lies beside it: take it along.")


@main.command()
@click.argument("file", type=EXISTING)
@click.option("--keys", "keys_file", type=EXISTING, help="A key file elsewhere, as new as FILE or newer.")
@click.option("--erased", "erased_files", type=EXISTING, multiple=True,
              help="A list of the erased elsewhere; also the one beside FILE is applied.")  # fmt: skip
@FD
@needs_instance
def restore(
    instance: Path,
    file: Path,
    keys_file: Path | None,
    erased_files: tuple[Path, ...],
    passphrase_fd: int | None,
) -> None:
    """Bring a practice back from FILE into an empty folder.

    It takes FILE.keys or a newer key file beside FILE, and the practice's passphrase or the code of its
    recovery sheet. Whoever was erased since stays erased.
    """
    folder.refuse_synchronised(instance)
    report = backups.restore(
        file,
        instance,
        passphrase_from(passphrase_fd),
        now(),
        keys_file=keys_file,
        erased_files=erased_files,
        tell=_progress(),
    )
    click.echo(
        f"{instance} is restored: {report.documents_checked} documents and "
        f"{report.audit_entries} entries of the audit trail hold. Head: {report.head[:16]}"
    )
    if report.still_erased:
        click.echo(f"Erased since this backup, and not brought back: {report.still_erased}.")
    if report.without_list:
        click.echo(
            "No list of the erased lay beside it: who was erased since may be back. `--erased` names one."
        )
    click.echo(f"Start it: kiosk --instance {instance} serve")


def _progress() -> Progress:
    """A line that counts, where somebody sits at a terminal."""
    if not sys.stderr.isatty():
        return silent

    def tell(step: str, done: int, of: int) -> None:
        end = "\n" if done >= of else ""
        click.echo(f"\r{step}: {100 * done // max(of, 1):3} %{end}", err=True, nl=False)

    return tell
