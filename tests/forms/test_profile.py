"""What the practice knows already: read from one place, written to one place, a change never silent."""

from datetime import date
from typing import Any

from forms import profile
from forms.definition import About, Form
from forms.loading import read_form
from tests.forms.making import both, plain_form

PHONE = "512 555 0142"


def form(**more: Any) -> Form:
    def asks(name: str, kind: str, fills: str | None = None, **also: Any) -> dict[str, Any]:
        place = {"fills": fills} if fills else {}
        return {"id": name, "kind": kind, "ask": both(name), "required": False, **place, **also}

    questions = [
        asks("phone", "phone", "client.phone"),
        asks("contact", "person", "client.contact"),
        asks("doctor", "clinician", "client.doctor"),
        asks("hidden", "email", "client.email", when={"phone": "answered"}),
        asks("free", "short_text"),
    ]
    return read_form("made.toml", plain_form([{"id": "p", "question": questions}], **more))


FORM = form()


def test_what_is_known_comes_filled_in():
    places = {"client.phone": PHONE, "client.email": "rose@example.com", "client.other": "x"}
    assert profile.prefill(FORM, places) == {"phone": PHONE, "hidden": "rose@example.com"}


def test_a_number_given_once_for_somebody_stands_wherever_they_are_named_again():
    places = {"client.referred_by": {"name": "Kirsten Nyberg", "phone": PHONE, "relation": "a friend"}}
    given = {"contact": {"name": "kirsten nyberg", "relation": "daughter"}}
    assert profile.completed(FORM, given, places)["contact"] == {
        "name": "kirsten nyberg",
        "relation": "daughter",
        "phone": PHONE,
    }


def test_only_what_the_question_asks_is_completed():
    places = {"client.doctor": {"name": "Dr. Ortiz", "fax": "512 555 0199", "phone": PHONE}}
    assert profile.completed(FORM, {"contact": {"name": "Dr Ortiz"}}, places)["contact"] == {
        "name": "Dr Ortiz",
        "phone": PHONE,
    }


def test_what_is_known_of_somebody_else_is_nobody_s():
    places = {"client.referred_by": {"name": "Joan Keller", "phone": PHONE}}
    given = {"contact": {"name": "Kirsten Nyberg"}, "phone": PHONE}
    assert profile.completed(FORM, given, places) == given


def test_an_empty_part_says_nothing_and_what_has_no_name_is_nobody_s():
    kirsten = {"name": "Kirsten Nyberg"}
    places = {
        "a": {**kirsten, "phone": PHONE},
        "b": {**kirsten, "phone": ""},
        "c": {"street": "12 Lake Road"},
    }
    assert profile.completed(FORM, {"contact": kirsten}, places)["contact"] == {**kirsten, "phone": PHONE}
    nameless = {"contact": {"relation": "daughter"}}
    assert profile.completed(FORM, nameless, places) == nameless


def test_what_was_typed_stands_above_what_was_known():
    places = {"client.contact": {"name": "Kirsten Nyberg", "phone": "512 555 0100"}}
    given = {"contact": {"name": "Kirsten Nyberg", "phone": PHONE}}
    assert profile.completed(FORM, given, places) == given


def test_a_changed_value_is_a_change_and_a_first_one_is_not():
    places = {"client.phone": "512 555 0100"}
    given = {"phone": PHONE, "contact": {"name": "Kirsten Nyberg"}}
    assert profile.changes(FORM, given, places, "en") == (
        profile.Change("phone", "client.phone", "512 555 0100", PHONE),
    )
    assert profile.changes(FORM, {"phone": "512 555 0100"}, places, "en") == ()
    assert profile.changes(FORM, {}, places, "en") == ()


def test_a_change_is_said_in_words_of_the_client_s_language():
    options = [
        {"id": "card", "label": {"en": "By a card", "es": "Con una tarjeta"}},
        {"id": "call", "label": {"en": "By phone", "es": "Por teléfono"}},
    ]
    way = {"id": "way", "kind": "choice", "ask": both("How?"), "fills": "client.way", "options": options}
    made = read_form("made.toml", plain_form([{"id": "p", "question": [way]}]))
    assert profile.changes(made, {"way": "call"}, {"client.way": "card"}, "es") == (
        profile.Change("way", "client.way", "Con una tarjeta", "Por teléfono"),
    )


def test_what_only_a_minor_is_asked_is_written_for_a_minor_alone():
    guardian = {"id": "guardian", "kind": "name", "ask": both("Who?"), "fills": "guardian.name"}
    page = {"id": "p", "when": {"client": {"age_under": "majority"}}, "question": [guardian]}
    made, given, known = read_form("made.toml", plain_form([page])), {"guardian": "Ana Ruiz"}, {}
    today, was = date(2026, 11, 23), {"guardian.name": "Ana Diaz"}
    child, adult = About(today, date(2012, 1, 1)), About(today, date(1980, 1, 1))
    assert profile.written(made, given, known, child) == {"guardian.name": "Ana Ruiz"}
    assert profile.written(made, given, known, adult) == {}
    assert [one.new for one in profile.changes(made, given, was, "en", child)] == ["Ana Ruiz"]
    assert profile.changes(made, given, was, "en", adult) == ()


def test_a_hidden_answer_changes_nothing():
    places = {"client.email": "old@example.com"}
    assert profile.changes(FORM, {"hidden": "new@example.com"}, places, "en") == ()
    assert profile.written(FORM, {"hidden": "new@example.com"}, places) == places


def test_what_is_learnt_of_somebody_is_written_wherever_they_stand():
    places = {
        "client.referred_by": {"name": "Kirsten Nyberg", "relation": "a friend"},
        "client.gift_from": {"name": "Joan Keller"},
        "client.phone": "512 555 0100",
    }
    after = profile.written(FORM, {"contact": {"name": "Kirsten Nyberg", "phone": PHONE}}, places)
    assert after == {
        "client.referred_by": {"name": "Kirsten Nyberg", "relation": "a friend", "phone": PHONE},
        "client.gift_from": {"name": "Joan Keller"},
        "client.phone": "512 555 0100",
        "client.contact": {"name": "Kirsten Nyberg", "phone": PHONE},
    }


def test_an_address_is_nobody_and_learns_nothing_of_anybody():
    home = {"street": "12 Lake Road"}
    asks = {"id": "home", "kind": "address", "ask": both("Where?"), "fills": "client.home"}
    made = read_form("made.toml", plain_form([{"id": "p", "question": [asks]}]))
    known = {"client.contact": {"name": "Kirsten Nyberg"}, "client.work": {"street": "1 Main Street"}}
    assert profile.written(made, {"home": home}, known) == {**known, "client.home": home}
    contact = {"name": "Joan Keller"}
    assert profile.written(FORM, {"contact": contact}, known) == {**known, "client.contact": contact}
    assert profile.renamed({"client.home": home}, {}) == frozenset()


def test_a_place_that_names_somebody_else_than_before_is_told():
    before = {"client.contact": {"name": "Kirsten Nyberg"}, "client.doctor": {"name": "Dr. Ortiz"}}
    after = {"client.contact": {"name": "Joan Keller"}, "client.doctor": {"name": "Dr Ortiz", "fax": "1"}}
    assert profile.renamed(before, after) == {"client.contact"}
    assert profile.renamed({}, after) == frozenset()
    assert profile.renamed(before, {}) == {"client.contact", "client.doctor"}


def test_only_what_is_the_guardian_s_own_is_carried_to_the_next_file():
    places = {"guardian.person": {"name": "Ana Ruiz"}, "client.phone": PHONE}
    assert profile.guardians_own(places) == {"guardian.person": {"name": "Ana Ruiz"}}
