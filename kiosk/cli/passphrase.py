"""Where a passphrase comes from, with a terminal and without."""

import os
import sys
from pathlib import Path

import click

from kiosk.errors import KioskError

HOW = "Give it with --passphrase-fd, or in a terminal."


def passphrase_from(fd: int | None, *, confirm: bool = False) -> str:
    """From a file descriptor, a systemd credential, the prompt; without a terminal, a line of the input.

    Raises KioskError where none of these has one.
    """
    if fd is not None:
        given = line_of(fd)
    elif file := credential():
        given = file.read_text(encoding="utf-8").rstrip("\n")
    elif sys.stdin.isatty():
        given = str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))
    else:
        given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise KioskError("No passphrase was given.", HOW)
    return given


def passphrase_or_nothing() -> str:
    """What is typed, or a line of the input; nothing after an empty Enter, or where nobody can type."""
    if sys.stdin is None:  # started without any console
        return ""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    asked = "Passphrase (Enter alone: start locked)"
    return str(click.prompt(asked, hide_input=True, default="", show_default=False, err=True))


def credential() -> Path | None:
    """The file in which systemd hands a passphrase over (LoadCredential=passphrase:…)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder) / "passphrase" if folder else None
    return file if file is not None and file.is_file() else None


def line_of(fd: int) -> str:
    try:
        with os.fdopen(fd, encoding="utf-8") as given:
            return given.readline().rstrip("\n")
    except (OSError, ValueError, TypeError):  # closed, below zero or far too large, no text
        raise KioskError(f"File descriptor {fd} gives no passphrase.", HOW) from None
