"""`kiosk clock`: whether this machine's clock is right, after it was set back."""

from pathlib import Path

import click

from kiosk.actions import clock_watch, words
from kiosk.cli.commands import FD, main, needs_instance, opened, worker_of


@main.command()
@click.option("--right", is_flag=True, help="Say that the clock is right now: permissions go by it again.")
@FD
@needs_instance
def clock(instance: Path, right: bool, passphrase_fd: int | None) -> None:
    """Say by which moment permissions are judged.

    That is the later one where the clock was set back, until that moment has come once more or a person has
    said with --right that the clock is right.
    """
    practice = opened(instance, passphrase_fd)
    by = worker_of(practice)
    if right:
        clock_watch.is_right(by)
    zone = practice.settings.time_zone
    click.echo(f"It is {words.moment(practice.vault.clock(), zone)} here by this machine's clock.")
    click.echo(f"Permissions are judged as of {words.moment(clock_watch.judged_at(by), zone)}.")
