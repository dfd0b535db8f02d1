"""TLS of one's own: who trusts the authority trusts it for the practice, and for nothing else."""

import os
import random
import signal
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from kiosk.vault import tls
from kiosk.vault.tls import Authority, Names
from tests.practices import NOON

OWN = ("kiosk.meadow.example", "kiosk.local", "localhost")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return tls.new_authority("Meadow Lane", OWN, NOON)


def issued(authority: Authority, *dns: str, addresses: tuple[str, ...] = ()) -> bytes:
    names = Names(dns or ("kiosk.local",), tuple(ip_address(one) for one in addresses))
    return tls.issue(authority, names, datetime.now(UTC))


def shakes_hands(pem: bytes, trusts: bytes, name: str, folder: Path) -> str:
    """A real handshake, without a socket; returns the protocol. Raises SSLError."""
    file = folder / "server.pem"
    file.write_bytes(pem)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    asking = ssl.create_default_context(cadata=tls.der(trusts))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    client = asking.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    client.do_handshake()
    return client.version() or ""


def test_a_device_that_trusts_the_authority_reaches_the_practice(
    authority: Authority, tmp_path: Path
) -> None:
    pem = issued(authority, "kiosk.local", "kiosk.meadow.example", addresses=("192.168.1.5", "fe80::1"))
    for name in ("kiosk.local", "kiosk.meadow.example", "192.168.1.5", "fe80::1"):
        assert shakes_hands(pem, authority.certificate_pem, name, tmp_path) == "TLSv1.3"


@pytest.mark.parametrize("name", ["bank.example", "meadow.example", "local", "8.8.8.8", "2001:db8::1"])
def test_a_certificate_for_anybody_else_is_refused_whoever_signed_it(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    address = tls.parse_address(name)
    pem = (
        issued(authority, "kiosk.local", addresses=(name,))
        if address
        else issued(authority, name, "kiosk.local")
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shakes_hands(pem, authority.certificate_pem, name, tmp_path)
    assert not address or not tls.is_private(address)


def test_a_certificate_under_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = tls.new_authority("Meadow Lane", OWN, NOON)
    with pytest.raises(ssl.SSLCertVerificationError):
        shakes_hands(issued(other), authority.certificate_pem, "kiosk.local", tmp_path)


def test_the_authority_signs_no_further_authorities_and_says_what_it_is_for(authority: Authority) -> None:
    certificate = x509.load_pem_x509_certificate(authority.certificate_pem)
    critical = {one.oid._name for one in certificate.extensions if one.critical}
    assert critical == {"basicConstraints", "keyUsage", "nameConstraints"}
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert tls.allows(authority.certificate_pem, "tablet.kiosk.local")
    assert not tls.allows(authority.certificate_pem, "evilkiosk.local")


def test_no_certificate_lives_longer_than_browsers_take(authority: Authority) -> None:
    pem = tls.issue(authority, Names(("kiosk.local",), ()), NOON)
    certificate = x509.load_pem_x509_certificates(pem)[0]
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)
    late = tls.issue(authority, Names(("kiosk.local",), ()), NOON + timedelta(days=3600))
    about = tls.about(late)
    assert about is not None
    assert about.ends == about.authority_ends, "none outlives its authority"


def test_what_is_no_whole_certificate_is_none(authority: Authority, tmp_path: Path) -> None:
    assert tls.read(tmp_path) is None
    pem = issued(authority)
    key, own, _ca = pem.split(b"-----BEGIN CERTIFICATE-----")
    other = tls.new_authority("Meadow Lane", OWN, NOON).certificate_pem
    begin = b"-----BEGIN CERTIFICATE-----"
    for wrong in (b"", b"no", pem[: len(pem) // 2], begin.join((b"", own, _ca)), key + begin + own + other):
        assert tls.about(wrong) is None
    assert tls.about(pem) is not None


def test_the_file_is_its_owner_s_alone_and_a_failed_write_leaves_the_one_before(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = issued(authority)
    tls.write(tmp_path, first)
    assert tls.file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert tls.file_of(tmp_path).parent.stat().st_mode & 0o777 == 0o700

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk, pytest.raises(OSError, match="No space"):
        disk.setattr(os, "fsync", full)
        tls.write(tmp_path, issued(authority))
    assert tls.file_of(tmp_path).read_bytes() == first
    second = issued(authority)
    tls.write(tmp_path, second)  # over what was left half
    assert tls.file_of(tmp_path).read_bytes() == second


WRITES = """
import sys
from pathlib import Path
from kiosk.vault import tls
pems = [Path(name).read_bytes() for name in sys.argv[2:]]
sys.stdout.write("begun"); sys.stdout.flush()
while True:
    for pem in pems:
        tls.write(Path(sys.argv[1]), pem)
"""


@pytest.mark.long
def test_who_is_killed_while_writing_leaves_a_whole_certificate(authority: Authority, tmp_path: Path) -> None:
    names = [tmp_path / "one.pem", tmp_path / "two.pem"]
    for name in names:
        name.write_bytes(issued(authority))
    for _ in range(15):
        command = [sys.executable, "-c", WRITES, str(tmp_path), *map(str, names)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.read(5) == b"begun"
        time.sleep(random.uniform(0.002, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert tls.read(tmp_path) is not None
