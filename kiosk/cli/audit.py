"""`kiosk audit`: whether the trail and the heads of the closed days hold."""

import re
from pathlib import Path

import click

from kiosk.actions import closing, words
from kiosk.actions.closing import HEAD_LETTERS
from kiosk.cli.commands import FD, fail, main, needs_instance, opened
from kiosk.errors import KioskError

NOTED = re.compile(rf"(?:([0-9]{{1,12}}):)?([0-9a-f]{{{HEAD_LETTERS},64}})")


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@click.option("--noted", help="A head that was said before: the chain must still hold it.")
@FD
@needs_instance
def audit_verify(instance: Path, noted: str | None, passphrase_fd: int | None) -> None:
    """Walk the whole chain and the head of each closed day, and say where they break.

    Give the head of a closing sheet, or one that was said here, with --noted: a chain whose end was cut off,
    or an older database that was put in its place, shows in no other way. Blanks in it do no harm.
    """
    found = NOTED.fullmatch("".join((noted or "").split()).lower())
    if noted is not None and found is None:
        raise KioskError(
            f"A head has {HEAD_LETTERS} letters or more, of 0 to 9 and a to f.",
            "Its number may stand before it, as on the closing sheet: 412:9f3a22b1c0d4e5f6.",
        )
    seq, head = (found[1], found[2]) if found else (None, "")
    report, days = closing.verify_trail(opened(instance, passphrase_fd), head, int(seq) if seq else None)
    if not report.ok:
        fail(f"The chain breaks at entry {report.broken_at}: {report.reason}. Restore a backup beside it.")
    if not days.ok:
        fail(f"The head of {days.broken_on} does not hold: {days.reason}. Compare its closing sheet.")
    if days.last:
        closed = words.count(days.days, "closed day holds", "closed days hold")
        click.echo(f"{closed}, the last is {days.last}.")
    click.echo(f"{report.entries} entries hold. Head: {report.head[:HEAD_LETTERS]}")
