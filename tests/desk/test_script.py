"""The staff's scripts in a real browser: keys, dropped files, counts, names that go, a screen that locks."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from kiosk.access import Practice
from kiosk.actions import practice as founding
from kiosk.actions import reading_scans
from tests.desk.conftest import Clock
from tests.desk.on_paper import came_back, labels, print_sheet

pytestmark = pytest.mark.browser

ROSE = "Rose Nyberg"


@pytest.fixture
def page(dorothy: Any, browser: Browser) -> Iterator[Page]:
    """Dorothy's browser; whatever it complains about fails the test."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, dorothy.http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    said: list[str] = []
    base = f"http://127.0.0.1:{server.server_port}"
    context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900})
    cookie = dorothy.http.get_cookie("kiosk-staff")
    context.add_cookies([{"name": "kiosk-staff", "value": cookie.value, "url": base}])
    opened = context.new_page()
    opened.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()
    assert not said


def named(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]')


def test_names_go_after_twenty_seconds(page: Page, booked: Mapping[str, str]) -> None:
    page.clock.install()
    page.goto("/desk/")
    named(page, "names").click()
    page.get_by_text(ROSE).wait_for()
    assert page.url.endswith("/desk/")
    page.clock.fast_forward(21_000)
    page.get_by_text(ROSE).wait_for(state="detached")
    assert page.get_by_text("R. N.").count() == 1


def test_a_screen_that_nobody_touches_leaves_for_the_pin(page: Page, booked: Mapping[str, str]) -> None:
    page.clock.install()
    page.goto(f"/desk/visits/{booked[ROSE]}")
    page.get_by_text(ROSE).wait_for()
    page.clock.fast_forward(9 * 60_000)
    page.evaluate("scrollTo(0, 200)")
    assert page.get_by_text(ROSE).count() == 1
    page.clock.fast_forward(61_000)
    page.wait_for_url("**/sign-in")  # who has a PIN is asked for it
    assert page.get_by_text(ROSE).count() == 0


def test_who_types_stays_and_so_does_every_other_page_of_this_browser(
    page: Page, booked: Mapping[str, str]
) -> None:
    other = page.context.new_page()
    for one in (page, other):
        one.clock.install()
        one.goto("/emergency")
    for letters in ("Rose", " Nyberg"):
        for one in (page, other):
            one.clock.fast_forward(9 * 60_000)
        named(page, "name").press_sequentially(letters)
    assert named(page, "name").input_value() == ROSE
    for one in (page, other):
        one.clock.fast_forward(9 * 60_000)
        assert named(one, "name").count() == 1
        one.clock.fast_forward(61_000)
        one.wait_for_url("**/sign-in")


def test_the_server_hears_at_most_once_a_minute_that_somebody_types_and_locks_nothing_under_them(
    page: Page, dorothy: Any, clock: Clock
) -> None:
    told: list[str] = []
    page.on("request", lambda asked: told.append(asked.url) if asked.url.endswith("/still-here") else None)
    page.clock.install()
    page.goto("/emergency")
    for letters in ("Rose", " Nyberg"):
        clock.now += timedelta(minutes=9)
        page.clock.fast_forward(9 * 60_000)
        with page.expect_response("**/still-here") as answered:
            named(page, "name").press_sequentially(letters)
        assert answered.value.status == 204
        page.clock.run_for(50_000)
        page.keyboard.press("Shift")
    assert len(told) == 2
    assert dorothy.http.get("/desk/?by_itself=").status_code == 200
    assert named(page, "name").input_value() == ROSE
    with page.expect_response("**/still-here"):
        page.clock.run_for(12_000)
    assert len(told) == 3, "what was touched meanwhile is told once the minute is over"


def test_a_dropped_file_is_taken_in_and_the_side_bar_counts_it(
    page: Page, practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    scan = came_back(practice, print_sheet(dorothy, booked[ROSE]))
    page.goto("/desk/scans")
    files = [{"name": "scan.pdf", "mimeType": "application/pdf", "buffer": scan}]
    named(page, "upload").set_input_files(files)
    page.get_by_text("Safely stored").wait_for()
    assert named(page, "nav-scans").inner_text().split()[-1] == "1"
    assert reading_scans.read_next(founding.system(practice))
    page.get_by_text("read", exact=False).first.wait_for()
    page.locator('[data-state="read"]').wait_for()


def test_values_are_confirmed_by_keys_with_the_page_kept_in_sight(
    page: Page, practice: Practice, dorothy: Any, booked: Mapping[str, str], confirm_page: Callable[..., str]
) -> None:
    sheet = confirm_page(booked[ROSE])
    call = next(r for r, about in labels(practice, sheet).items() if about[0] == "may_call_emergency")
    page.goto(f"/desk/confirm/{sheet}?value={call}")
    page.evaluate("document.querySelector('.paper img').marked = true")
    page.keyboard.press("d")
    page.get_by_text("These two differ").wait_for()
    assert page.evaluate("document.querySelector('.paper img').marked"), "the picture is not fetched again"
    page.keyboard.press("a")
    page.locator(f'[data-test="value-{call}"][data-state="confirmed"]').wait_for()
    page.locator("h1").click()
    page.keyboard.press("Backspace")
    page.locator(f'[data-test="value-{call}"]:not([data-state="confirmed"])').wait_for()


def test_that_forms_are_being_made_is_said_and_they_can_be_printed_again(
    page: Page, booked: Mapping[str, str]
) -> None:
    page.clock.install()
    page.goto(f"/desk/visits/{booked[ROSE]}")
    page.context.route("**/print-sheets", lambda route: route.fulfill(body="Here they are."))
    button = named(page, "print-sheets")
    with page.context.expect_page():
        button.click()
    assert (button.inner_text(), button.is_disabled()) == ("Making the forms…", True)
    page.clock.fast_forward(21_000)  # where nothing told that somebody came back to this page
    assert (button.inner_text(), button.is_disabled()) == ("Print these", False)
    with page.context.expect_page():
        button.click()
    assert button.is_disabled()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator('[data-test="print-sheets"]:enabled').wait_for()
    assert button.inner_text() == "Print these"
