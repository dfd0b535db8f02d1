"""The seal: whole, or not verified; whatever comes in, it never raises."""

import json
import random
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.signed import SignedRecord
from pdf.certificate import ShredCertificate, ShreddedSheet, certificate
from pdf.record import render
from pdf.seal import new_seal_key, seal
from pdf.verify import CHANGED, NO_DATA, NO_PDF, NO_SEAL, OTHER_SEAL, NotVerified, Verified, verify
from tests.pdf.making import PRACTICE, SIGNED, a_key, record

FLIPS = 200


@cache
def unsealed() -> bytes:
    return render(record())


@cache
def sealed() -> bytes:
    return seal(unsealed(), a_key(), SIGNED)


def test_a_sealed_record_verifies_and_gives_back_what_was_signed():
    found = verify(sealed())
    assert isinstance(found, Verified)
    assert found.record_json == record().to_json()
    assert found.sealed_by == PRACTICE
    assert found.sealed_at
    assert verify(sealed(), found.certificate_sha256) == found


def test_the_seal_of_somebody_else_is_whole_but_not_ours():
    ours = verify(sealed())
    assert isinstance(ours, Verified)
    theirs = seal(unsealed(), new_seal_key(PRACTICE, SIGNED), SIGNED)
    assert isinstance(verify(theirs), Verified)
    assert verify(theirs, ours.certificate_sha256) == NotVerified(OTHER_SEAL)


class Older(SignedRecord):
    """A record as it was written before it said by what right somebody signs."""

    def to_json(self) -> str:
        plain = json.loads(super().to_json())
        del plain["signature"]["authority"]
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_a_record_of_before_something_was_added_to_records_still_verifies():
    older = Older(**vars(record()))
    found = verify(seal(render(older), a_key(), SIGNED))
    assert isinstance(found, Verified)
    assert found.record_json == older.to_json() != record().to_json()


def test_a_record_that_only_was_given_verifies_like_a_signed_one():
    made = record(way="given")
    found = verify(seal(render(made), a_key(), SIGNED))
    assert isinstance(found, Verified)
    assert found.record_json == made.to_json()


def test_a_single_changed_bit_anywhere_is_noticed():
    rng, pdf = random.Random(11), sealed()
    seal_at = pdf.rindex(b"/Contents") + 40  # part of it no signature covers, so it is tried more closely
    places = [rng.randrange(len(pdf)) for _ in range(FLIPS)] + list(range(seal_at - 30, seal_at + 70))
    for place in places:
        changed = bytearray(pdf)
        changed[place] ^= 1 << rng.randrange(8)
        assert isinstance(verify(bytes(changed)), NotVerified), f"byte {place} of {len(pdf)}"


@pytest.mark.parametrize("added", [b"\n", b" ", b"%%EOF\n", b"\0" * 100])
def test_what_is_appended_is_noticed(added: bytes):
    assert verify(sealed() + added) in (NotVerified(CHANGED), NotVerified(NO_PDF))
    assert isinstance(verify(added + sealed()), NotVerified)


def test_a_sealed_record_cannot_be_sealed_again():
    with pytest.raises(Exception, match="Seal"):
        seal(sealed(), a_key(), SIGNED + timedelta(days=1))


def test_a_record_without_a_seal_is_not_verified():
    assert verify(unsealed()) == NotVerified(NO_SEAL)


def a_certificate() -> bytes:
    shredded = ShredCertificate(
        practice=PRACTICE,
        batch="b7c1d2",
        sheets=(ShreddedSheet("4K7M9QXA", "Emergency contact", 2, "20261123"),),
        pages=2,
        counted=2,
        method="Cross-cut shredder",
        level="P-4",
        machine="",
        by="Dorothy Keane",
        witness="",
        at="23 November 2026",
        cooling_days=7,
        shred_level="simple",
    )
    return seal(certificate(shredded), a_key(), SIGNED)


def test_a_sealed_certificate_is_whole_and_carries_no_record():
    pdf = a_certificate()
    found = verify(pdf)
    assert isinstance(found, Verified)
    assert found.record_json is None
    changed = bytearray(pdf)
    changed[len(pdf) // 3] ^= 1
    assert verify(bytes(changed)) in (NotVerified(CHANGED), NotVerified(NO_PDF))


class Nonsense(SignedRecord):
    """A record whose data is not what it says."""

    def to_json(self) -> str:
        return '{"form_id": "emergency_contact"}'


def test_a_sealed_record_whose_data_is_none_is_not_verified():
    assert verify(seal(render(Nonsense(**vars(record()))), a_key(), SIGNED)) == NotVerified(NO_DATA)


@pytest.mark.parametrize("kept", [0, 1, 10, 1000, 0.25, 0.5, 0.9, 0.99, 0.999])
def test_a_file_cut_short_is_not_verified(kept: float):
    pdf = sealed()
    assert isinstance(verify(pdf[: kept if isinstance(kept, int) else int(len(pdf) * kept)]), NotVerified)


@given(
    data=st.binary(max_size=400),
    start=st.sampled_from([b"", b"%PDF-1.7\n", b"%PDF-1.7\n1 0 obj\n<</ByteRange["]),
)
def test_garbage_is_not_verified(data: bytes, start: bytes):
    assert verify(start + data) == NotVerified(NO_PDF)
