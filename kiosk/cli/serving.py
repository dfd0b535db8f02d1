"""`kiosk serve`: this machine alone, the practice's network with TLS, or the pages of a first start."""

from dataclasses import dataclass
from pathlib import Path

import click

from kiosk.access import Practice
from kiosk.actions import certificates, founding
from kiosk.actions.practice import now, open_practice
from kiosk.cli import supervisor
from kiosk.cli.commands import FD, PORT, main, needs_instance, unlock, worker_of
from kiosk.cli.passphrase import credential
from kiosk.cli.supervisor import Place
from kiosk.errors import KioskError
from kiosk.vault import folder, tls
from kiosk.vault.tls import ServerCertificate

THIS_MACHINE = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # only with TLS


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    hosts: tuple[str, ...]
    port: int
    tls: bool
    new_authority: bool
    locked: bool
    opens: bool
    passphrase_fd: int | None


@main.command()
@click.option("--host", "hosts", multiple=True,
              help="The address to listen at.  [default: 127.0.0.1]  With --tls: a name or an address by "
                   "which tablets find this machine; may be given several times.")  # fmt: skip
@PORT
@click.option("--tls", is_flag=True, help="Serve to the practice's network, with a certificate of its own.")
@click.option("--new-authority", is_flag=True, help="With --tls: another one, which devices must trust anew.")
@click.option("--locked", is_flag=True, help="Start locked; it is unlocked in the browser.")
@click.option("--open", "opens", is_flag=True, help="Open the browser, for a start by double-click.")
@FD
@needs_instance
def serve(
    instance: Path,
    hosts: tuple[str, ...],
    port: int,
    tls: bool,
    new_authority: bool,
    locked: bool,
    opens: bool,
    passphrase_fd: int | None,
) -> None:
    """Serve the practice: the web server and the worker, watched.

    Where there is no practice yet, the browser makes one, page by page; the terminal says the word that
    opens these pages. Without a passphrase (an empty Enter, no terminal) a practice starts locked, and is
    unlocked in the browser.
    """
    wanted = Wanted(hosts, port, tls, new_authority, locked, opens, passphrase_fd)
    _refuse_what_does_not_fit(wanted)
    master = _first_start(instance, wanted) if _is_first(instance, wanted) else None
    if master is None and not folder.has_practice(instance) and _is_first(instance, wanted):
        return  # stopped before a practice was made
    _serve(instance, wanted, master)


def _refuse_what_does_not_fit(wanted: Wanted) -> None:
    if not wanted.tls and len(wanted.hosts) > 1:
        raise KioskError("Without --tls it listens at one --host only.", "Give one, or --tls.")
    if wanted.new_authority and (wanted.locked or not wanted.tls):
        raise KioskError("--new-authority goes with --tls and the passphrase.", "Leave out --locked.")


def _is_first(instance: Path, wanted: Wanted) -> bool:
    """A start without a practice; one that was told how to open a practice expects it to be there."""
    folder.finish_founding(instance)
    if wanted.locked or wanted.passphrase_fd is not None or credential() or folder.has_practice(instance):
        return False
    folder.refuse_practice(instance)  # a database whose settings are lost
    folder.refuse_synchronised(instance)
    return True


def _first_start(instance: Path, wanted: Wanted) -> bytes | None:
    word, address = founding.new_word(), f"http://{THIS_MACHINE}:{wanted.port}/first/"

    def ready() -> None:
        click.echo(f"There is no practice in {instance} yet. Make one in the browser of this machine:")
        click.echo(f"  {address}")
        click.echo(f"It asks for this word, so that nobody else is first: {word}")
        if wanted.opens:
            click.launch(address)

    then = ""
    if wanted.tls:
        first = certificates.names_of((), wanted.hosts).dns[0]
        then = f"https://{first}:{wanted.port}/"
    return supervisor.first_start(instance, wanted.port, word, then, ready)


def _serve(instance: Path, wanted: Wanted, master: bytes | None) -> None:
    practice = open_practice(instance, now)
    with supervisor.alone(instance, _listens_at(wanted), wanted.port):
        if master:
            practice.vault.keyring.set(master)
        elif not wanted.locked:
            unlock(practice, wanted.passphrase_fd, or_not=not wanted.new_authority)
        place, said = _place(practice, wanted)
        unlocked = practice.vault.keyring.master() if practice.vault.is_unlocked else None
        practice.vault.engine.dispose()

        def ready() -> None:
            click.echo(f"Serving {instance} at {said}{'' if unlocked else ', locked'}. Stop with Ctrl-C.")
            if wanted.opens:
                click.launch(said)

        supervisor.serve(instance, place, unlocked, ready)


def _place(practice: Practice, wanted: Wanted) -> tuple[Place, str]:
    """Where it listens, and the address to say. Makes or renews the certificate where one is asked for."""
    host = _listens_at(wanted)
    if not wanted.tls:
        return Place(host, wanted.port), f"http://{host}:{wanted.port}/"
    if practice.settings.behind_proxy:
        raise KioskError(
            "A proxy brings its own certificate: behind_proxy and --tls do not go together.",
            "Leave out --tls, or take behind_proxy out of practice.toml.",
        )
    if practice.vault.is_unlocked:
        before = tls.read(practice.settings.instance)
        there = certificates.prepare(worker_of(practice), wanted.hosts, anew=wanted.new_authority)
        _say_what_is_new(before, there)
    else:
        there = certificates.served(practice.settings, now())
    name = "localhost" if host == THIS_MACHINE else there.names.dns[0]
    return Place(host, wanted.port, tls=True), f"https://{name}:{wanted.port}/"


def _say_what_is_new(before: ServerCertificate | None, there: ServerCertificate) -> None:
    if before is None or before.authority_der != there.authority_der:
        click.echo(
            "This practice has a new certificate authority. Each device trusts it once; how to is said"
        )
        click.echo("on the desk's page Tablets. Its SHA-256 fingerprint, to compare:")
        click.echo(f"  {there.fingerprint}")


def _listens_at(wanted: Wanted) -> str:
    """This machine or the one address that was named; with TLS everywhere, unless only this machine was."""
    hosts = wanted.hosts
    if not wanted.tls:
        return hosts[0] if hosts else THIS_MACHINE
    loopback = all(
        name == "localhost" or ((one := tls.parse_address(name)) and one.is_loopback) for name in hosts
    )
    return THIS_MACHINE if hosts and loopback else EVERYWHERE
