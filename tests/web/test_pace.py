"""Whatever was guessed, right or wrong, is answered at the end of a whole step."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kiosk.access import pace
from kiosk.actions import handing
from tests.bench import timing
from tests.bench.__main__ import reported
from tests.practices import BORN, People

GUESSED = {
    "/sign-in": {"name": "dorothy", "passphrase": "wrong wrong wrong"},
    "/second-factor": {"code": "000000"},
    "/who": {"pin": "0000"},
    "/unlock": {"passphrase": "wrong wrong wrong"},
    "/pair": {"code": "MMMMMMMM"},
    "/tablet/code": {"code": "MMM-MMMM"},
    "/tablet/name": {"name": ""},
}


@given(st.floats(min_value=0, max_value=60))
def test_an_answer_ends_with_a_step_and_never_before_its_work(spent: float) -> None:
    left = pace.left(spent)
    assert -1e-9 <= left <= pace.STEP_SECONDS + 1e-9
    steps = (spent + left) / pace.STEP_SECONDS
    assert steps == pytest.approx(round(steps), abs=1e-6)


def test_every_post_that_may_be_a_guess_waits_once(
    app: Flask, people: People, browsers: Mapping[str, FlaskClient], unhurried: list[float]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for address, guess in GUESSED.items():
        browser = browsers["tablet" if address.startswith("/tablet/") else "nobody"]
        unhurried.clear()
        browser.post(address, data=guess)
        assert len(unhurried) == 1, address
        browser.get(address)
        assert len(unhurried) == 1, f"to look at {address} is no guess"
    for address, guess in (
        ("/tablet/code", {"code": handing.make_code(people.desk, people.visit())}),
        ("/tablet/birth-date", {**BORN, "day": "28"}),
        ("/tablet/birth-date", BORN),
    ):
        unhurried.clear()
        browsers["tablet"].post(address, data=guess)
        assert len(unhurried) == 1, address


def test_an_error_is_paced_too(app: Flask, unhurried: list[float]) -> None:
    @pace.at_an_even_pace
    def fails() -> None:  # type: ignore[misc]
        raise ZeroDivisionError

    with app.test_request_context(method="POST"), pytest.raises(ZeroDivisionError):
        fails()
    assert len(unhurried) == 1


@pytest.mark.parametrize(
    ("found", "status"), [(0.449, 1), (0.45, 0), (0.5, 0), (0.55, 0), (0.551, 1), (0.9, 1)]
)
def test_a_time_that_tells_is_marked_among_all_that_was_measured_and_fails_the_benchmarks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], found: float, status: int
) -> None:
    file = tmp_path / "bench.json"
    rows = [timing.row("sign-in", found), timing.row("the birth date", 0.5)]
    rows.append({"what": "a page", "ours": 3.0, "plain": 1.0, "unit": "ms"})
    assert reported(rows, file) == status
    _, sign_in, *others = capsys.readouterr().out.splitlines()
    assert sign_in.endswith("TELLS") == bool(status)
    assert len(others) == 2
    assert not [line for line in others if "TELLS" in line]
    assert len(json.loads(file.read_text(encoding="utf-8"))) == 3
