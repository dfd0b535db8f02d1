"""The consent card: what a client allows, seen in ten seconds, and what may be said to whom."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from kiosk.access import Actor
from kiosk.actions import endings, visit_page, visits
from tests.desk.conftest import HOSTILE

ROSE, THEO = "Rose Nyberg", "Theo Okafor"
CONTACT = {
    "contact-name": "Kirsten Nylund",
    "contact-relation": "daughter",
    "contact-phone": "512 555 0142",
    "may_call_emergency": "allow",
    "may_speak_worried": "allow",
    "may_tell_health": "refuse",
}
NOBODY = CONTACT | {"may_call_emergency": "refuse", "may_speak_worried": "refuse"}


@pytest.fixture
def rose(booked: Mapping[str, str], signs: Any) -> str:
    """Rose's visit, after she signed whom we may call."""
    signs(booked[ROSE], {"emergency_contact": CONTACT})
    return booked[ROSE]


def test_the_day_leads_to_the_next_card(sophia: Any, booked: Mapping[str, str]) -> None:
    sophia.opens("/therapist/")
    assert sophia.html.count('data-test="next-card"') == 1
    assert sophia.http.get("/therapist/next").headers["Location"] == f"/therapist/visits/{booked[ROSE]}"


def test_who_is_allowed_stands_with_the_limits(sophia: Any, rose: str) -> None:
    sophia.opens(f"/therapist/visits/{rose}")
    allowed = re.search(r'<li data-test="row-allowed">.*?</li>', sophia.html, re.DOTALL)
    assert allowed
    assert "Kirsten Nylund" in allowed[0]
    assert "daughter" in allowed[0]
    assert "Until 23 November 2028" in allowed[0]
    assert "except:" in sophia.html


def test_states_are_told_apart_without_colour(sophia: Any, booked: Mapping[str, str], signs: Any) -> None:
    signs(booked[ROSE], {"emergency_contact": NOBODY})
    sophia.opens(f"/therapist/visits/{booked[ROSE]}")
    for state, words, symbol in (
        ("refused", "Not to be told:", "x"),
        ("not_asked", "Not asked:", "circle-question-mark"),
    ):
        row = re.search(rf'<li data-test="row-{state}">.*?</li>', sophia.html, re.DOTALL)
        assert row
        assert words in row[0]
        assert f'href="#i-{symbol}"' in row[0]
    assert "except:" not in sophia.html
    assert f"Tell nobody that {ROSE} comes here." in sophia.html


def test_reading_the_card_is_said_once(sophia: Any, rose: str) -> None:
    sophia.opens(f"/therapist/visits/{rose}")
    sophia.presses(f"/therapist/visits/{rose}/reviewed")
    assert "You read this 23 November 2026, 12:00 PM" in sophia.html
    assert 'data-test="reviewed"' not in sophia.html
    sophia.opens("/therapist/")
    assert "read</span>" in sophia.html


def test_what_changed_since_the_last_time_stands_first(
    sophia: Any, dorothy: Any, rose: str, clock: Any
) -> None:
    sophia.presses(f"/therapist/visits/{rose}/reviewed")
    clock.now += timedelta(minutes=5)
    record = visit_page.visit_view(dorothy.actor, rose).records[0]
    endings.withdraw(dorothy.actor, record.id)
    again = visit_again(dorothy.actor, sophia.actor.id)
    sophia.opens(f"/therapist/visits/{again}")
    assert sophia.html.index("Changed since last time") < sophia.html.index("Tell nobody")
    change = re.search(r'data-test="change-1">(.*?)</p>', sophia.html)
    assert change
    assert change[1] == "<b>Kirsten Nylund</b> may no longer be told. Taken back 23 November."
    sophia.opens("/therapist/")
    assert "Changed" in sophia.html


def visit_again(desk: Actor, therapist: str) -> str:
    client = visits.find_clients(desk, "rose")[0].id
    when = {"date": "2026-11-23", "time": "17:00", "minutes": "60"}
    return visits.add(desk, {"client_id": client, "therapist": therapist, **when})


def test_the_same_words_for_a_client_who_allowed_nothing_and_for_one_who_allowed_others(
    sophia: Any, rose: str, booked: Mapping[str, str]
) -> None:
    answers = []
    for visit in (rose, booked[THEO]):
        sophia.opens(f"/therapist/visits/{visit}/may-tell")
        sophia.presses(
            f"/therapist/visits/{visit}/may-tell", status=200, party="A Stranger", topic="has_visited"
        )
        said = re.search(r'data-yes="(\w+)".*?<p class="aloud">(.*?)</p>', sophia.html, re.DOTALL)
        assert said
        answers.append(said.groups())
    assert answers[0] == answers[1]
    assert answers[0][0] == "no"


def test_a_yes_comes_with_its_basis(sophia: Any, rose: str) -> None:
    sophia.opens(f"/therapist/visits/{rose}/may-tell")
    address = f"/therapist/visits/{rose}/may-tell"
    sophia.presses(address, status=200, party="kirsten nylund", topic="wellbeing")
    assert 'data-yes="yes"' in sophia.html
    assert "It rests on: May we speak with Kirsten Nylund" in sophia.html


def test_a_name_with_code_in_it_is_only_a_name(sophia: Any, booked: Mapping[str, str]) -> None:
    sophia.opens(f"/therapist/visits/{booked[HOSTILE]}")
    assert "&lt;script&gt;" in sophia.html
    address = f"/therapist/visits/{booked[HOSTILE]}/may-tell"
    sophia.presses(address, status=200, party=HOSTILE, topic="has_visited")


def test_another_therapist_finds_no_card(signs_in: Any, rose: str) -> None:
    jean = signs_in("jean")
    jean.opens(f"/therapist/visits/{rose}", status=404)
    jean.opens(f"/therapist/visits/{rose}/may-tell", status=404)
    jean.opens("/therapist/")
    assert "You have no visits today" in jean.html
    assert jean.http.get("/therapist/next").headers["Location"] == "/therapist/"


def test_the_front_desk_sees_no_card(dorothy: Any, rose: str) -> None:
    dorothy.opens("/therapist/", status=403)
    dorothy.opens(f"/therapist/visits/{rose}", status=403)


def test_htmx_gets_the_fragment(sophia: Any, rose: str) -> None:
    for address in ("/therapist/", f"/therapist/visits/{rose}", f"/therapist/visits/{rose}/may-tell"):
        sophia.opens(address, headers={"HX-Request-Type": "partial"})
        assert sophia.html.strip().startswith('<main id="main"')
