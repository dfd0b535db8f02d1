"""A signed record as JSON: canonical, and the same again when it is read."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import answers as walk
from forms.catalog import load_catalog
from forms.decisions import Signing, decisions_of
from forms.signed import Signature, SignedRecord
from forms.versions import content_hash

FORM = load_catalog().form("emergency_contact")
SIGNED = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
ANSWERS = {
    "contact": {"name": "Łucja Núñez", "relation": "sister"},
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "refuse",
}
DRAWN = Signature(
    way="drawn",
    name="Rose Nyberg",
    strokes=(((1.5, 2.0, 0.0, 0.5), (3.0, 4.0, 16.0, 0.75)), ((9.0, 9.0, 40.0, 0.5),)),
    width=600.0,
    height=150.0,
    at=SIGNED.isoformat(),
    attest=FORM.attest.say("en"),
    signer="client",
)
RECORD = SignedRecord(
    id="8f21c0de",
    practice="Lakeside Massage",
    client_name="Rose Nyberg",
    client_born="1948-04-27",
    form_id=FORM.id,
    form_version=FORM.version,
    form_title=FORM.title.say("en"),
    form_hash=content_hash(FORM),
    lang="en",
    shown=walk.shown(FORM, ANSWERS, "en"),
    answers=ANSWERS,
    decisions=decisions_of(FORM, ANSWERS, Signing("8f21c0de", SIGNED, "en", "tablet")),
    take_back=FORM.take_back.say("en"),
    signature=DRAWN,
    evidence={"tablet": "t1"},
    channel="tablet",
    supersedes=None,
)


@pytest.mark.parametrize("signature", [DRAWN, replace(DRAWN, way="typed", strokes=()), None])
def test_a_record_read_again_is_the_same(signature: Signature | None):
    record = replace(RECORD, signature=signature)
    again = SignedRecord.from_json(record.to_json())
    assert again == record
    assert again.to_json() == record.to_json()


def test_equal_records_are_equal_bytes_whatever_the_order_of_their_answers():
    turned = replace(RECORD, answers=dict(reversed(ANSWERS.items())))
    assert turned.to_json() == RECORD.to_json()
    assert json.loads(RECORD.to_json())["answers"] == ANSWERS


def test_a_person_can_read_the_names_in_it():
    assert "Łucja Núñez" in RECORD.to_json()


@given(name=st.text(max_size=30), words=st.text(max_size=80))
def test_any_words_survive(name: str, words: str):
    record = replace(RECORD, client_name=name, answers={"contact": {"name": name}, "for_what": words})
    assert SignedRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"signature": null}', RECORD.to_json()[:-1]])
def test_what_is_no_record_is_refused(text: str):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        SignedRecord.from_json(text)
