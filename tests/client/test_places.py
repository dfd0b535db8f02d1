"""Addresses of the tablet: from a step to its page, and from an address back to its form and page."""

import pytest
from flask import Flask

from kiosk.actions.at_tablet import Step
from kiosk.client.places import START, Place, address, place_of


@pytest.mark.parametrize("to", ["page", "check", "read", "sign"])
def test_a_step_has_an_address_that_leads_back_to_it(screens: Flask, to: str) -> None:
    step = Step(to, "thanks", "p1" if to == "page" else "")
    with screens.test_request_context():
        place = place_of(address(step))
        assert (place.endpoint, place.form, place.page) == (f"client.{to}", step.form, step.page)
        assert place.address == address(step)


def test_what_a_page_says_once_goes_along_with_its_address_and_nothing_else_does(screens: Flask) -> None:
    with screens.test_request_context():
        place = place_of("/tablet/form/thanks/check?signed=policy&paper=%22%3E&else=1")
        assert place.address == "/tablet/form/thanks/check?signed=policy&paper=%22%3E"
        assert place_of("/tablet/code?else=1").address == "/tablet/code"


def test_after_the_last_step_there_is_the_welcome(screens: Flask) -> None:
    with screens.test_request_context():
        assert address(Step("done")) == "/tablet/welcome"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//elsewhere.example/",
        "https://elsewhere.example/tablet/code",
        "/desk/",
        "/look/start",
        "/tablet/nowhere",
        "\x00",
    ],
)
def test_what_is_no_page_of_the_tablet_leads_to_the_start(screens: Flask, path: str) -> None:
    with screens.test_request_context():
        assert place_of(path) == Place(START)
