"""The signed record as PDF/A-3b, carrying its own data: people and machines read one file."""

from datetime import UTC, datetime

import pypdfium2
from babel.dates import format_date, format_datetime
from weasyprint import Attachment

from forms.signed import Signature, SignedRecord
from pdf.html import laid_out, text_of
from pdf.images import png
from pdf.record.ink import svg_paths

DATA_FILE = "record.json"
VARIANT = "pdf/a-3b"

WORDS = {
    "en": {
        "born": "born",
        "page": "Page",
        "of": "of",
        "not_signed": "Not signed yet",
        "signed_by": "Signed by",
        "typed": "typed by the client as signature",
        "on_paper": "Signed on paper. The page was scanned, and each value was confirmed by a person.",
        "not_given": "Not answered",
        "as": "as",
        "client": "the client",
        "parent": "parent",
        "guardian": "guardian",
        "agent": "agent",
        "evidence": "Record",
        "take_back": "How to take this back",
    },
    "es": {
        "born": "nacimiento",
        "page": "Página",
        "of": "de",
        "not_signed": "Aún sin firmar",
        "signed_by": "Firmado por",
        "typed": "nombre escrito como firma",
        "on_paper": "Firmado en papel. La hoja se escaneó y una persona confirmó cada valor.",
        "not_given": "Sin respuesta",
        "as": "como",
        "client": "cliente",
        "parent": "padre o madre",
        "guardian": "tutor",
        "agent": "representante",
        "evidence": "Registro",
        "take_back": "Cómo retirar este permiso",
    },
}


def render(record: SignedRecord, size: str = "letter") -> bytes:
    """PDF/A-3b, not sealed yet, with the record's JSON embedded. Without a signature: a preview."""
    now = datetime.now(UTC)
    data = Attachment(
        string=record.to_json(),
        name=DATA_FILE,
        description="The record for machines",
        relationship="Data",
        created=now,
        modified=now,
    )
    made: bytes = laid_out(html_of(record, size)).write_pdf(pdf_variant=VARIANT, attachments=[data])
    return made


def html_of(record: SignedRecord, size: str = "letter") -> str:
    """The record's pages before they are laid out."""
    return text_of(
        "pdf.record",
        "record.html",
        record=record,
        words=words_of(record.lang),
        size=size,
        born=_day(record.client_born, record.lang),
        signature=_signature(record.signature, record.lang),
        paragraphs=lambda text: [part.strip() for part in text.split("\n\n") if part.strip()],
    )


def words_of(lang: str) -> dict[str, str]:
    return WORDS.get(lang, WORDS["en"])


def _day(iso: str, lang: str) -> str:
    return format_date(datetime.fromisoformat(iso).date(), "long", locale=lang) if iso else ""


def _signature(signature: Signature | None, lang: str) -> dict[str, object] | None:
    if signature is None:
        return None
    at = datetime.fromisoformat(signature.at)
    offset = at.strftime("%z")
    return {
        "way": signature.way,
        "name": signature.name,
        "signer": words_of(lang).get(signature.signer, signature.signer),
        "at": f"{format_datetime(at, 'd MMMM yyyy, HH:mm', locale=lang)} (UTC{offset[:3]}:{offset[3:]})",
        "day": format_date(at.date(), "long", locale=lang),
        "attest": signature.attest,
        "ink": svg_paths(signature.strokes),
        "width": signature.width,
        "height": signature.height,
    }


def page_count(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as opened:
        return len(opened)


def page_images(pdf: bytes, width_px: int) -> list[bytes]:
    """Our own pages as PNGs of a width: what is shown before signing is what is stored."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [
            png(page.render(scale=width_px / page.get_width(), grayscale=True).to_pil()) for page in opened
        ]
