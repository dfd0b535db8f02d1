"""Whether a signed record is as it was sealed; needs the file alone, no database."""

import io
import json
from dataclasses import dataclass
from hashlib import sha256

from asn1crypto import cms, core
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from forms.signed import SignedRecord
from pdf.record import DATA_FILE
from pdf.seal import FIELD, on_a_thread

NO_PDF = "This file cannot be opened as a PDF."
NO_SEAL = "This file has no seal, so nothing says that it is unchanged."
CHANGED = "This file was changed after it was sealed."
NO_DATA = "What this file carries is no record of this application."
OTHER_SEAL = "The seal is whole, but it is not this practice's."


@dataclass(frozen=True)
class Verified:
    """`record_json` is the record as it was signed; a certificate carries none.

    Trust comes from comparing the certificate of the seal.
    """

    record_json: str | None
    sealed_by: str
    sealed_at: str
    certificate_sha256: str


@dataclass(frozen=True)
class NotVerified:
    problem: str


def verify(pdf: bytes, trusted_sha256: str | None = None) -> Verified | NotVerified:
    """Check the seal, that it covers the whole file, and the record inside. Never raises for bad files."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        seals = [found for found in reader.embedded_signatures if found.field_name == FIELD]
    except Exception:  # whatever a hostile file makes of the parser, it is not a sealed record
        return NotVerified(NO_PDF)
    if len(seals) != 1 or len(reader.embedded_signatures) != 1:
        return NotVerified(NO_SEAL)
    try:
        if not _covers_all(pdf, seals[0]) or not _is_whole(seals[0]):
            return NotVerified(CHANGED)
        certificate = seals[0].signer_cert
        fingerprint = sha256(certificate.dump()).hexdigest()
        signed_at = seals[0].self_reported_timestamp
    except Exception:  # a seal that cannot even be read is a changed one
        return NotVerified(CHANGED)
    if trusted_sha256 is not None and fingerprint != trusted_sha256:
        return NotVerified(OTHER_SEAL)
    record = carried_record(pdf)
    if record is None and _attached(pdf):
        return NotVerified(NO_DATA)
    return Verified(
        record,
        certificate.subject.native.get("common_name", ""),
        signed_at.isoformat() if signed_at else "",
        fingerprint,
    )


def _covers_all(pdf: bytes, found: EmbeddedPdfSignature) -> bool:
    """The seal covers every byte but its own, which is exactly its own DER and zeros to fill."""
    begin, before, after, rest = (int(number) for number in found.byte_range)
    if begin != 0 or after + rest != len(pdf):
        return False
    gap = pdf[before:after]
    if gap[:1] != b"<" or gap[-1:] != b">":
        return False
    held = bytes.fromhex(gap[1:-1].decode("ascii"))
    if gap[1:-1] != gap[1:-1].lower() and gap[1:-1] != gap[1:-1].upper():
        return False
    der = found.signed_data and found.sig_object.raw_get("/Contents")
    size = _der_length(held)
    return der is not None and not any(held[size:]) and _as_we_write(held[:size])


def _as_we_write(der: bytes) -> bool:
    """The seal's envelope is byte for byte the one that we make: some of it no signature covers."""
    held = cms.ContentInfo.load(der, strict=True)["content"]
    signer = held["signer_infos"][0]
    certificate = held["certificates"][0].chosen
    digest = cms.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
    made = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": digest,
            "signed_attrs": signer["signed_attrs"],
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signer["signature"].native,
        }
    )
    envelope = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [made],
        }
    )
    written: bytes = cms.ContentInfo({"content_type": "signed_data", "content": envelope}).dump()
    return written == der


def _der_length(der: bytes) -> int:
    """How many bytes the outermost DER value takes."""
    first = der[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")


def _is_whole(found: EmbeddedPdfSignature) -> bool:
    """The digest and the signature hold, and nothing was added after."""
    trust = ValidationContext(trust_roots=[found.signer_cert], allow_fetching=False)
    status = on_a_thread(
        lambda: validate_pdf_signature(found, signer_validation_context=trust, skip_diff=True)
    )
    return bool(status.intact and status.valid)


def carried_record(pdf: bytes) -> str | None:
    """The record's JSON inside a file that was verified before."""
    attached = _attached(pdf)
    return _record(attached[0]) if attached else None


def _attached(pdf: bytes) -> list[bytes]:
    """What is attached as a record; nothing for a sealed file of another kind."""
    try:
        return list(PdfReader(io.BytesIO(pdf)).attachments.get(DATA_FILE, []))
    except Exception:  # what cannot be taken out is no record either
        return [b""]


def _record(attached: bytes) -> str | None:
    """The record's JSON; one of an older version lacks what has been added since, and is a record still."""
    try:
        text = attached.decode("utf-8")
        SignedRecord.from_json(text)
        again = json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return text if again == text else None
    except Exception:  # no JSON, or no record: the same to whoever asks
        return None
