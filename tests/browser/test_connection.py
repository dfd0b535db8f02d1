"""A connection that drops, is slow, or answers in the server's place: nothing doubled, nothing lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Served, test_id, wait_until
from tests.browser.looking import axe_problems, small_targets
from tests.browser.people import Client, paired_tablet

pytestmark = [pytest.mark.browser, pytest.mark.long]

POSTS = re.compile(r"/tablet/form/[^/]+/(page/[^/]+|sign)$")


def before_an_answer(browser: Browser, served: Served, name: str, **more: Any) -> tuple[Page, Client]:
    """Somebody at the page that asks whom to call, with a name typed and not yet sent."""
    _, page = paired_tablet(browser, served, **more)
    client = Client(page, served)
    client.check_in(name)
    page.goto(f"{served.base}/tablet/form/emergency_contact/page/who")
    test_id(page, "contact-name").fill("Kirsten Zamora")
    test_id(page, "contact-relation").fill("daughter")
    return page, client


def leaves(page: Page, place: str) -> None:
    page.wait_for_url(lambda address: not address.endswith(f"/{place}"))


def said(page: Page, what: str) -> Any:
    return page.locator(f"#connection [data-said={what}]")


def counted(page: Page) -> list[str]:
    """The posts of answers and signatures, as they leave the browser."""
    sent: list[str] = []
    page.on(
        "request",
        lambda one: sent.append(one.url) if one.method == "POST" and POSTS.search(one.url) else None,
    )
    return sent


def on_the_way_back(page: Page, times: int) -> None:
    """The server takes an answer, and its reply is lost; so often."""
    left = [times]

    def lose(route: Route) -> None:
        if route.request.method == "POST" and left[0]:
            left[0] -= 1
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(POSTS, lose)


def test_an_answer_whose_reply_is_lost_is_sent_again_and_kept_once(browser: Browser, served: Served) -> None:
    page, client = before_an_answer(browser, served, "Delia Zamora Ruiz")
    sent = counted(page)
    on_the_way_back(page, 1)
    client.press("continue")
    said(page, "lost").wait_for()
    assert test_id(page, "contact-name").input_value() == "Kirsten Zamora"
    assert axe_problems(page) == []
    leaves(page, "who")
    assert len(sent) == 2
    assert said(page, "lost").is_hidden()
    assert not test_id(page, "problems").count(), "sent twice, it contradicts nothing"
    client.press("back")
    assert test_id(page, "contact-name").input_value() == "Kirsten Zamora"


def test_a_signature_whose_reply_is_lost_twice_is_one_record(browser: Browser, served: Served) -> None:
    page, client = before_an_answer(browser, served, "Martin Kowalczyk")
    client.goes_on_to("/sign")
    client.draw()
    on_the_way_back(page, 2)
    client.press("sign")
    said(page, "lost").wait_for()
    assert page.locator("[name=strokes]").input_value()
    leaves(page, "sign")
    assert "/form/emergency_contact/" not in page.url
    visit = next(one for one in served.describe()["visits"] if one["client"] == "Martin Kowalczyk")
    assert "emergency_contact" not in visit["due"]


def test_without_a_network_it_waits_offers_paper_and_goes_on_by_itself(
    browser: Browser, served: Served
) -> None:
    page, client = before_an_answer(browser, served, "Sun-hee Bae")
    page.clock.install()
    page.reload()
    test_id(page, "contact-name").fill("Min-jun Bae")
    sent = counted(page)
    page.context.set_offline(True)
    client.press("continue")
    said(page, "lost").wait_for()
    for _ in range(8):
        page.clock.run_for(10_000)
    said(page, "paper").wait_for()
    assert axe_problems(page) == []
    assert test_id(page, "contact-name").input_value() == "Min-jun Bae"
    kept = "JSON.stringify([localStorage.length, sessionStorage.length])"
    assert page.evaluate(kept) == "[0,0]", "in this page's memory only"
    page.context.set_offline(False)
    page.clock.run_for(20_000)
    leaves(page, "who")
    assert said(page, "paper").is_hidden()
    assert sent, "it was tried meanwhile"


def test_what_answers_in_the_servers_place_does_not_take_the_page_away(
    browser: Browser, served: Served
) -> None:
    page, client = before_an_answer(browser, served, "Paula Lindqvist")
    left = [1]

    def gateway(route: Route) -> None:
        if route.request.method == "POST" and left[0]:
            left[0] -= 1
            route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")
        else:
            route.continue_()

    page.route(POSTS, gateway)
    client.press("continue")
    said(page, "lost").wait_for()
    assert test_id(page, "contact-name").input_value() == "Kirsten Zamora"
    assert "Bad gateway" not in page.content()
    leaves(page, "who")


def test_a_slow_server_is_said_and_further_taps_are_dropped(browser: Browser, served: Served) -> None:
    page, _ = before_an_answer(browser, served, "Theo Okafor")
    sent = counted(page)

    def slow(route: Route) -> None:
        page.wait_for_timeout(6_000)
        route.continue_()

    page.route(POSTS, slow)
    button = test_id(page, "continue")
    for _ in range(3):
        button.click(no_wait_after=True)
    said(page, "slow").wait_for()
    leaves(page, "who")
    assert len(sent) == 1
    assert said(page, "slow").is_hidden()


def test_without_script_a_double_tap_leads_on_like_one(browser: Browser, served: Served) -> None:
    page, client = before_an_answer(browser, served, "Paula Lindqvist", java_script_enabled=False)
    button = test_id(page, "continue").first
    button.dblclick(no_wait_after=True)
    leaves(page, "who")
    assert not test_id(page, "problems").count()
    client.press("back")
    assert test_id(page, "contact-name").input_value() == "Kirsten Zamora"


def test_two_tabs_the_older_is_asked_before_it_takes_the_place_of_the_newer(
    browser: Browser, served: Served
) -> None:
    page, client = before_an_answer(browser, served, "Delia Zamora Ruiz")
    other = page.context.new_page()
    other.goto(page.url)
    test_id(other, "contact-name").fill("Inga Lund")
    test_id(other, "continue").click()
    leaves(other, "who")
    client.press("continue")
    test_id(page, "problems").wait_for()
    assert "answered in the meantime" in test_id(page, "problems").inner_text()
    assert axe_problems(page) == []
    assert test_id(page, "contact-name").input_value() == "Kirsten Zamora"
    client.press("continue")
    leaves(page, "who")


def test_the_screen_is_cleared_even_while_there_is_no_network(browser: Browser, served: Served) -> None:
    page, _ = before_an_answer(browser, served, "Sun-hee Bae")
    page.clock.install()
    page.reload()
    page.context.set_offline(True)
    page.clock.fast_forward("04:05")
    test_id(page, "more-time").wait_for()
    page.clock.fast_forward("01:00")
    said(page, "cleared").wait_for()
    wait_until(lambda: page.locator("main").inner_text() == "", 5)
    assert not page.locator("dialog").is_visible()
    page.context.set_offline(False)
    page.clock.run_for(6_000)
    test_id(page, "have-code").wait_for()


def test_whoever_wants_to_leave_clears_the_screen_while_there_is_no_network(
    browser: Browser, served: Served
) -> None:
    page, client = before_an_answer(browser, served, "Theo Okafor")
    page.context.set_offline(True)
    client.press("continue")
    stop = test_id(page, "clear-lost")
    stop.wait_for()
    assert [*axe_problems(page), *small_targets(page)] == []
    box = stop.bounding_box()
    assert box is not None
    assert box["height"] >= 64
    stop.click()
    said(page, "cleared").wait_for()
    assert page.locator("main").inner_text() == ""
    assert "Zamora" not in page.content()
    page.context.set_offline(False)
    test_id(page, "have-code").wait_for()
    assert "kiosk-sitting" not in {cookie["name"] for cookie in page.context.cookies()}


def test_on_the_start_page_a_lost_connection_is_said_and_there_is_nothing_to_clear(
    browser: Browser, served: Served
) -> None:
    _, page = paired_tablet(browser, served)
    page.context.set_offline(True)
    test_id(page, "have-code").click()
    said(page, "lost").wait_for()
    assert not test_id(page, "clear-lost").is_visible()
