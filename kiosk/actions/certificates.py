"""TLS on the practice's own network: its authority is made once, its server's certificate renewed in time."""

import re
import socket
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.errors import KioskError
from kiosk.settings import Settings
from kiosk.vault import OFFICE, Field, tls
from kiosk.vault.did import Did
from kiosk.vault.tables import OfficeItem
from kiosk.vault.tls import Address, Authority, Names, ServerCertificate

PRIVATE_KEY, CERTIFICATE = "tls_authority_key", "tls_authority_certificate"
THIS_MACHINE = ("127.0.0.1", "::1")
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
DNS_NAME = re.compile(rf"{LABEL}(\.{LABEL})+")
MOST_ADDRESSES = 14  # two are this machine's own; those of the last networks too: a laptop comes back to them
TOWARDS = ("10.255.255.255", 9)  # nothing is sent there
T = TypeVar("T")


def prepare(by: Actor, given: Sequence[str] = (), *, anew: bool = False) -> ServerCertificate:
    """What `kiosk serve --tls` serves with, made where it is missing, too old or says too little.

    `given` are names and addresses beside the machine's own. Raises KioskError for one that cannot be
    vouched for. `anew` makes another authority, which every device has to trust anew.
    """
    names = names_of(by.practice.settings.hosts, given)
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        authority = None if anew else _kept(desk)
        if authority is None:
            authority = _make(desk, names)
        _refuse_others(authority, names)
        _renew_where_due(desk, authority, names)
    return served(by.practice.settings)


def look_after(by: Actor) -> bool:
    """Renew the certificate before it ends, and when the machine came into another network.

    Only where the practice was served with TLS. The supervisor sees the new file, and serves with it.
    """
    settings = by.practice.settings
    there = tls.read(settings.instance)
    if there is None or not _is_due(there, Names((), private_addresses()), by.practice.vault.clock()):
        return False
    with access.transaction(by, Purpose.LOOK_AFTER) as desk:
        authority = _kept(desk)
        if authority is None or not _is_of(there, authority):
            return False  # a file from elsewhere: `kiosk serve --tls` replaces it
        _renew_where_due(desk, authority, Names((), private_addresses()))
    return True


def served(settings: Settings, now: datetime | None = None) -> ServerCertificate:
    """What lies ready to serve with, for a start that is locked. Raises KioskError where that is nothing."""
    there = tls.read(settings.instance)
    once = "Start it once with its passphrase, without --locked: making a certificate needs it."
    if there is None:
        raise KioskError("This practice has no certificate to serve with yet.", once)
    if now is not None and there.ends <= now:
        raise KioskError(f"The certificate ended on {there.ends:%Y-%m-%d}.", once)
    return there


def names_of(hosts: Sequence[str], given: Sequence[str]) -> Names:
    """What the machine is reached by: what the settings and the command say, its own name, its addresses.

    Raises KioskError for a name without a dot (it would vouch for a whole domain of the internet, should
    one be called so), and for an address that is not private.
    """
    dns, addresses = [], [*_loopback()]
    for text in (*given, *hosts):
        address, name = tls.parse_address(text), text.lower().rstrip(".")
        if address is not None:
            if not tls.is_private(address):
                raise KioskError(
                    f"{text} is not an address of a private network.", "Name the machine instead."
                )
            addresses.append(address)
        elif DNS_NAME.fullmatch(name):
            dns.append(name)
        elif name != "localhost":
            raise KioskError(
                f"{text} is no name for a certificate.", "Give one with a dot, like kiosk.local."
            )
    dns += [name for name in (_own_name(),) if name]
    return Names(_unique((*dns, "localhost")), _unique((*addresses, *private_addresses())))


def private_addresses() -> tuple[Address, ...]:
    """This machine's own in its private network, as the system would choose it; asks nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(TOWARDS)
        except OSError:  # no network at all
            return ()
        address = tls.parse_address(probe.getsockname()[0])
    return (address,) if address is not None and tls.is_private(address) else ()


def _loopback() -> tuple[Address, ...]:
    """Always in it: by this address the supervisor asks whether the server is well."""
    return tuple(one for one in map(tls.parse_address, THIS_MACHINE) if one)


def _own_name() -> str:
    """`name.local`, by which a machine is found in its own network without any server."""
    name = socket.gethostname().lower().rstrip(".")
    name = name if "." in name else f"{name}.local"
    return name if DNS_NAME.fullmatch(name) else ""


def _unique(many: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(many))


def _kept(desk: Desk) -> Authority | None:
    key = desk.session.get(OfficeItem, PRIVATE_KEY)
    certificate = desk.session.get(OfficeItem, CERTIFICATE)
    if key is None or certificate is None:
        return None
    authority = Authority(
        desk.open(OFFICE, Field.OFFICE_ITEM, PRIVATE_KEY, key.value_sealed),
        desk.open(OFFICE, Field.OFFICE_ITEM, CERTIFICATE, certificate.value_sealed),
    )
    return authority if tls.authority_ends(authority.certificate_pem) > desk.now else None


def _make(desk: Desk, names: Names) -> Authority:
    authority = tls.new_authority(desk.practice.settings.practice_name, names.dns, desk.now)
    for name, value in ((PRIVATE_KEY, authority.private_key_pem), (CERTIFICATE, authority.certificate_pem)):
        sealed = desk.seal(OFFICE, Field.OFFICE_ITEM, name, value)
        desk.session.merge(OfficeItem(name=name, value_sealed=sealed))
    desk.session.flush()
    desk.audit(Did.MADE_AUTHORITY, "practice", "practice")
    return authority


def _refuse_others(authority: Authority, names: Names) -> None:
    for name in names.dns:
        if not tls.allows(authority.certificate_pem, name):
            raise KioskError(
                f"The authority that the devices trust does not vouch for {name}.",
                "Serve under the name that it was made for, or make another one with --new-authority; "
                "every device then has to trust it anew.",
            )


def _renew_where_due(desk: Desk, authority: Authority, wanted: Names) -> None:
    """The file is written inside the transaction: what was issued stands in the trail, or was not issued."""
    there = tls.read(desk.practice.settings.instance)
    own = there is not None and _is_of(there, authority)
    if own and there is not None:
        if not _is_due(there, wanted, desk.now):
            return
        wanted = Names(
            _unique((*wanted.dns, *there.names.dns)),
            _unique((*_loopback(), *wanted.addresses, *there.names.addresses))[:MOST_ADDRESSES],
        )
    desk.audit(Did.ISSUED_CERTIFICATE, "practice", "practice")
    tls.write(desk.practice.settings.instance, tls.issue(authority, wanted, desk.now))


def _is_due(there: ServerCertificate, wanted: Names, now: datetime) -> bool:
    missing = {*wanted.dns} - {*there.names.dns} or {*wanted.addresses} - {*there.names.addresses}
    ending = there.ends - now < tls.RENEWED_BEFORE and there.ends < there.authority_ends
    return bool(missing) or ending


def _is_of(there: ServerCertificate, authority: Authority) -> bool:
    return there.authority_der == tls.der(authority.certificate_pem)
