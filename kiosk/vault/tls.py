"""TLS without anybody else: a practice's own certificate authority, and the certificate of its server.

The authority vouches for the practice's own names and for private addresses only, and says so itself (RFC
5280, name constraints), so that whoever trusts it trusts it for nothing else. Its key is sealed in the vault.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER, FILE = "tls", "server.pem"
AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=397)  # what browsers and Apple's devices take at most
RENEWED_BEFORE = timedelta(days=30)
SLOW_CLOCKS = timedelta(days=1)
LONGEST_NAME = 64

Address = IPv4Address | IPv6Address
PRIVATE = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Authority:
    private_key_pem: bytes
    certificate_pem: bytes


@dataclass(frozen=True)
class Names:
    """What a server is reached by."""

    dns: tuple[str, ...]
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class ServerCertificate:
    """What stands in the file that the server serves with."""

    names: Names
    ends: datetime
    authority_der: bytes
    authority_ends: datetime

    @property
    def fingerprint(self) -> str:
        """The authority's, as devices show it: `AB:CD:…` over all of its certificate."""
        return (
            x509.load_der_x509_certificate(self.authority_der).fingerprint(hashes.SHA256()).hex(":").upper()
        )


def is_private(address: Address) -> bool:
    return any(address in block for block in PRIVATE)


def new_authority(practice_name: str, dns: Iterable[str], now: datetime) -> Authority:
    """For these names, what stands below them, and private addresses; for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"{practice_name[: LONGEST_NAME - 10]} check-in")
    permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in dns]
    permitted += [x509.IPAddress(block) for block in PRIVATE]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCKS)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(_key_pem(key), certificate.public_bytes(serialization.Encoding.PEM))


def allows(certificate_pem: bytes, dns: str) -> bool:
    """Whether an authority may vouch for this name: one of its own, or one below."""
    constraints = x509.load_pem_x509_certificate(certificate_pem).extensions.get_extension_for_class(
        x509.NameConstraints
    )
    own = [one.value for one in constraints.value.permitted_subtrees or () if isinstance(one, x509.DNSName)]
    return any(dns == one or dns.endswith(f".{one}") for one in own)


def authority_ends(certificate_pem: bytes) -> datetime:
    return x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc


def issue(authority: Authority, names: Names, now: datetime) -> bytes:
    """A new key and its certificate, with the authority's, in one PEM: it is replaced whole."""
    signer = x509.load_pem_x509_certificate(authority.certificate_pem)
    signing = serialization.load_pem_private_key(authority.private_key_pem, None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise TypeError("an authority signs with an elliptic curve")
    key = ec.generate_private_key(ec.SECP256R1())
    also: list[x509.GeneralName] = [x509.DNSName(one) for one in names.dns]
    also += [x509.IPAddress(one) for one in names.addresses]
    begins = now - SLOW_CLOCKS
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_named(names.dns[0]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(min(begins + CERTIFICATE_LIFE, signer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(also), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
        .sign(signing, hashes.SHA256())
    )
    return _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM) + authority.certificate_pem


def about(pem: bytes) -> ServerCertificate | None:
    """What a file says; None where it is not what `issue` made, or was not signed by the authority in it."""
    try:
        certificate, authority = x509.load_pem_x509_certificates(pem)
        serialization.load_pem_private_key(pem, None)
        certificate.verify_directly_issued_by(authority)
        also = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return None
    addresses = also.get_values_for_type(x509.IPAddress)
    return ServerCertificate(
        Names(
            tuple(also.get_values_for_type(x509.DNSName)),
            tuple(one for one in addresses if isinstance(one, IPv4Address | IPv6Address)),
        ),
        certificate.not_valid_after_utc,
        authority.public_bytes(serialization.Encoding.DER),
        authority.not_valid_after_utc,
    )


def der(certificate_pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(certificate_pem).public_bytes(serialization.Encoding.DER)


def file_of(instance: Path) -> Path:
    return instance / FOLDER / FILE


def read(instance: Path) -> ServerCertificate | None:
    """What the server of this practice serves with; None where it has nothing, or nothing whole."""
    try:
        return about(file_of(instance).read_bytes())
    except FileNotFoundError:
        return None


def write(instance: Path, pem: bytes) -> None:
    """To a file beside, for its owner alone, flushed to the disk, then renamed: whole or not at all."""
    path = file_of(instance)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def parse_address(text: str) -> Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:LONGEST_NAME])])


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
