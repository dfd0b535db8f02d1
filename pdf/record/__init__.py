"""The signed record as PDF/A-3b, carrying its own data: people and machines read one file."""

import re
from datetime import UTC, datetime

import pypdfium2
from babel.dates import format_date, format_time
from weasyprint import Attachment

from forms.definition import CLIENT
from forms.signed import Signature, SignedRecord
from pdf.html import direction, laid_out, text_of
from pdf.images import png
from pdf.record.ink import svg_paths

DATA_FILE = "record.json"
VARIANT = "pdf/a-3b"
NUMBER = re.compile(r"\+?\(?\d[\d\s().\-]*\d")
LEFT_TO_RIGHT, AS_BEFORE = "\u2066", "\u2069"  # Unicode's isolate and its end, which print nothing

WORDS = {
    "en": {
        "born": "born",
        "page": "Page",
        "of": "of",
        "not_signed": "Not signed yet",
        "not_given_yet": "Not given yet",
        "signed_by": "Signed by",
        "given_by": "Given by",
        "typed": "typed by the client as signature",
        "marked": "signed by a mark, which {witness} saw being made",
        "applied": "drawn at {at} for another form of this visit, and put here by a button of its own",
        "undated": "The date was left empty; the sheet was printed on",
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
        "not_given_yet": "Aún sin entregar",
        "signed_by": "Firmado por",
        "given_by": "Entregado por",
        "typed": "nombre escrito como firma",
        "marked": "firmado con una marca, que {witness} vio hacer",
        "applied": "dibujada a las {at} para otro formulario de esta visita, y puesta aquí con otro botón",
        "undated": "La fecha quedó vacía; la hoja se imprimió el",
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


def render(record: SignedRecord, size: str = "letter", *, signs: bool = True) -> bytes:
    """PDF/A-3b, not sealed yet, with the record's JSON embedded.

    Without a signature it is a preview; `signs` says whether its form asks for one.
    """
    now = datetime.now(UTC)
    data = Attachment(
        string=record.to_json(),
        name=DATA_FILE,
        description="The record for machines",
        relationship="Data",
        created=now,
        modified=now,
    )
    made: bytes = laid_out(html_of(record, size, signs=signs)).write_pdf(
        pdf_variant=VARIANT, attachments=[data]
    )
    return made


def html_of(record: SignedRecord, size: str = "letter", *, signs: bool = True) -> str:
    """The record's pages before they are laid out."""
    start, end = ("right", "left") if direction(record.lang) == "rtl" else ("left", "right")
    return text_of(
        "pdf.record",
        "record.html",
        record=record,
        words=words_of(record.lang),
        own_way=direction(_own(record.lang)),
        start=start,
        end=end,
        size=size,
        born=_day(record.client_born, _own(record.lang)),
        signature=_signature(record),
        signs=signs,
        digits_kept=digits_kept,
    )


def digits_kept(words: str) -> str:
    """Words in which a phone number reads from left to right also among letters that do not."""
    return NUMBER.sub(lambda found: LEFT_TO_RIGHT + found[0] + AS_BEFORE, words)


def _own(lang: str) -> str:
    """The language in which a record of this language speaks of itself: its own, else English."""
    return lang if lang in WORDS else "en"


def words_of(lang: str) -> dict[str, str]:
    return WORDS[_own(lang)]


def _day(iso: str, lang: str) -> str:
    return str(format_date(datetime.fromisoformat(iso).date(), "long", locale=lang)) if iso else ""


def _signature(record: SignedRecord) -> dict[str, object] | None:
    signature, lang = record.signature, record.lang
    if signature is None:
        return None
    speaks = signature.way == "given" and signature.signer == CLIENT
    return {
        "way": signature.way,
        "name": signature.name,
        "capacity": "" if speaks else words_of(lang).get(signature.signer, signature.signer),
        "authority": signature.authority,
        "when": _when(record, signature),
        "drawn_at": f"{datetime.fromisoformat(signature.drawn_at):%H:%M}" if signature.drawn_at else "",
        "attest": signature.attest,
        "witness": signature.witness,
        "ink": svg_paths(signature.strokes),
        "width": signature.width,
        "height": signature.height,
    }


def _when(record: SignedRecord, signature: Signature) -> str:
    """The day and the minute; of paper only the day is known, or not even that."""
    at, lang = datetime.fromisoformat(signature.at), _own(record.lang)
    day = _day(signature.at, lang)
    if "paper" in (signature.way, record.channel):
        undated = record.evidence.get("date_on_paper") == "left empty"
        return f"{words_of(lang)['undated']} {day}" if undated else day
    offset = at.strftime("%z")
    return f"{day}, {format_time(at, 'HH:mm', locale=lang)} (UTC{offset[:3]}:{offset[3:]})"


def page_count(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as opened:
        return len(opened)


def page_images(pdf: bytes, width_px: int) -> list[bytes]:
    """Our own pages as PNGs of a width: what is shown before signing is what is stored."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [
            png(page.render(scale=width_px / page.get_width(), grayscale=True).to_pil()) for page in opened
        ]
