"""`kiosk recovery`, `kiosk rotate` and `kiosk passphrase`: what opens the practice."""

from pathlib import Path

import click

from kiosk.actions import opening
from kiosk.actions.practice import check_passphrase
from kiosk.cli import sheet
from kiosk.cli.commands import FD, main, needs_instance, opened, worker_of
from kiosk.cli.passphrase import passphrase_from
from kiosk.vault import lockfile

OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
                   help="Where to write the sheet to print (PDF).")  # fmt: skip
NEW_FD = click.option("--new-passphrase-fd", type=int, help="Read the new passphrase from this descriptor.")


@main.command()
@OUT
@FD
@needs_instance
def recovery(instance: Path, out: Path, passphrase_fd: int | None) -> None:
    """Make a recovery sheet: a printed code that opens the practice when its passphrase is lost.

    A sheet made before opens nothing from then on.
    """
    sheet.refuse(out)
    practice = opened(instance, passphrase_fd)
    sheet.hand_over(out, *opening.recovery_sheet(worker_of(practice)))


@main.command()
@OUT
@FD
@NEW_FD
@needs_instance
def rotate(instance: Path, out: Path, passphrase_fd: int | None, new_passphrase_fd: int | None) -> None:
    """Make a new master key, when the old passphrase or recovery sheet may be in wrong hands.

    Asks for a new passphrase, and writes a new recovery sheet. The server must be stopped. Backups made
    before open with what opened the practice then: make a new one, and destroy them when you can.
    """
    sheet.refuse(out)
    practice = opened(instance, passphrase_fd)
    lockfile.refuse_served(instance)
    click.echo("Now the new passphrase.", err=True)
    chosen = passphrase_from(new_passphrase_fd, confirm=True)
    code, pdf = opening.rotate_master_key(worker_of(practice), chosen)
    click.echo("The practice has a new master key; what opened it before does not any more.")
    sheet.hand_over(out, code, pdf)


@main.command()
@FD
@NEW_FD
@needs_instance
def passphrase(instance: Path, passphrase_fd: int | None, new_passphrase_fd: int | None) -> None:
    """Set a new passphrase for the practice, with the old one or the recovery code."""
    practice = opened(instance, passphrase_fd)
    click.echo("Now the new one.", err=True)
    chosen = passphrase_from(new_passphrase_fd, confirm=True)
    check_passphrase(chosen)
    opening.change_passphrase(worker_of(practice), chosen)
    click.echo("The new passphrase opens the practice; the old one does not any more.")
