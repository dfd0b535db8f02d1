"""The recovery sheet, from the code to the hand: written for its owner alone, and typed back."""

import os
import sys
from pathlib import Path

import click

from kiosk.errors import KioskError, WrongRecoveryCode
from kiosk.vault import recovery as codes

TRIES = 5


def refuse_none(out: Path | None) -> None:
    """No practice is made that its passphrase alone opens. Raises KioskError where nobody can be asked."""
    if out is None and not sys.stdin.isatty():
        raise KioskError(
            "No file for the recovery sheet was given, and with a lost passphrase all would be lost.",
            "Add --sheet FILE, in a folder from which you print; or do this in a terminal.",
        )


def refuse(out: Path) -> None:
    """Before a code is made, which would be lost with its sheet. Raises KioskError."""
    if out.exists():
        raise KioskError(f"{out} is there already.", "Name another file, or delete it.")
    folder = out.absolute().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise KioskError(f"{out} cannot be written.", "Name a file in a folder that is there and yours.")


def hand_over(out: Path, code: str, pdf: bytes) -> None:
    """The sheet to print; where somebody sits at a terminal, they type its code back."""
    _write_for_owner(out, pdf)
    click.echo(f"Print {out}, then delete it: whoever holds the code can read everything.")
    if sys.stdin.isatty():
        _typed_back(code)
        click.echo("The sheet is right. Lock it away.")


def _write_for_owner(out: Path, pdf: bytes) -> None:
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pdf)


def _typed_back(code: str) -> None:
    """A sheet that was printed badly shows before it is needed. Raises KioskError."""
    for _ in range(TRIES):
        typed = click.prompt("Type the code from the printed sheet", err=True)
        try:
            if codes.read(typed) == codes.read(code):
                return
        except WrongRecoveryCode as wrong:
            click.echo(str(wrong), err=True)
    raise KioskError("The code was not typed back.", "Print the sheet again, or make a new one.")
