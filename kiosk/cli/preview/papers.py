"""The paper twin of a form, and the record that a sample signature makes of it: not sealed, and nobody's."""

from dataclasses import dataclass, replace
from datetime import datetime

from forms import answers as walk
from forms.decisions import Signing, decisions_of
from forms.definition import CLIENT, Form
from forms.samples import CLIENT_NAME, PEOPLE, Walk
from forms.signed import Signature, SignedRecord
from forms.signers import needs_authority, who_may_sign
from forms.versions import content_hash
from kiosk.actions import words
from kiosk.settings import Settings
from pdf import record as record_pdf
from pdf.twin import twin

SAMPLE = "sample"
PAGE_WIDTH_PX = 900
READING_WIDTH_PX = 1440


@dataclass(frozen=True)
class Made:
    """What paper needs beside a form: whose it is, how large it is, and when it is signed."""

    settings: Settings
    size: str
    now: datetime

    def twin(self, form: Form, lang: str) -> bytes:
        return twin(form, lang, self.size, practice=self.settings.practice_name).pdf

    def record(self, form: Form, lang: str, sample: Walk) -> bytes:
        """Signed by a typed name, or given in where the form asks for no signature."""
        signer = signers(form, sample)[0]
        signed = replace(
            self._unsigned(form, lang, sample, signer), signature=self._signature(form, lang, signer)
        )
        return record_pdf.render(signed, self.size, signs=form.needs_signature())

    def to_read(self, form: Form, lang: str, sample: Walk) -> list[bytes]:
        """The pages that a client reads before signing."""
        unsigned = self._unsigned(form, lang, sample, CLIENT)
        return record_pdf.page_images(record_pdf.render(unsigned, self.size), READING_WIDTH_PX)

    def _unsigned(self, form: Form, lang: str, sample: Walk, signer: str) -> SignedRecord:
        born = sample.about.born
        signing = Signing(SAMPLE, self.now, lang, "tablet", signer, sample.about)
        return SignedRecord(
            id=SAMPLE,
            practice=self.settings.practice_name,
            client_name=CLIENT_NAME,
            client_born=born.isoformat() if born else "",
            form_id=form.id,
            form_version=form.version,
            form_title=form.title.say(lang),
            form_hash=content_hash(form),
            lang=lang,
            shown=walk.shown(form, sample.answers, lang, sample.about),
            answers=dict(sample.answers),
            decisions=decisions_of(form, sample.answers, signing),
            take_back=form.take_back.say(lang),
            signature=None,
            evidence={},
            channel="tablet",
            supersedes=None,
        )

    def _signature(self, form: Form, lang: str, signer: str) -> Signature:
        at = words.local(self.now, self.settings.time_zone).isoformat(timespec="seconds")
        if not form.needs_signature():
            return Signature("given", CLIENT_NAME, (), 0.0, 0.0, at, "", CLIENT)
        other = needs_authority(signer)
        name = PEOPLE[0] if other else CLIENT_NAME
        attest = form.attest.say(lang)
        return Signature("typed", name, (), 0.0, 0.0, at, attest, signer, SAMPLE if other else "")


def signers(form: Form, sample: Walk) -> tuple[str, ...]:
    """Who may sign on this walk; where nobody may, whoever else the form lets sign."""
    return who_may_sign(form, sample.about) or form.signer


def pictures(pdf: bytes) -> list[bytes]:
    return record_pdf.page_images(pdf, PAGE_WIDTH_PX)
