"""`kiosk staff`: who works here."""

from pathlib import Path

import click

from kiosk.access import Role
from kiosk.actions import staffing
from kiosk.actions.practice import NewStaff
from kiosk.cli.commands import FD, main, needs_instance, opened, worker_of
from kiosk.cli.keys import NEW_FD
from kiosk.cli.passphrase import passphrase_from

ROLES = click.Choice([role.value for role in Role])


@main.group()
def staff() -> None:
    """Who works here."""


@staff.command("list")
@FD
@needs_instance
def staff_list(instance: Path, passphrase_fd: int | None) -> None:
    """List who works here, with their roles."""
    for row in staffing.everybody(worker_of(opened(instance, passphrase_fd))):
        click.echo(f"{row.sign_in}  {row.name}  {', '.join(row.roles)}")


@staff.command("add")
@click.argument("sign_in")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be given several times.")
@FD
@NEW_FD
@needs_instance
def staff_add(
    instance: Path,
    sign_in: str,
    name: str,
    roles: tuple[str, ...],
    passphrase_fd: int | None,
    new_passphrase_fd: int | None,
) -> None:
    """Add somebody, who signs in as SIGN_IN with a passphrase of their own."""
    practice = opened(instance, passphrase_fd)
    click.echo("Now the passphrase of the new person.", err=True)
    chosen = passphrase_from(new_passphrase_fd, confirm=True)
    person = NewStaff(sign_in, name, tuple(Role(role) for role in roles), chosen)
    staffing.add(worker_of(practice), person)
    click.echo(f"{name} may sign in as {sign_in}.")


@staff.command("reset")
@click.argument("sign_in")
@FD
@NEW_FD
@needs_instance
def staff_reset(
    instance: Path, sign_in: str, passphrase_fd: int | None, new_passphrase_fd: int | None
) -> None:
    """SIGN_IN lost how they sign in: a new passphrase, no PIN or second factor until they set one."""
    practice = opened(instance, passphrase_fd)
    click.echo("Now a new passphrase for them.", err=True)
    staffing.reset(worker_of(practice), sign_in, passphrase_from(new_passphrase_fd, confirm=True))
    click.echo(f"{sign_in} can sign in with the new passphrase, and was signed out everywhere.")


@staff.command("remove")
@click.argument("sign_in")
@FD
@needs_instance
def staff_remove(instance: Path, sign_in: str, passphrase_fd: int | None) -> None:
    """SIGN_IN works here no more: signed out at once, on every screen."""
    staffing.remove(worker_of(opened(instance, passphrase_fd)), sign_in)
    click.echo(f"{sign_in} can sign in no more.")
