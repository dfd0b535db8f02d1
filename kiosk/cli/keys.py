"""`kiosk recovery`, `kiosk rotate`, `kiosk passphrase` and `kiosk rekey`: keys, and what opens them."""

from pathlib import Path

import click

from kiosk.actions import opening, rekeying
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

    Asks for a new passphrase, and writes a new recovery sheet. The server must be stopped. Older backups open
    from then on with what is new; only a key file on a disk that is away now still opens with what was
    before, until the disk is plugged in again.
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


@main.command()
@click.argument("client_id")
@FD
@needs_instance
def rekey(instance: Path, client_id: str, passphrase_fd: int | None) -> None:
    """Make a new key for one client, whose id the audit trail names.

    Everything of theirs is encrypted anew, in one transaction; backups made before still open.
    """
    written = rekeying.rekey(worker_of(opened(instance, passphrase_fd)), client_id)
    click.echo(f"This client has a new key, under which all of theirs is written anew: {written} in number.")
