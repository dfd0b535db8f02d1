"""The practice's seal on a PDF: PAdES B-B, made offline, with a certificate of its own.

A seal says that the practice keeps this file unchanged. It is not the client's signature.
"""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Seal"
VALID_YEARS = 30
T = TypeVar("T")


@dataclass(frozen=True)
class SealKey:
    private_key_pem: bytes
    certificate_pem: bytes


def new_seal_key(practice_name: str, now: datetime) -> SealKey:
    """An EC P-256 key and a self-signed certificate in the practice's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, practice_name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * VALID_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return SealKey(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def seal(pdf: bytes, key: SealKey, at: datetime) -> bytes:
    """The same file with an invisible seal over all of it, as an incremental update."""
    private = serialization.load_pem_private_key(key.private_key_pem, None)
    certificate = x509.load_pem_x509_certificate(key.certificate_pem)
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(
            private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
        cert_registry=SimpleCertificateStore(),
    )
    metadata = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    out = io.BytesIO()
    on_a_thread(lambda: sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer, output=out))
    return out.getvalue()


def on_a_thread(work: Callable[[], T]) -> T:
    """What `work` gives; pyHanko starts an event loop, and a thread can hold only one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(work).result()
