"""What somebody typed or drew stays theirs: through another language, help and back, and for nobody after."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Served, test_id, wait_until
from tests.browser.people import Client, paired_tablet

pytestmark = [pytest.mark.browser, pytest.mark.long]

PICTURES = re.compile(r"/read/\d+\.png")


def seated(browser: Browser, served: Served, name: str) -> Client:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in(name)
    return client


def at_signing(client: Client) -> Page:
    """At the page that signs the first form."""
    page = client.page
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    client.goes_on_to("/sign")
    return page


def test_a_name_at_the_start_stays_through_another_language_and_help(
    browser: Browser, served: Served
) -> None:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.press("by-name")
    test_id(page, "name").fill("Rose Ny")
    test_id(page, "month").fill("4")
    client.speaks("es")
    client.press("help")
    test_id(page, "stop").wait_for()
    client.press("back")
    expect(test_id(page, "name")).to_have_value("Rose Ny")
    expect(test_id(page, "month")).to_have_value("4")
    assert page.url.endswith("/tablet/name"), "an old address is where one is"
    client.press("continue")
    test_id(page, "problems").wait_for()


def test_what_cannot_be_read_yet_stays_as_typed_and_what_was_emptied_stays_empty(
    browser: Browser, served: Served
) -> None:
    client = seated(browser, served, "Theo Okafor")
    page = client.page
    page.goto(f"{served.base}/tablet/form/contact_details/page/reach")
    test_id(page, "phone").fill("512 55")
    test_id(page, "reach_safely").fill("after five")
    client.speaks("es")
    expect(test_id(page, "phone")).to_have_value("512 55")
    client.press("help")
    test_id(page, "stop").wait_for()
    client.press("back")
    expect(test_id(page, "phone")).to_have_value("512 55")
    test_id(page, "phone").fill("512 555 0101")
    test_id(page, "reach_safely").fill("")
    client.press("back")
    page.wait_for_url(lambda address: not address.endswith("/reach"))
    page.goto(f"{served.base}/tablet/form/contact_details/page/reach")
    expect(test_id(page, "phone")).to_have_value(re.compile("512.?555.?0101"))
    expect(test_id(page, "reach_safely")).to_have_value("")


def test_a_drawn_signature_stays_through_language_help_and_somebody_elses_mistake(
    browser: Browser, served: Served
) -> None:
    client = seated(browser, served, "Martin Kowalczyk")
    page = at_signing(client)
    client.draw()
    drawn = page.locator("[name=strokes]").input_value()
    assert drawn
    client.speaks("es")
    expect(page.locator("canvas[data-ready]")).to_be_visible()
    expect(page.locator("[name=strokes]")).to_have_value(drawn)
    client.press("help")
    test_id(page, "stop").wait_for()
    client.press("back")
    page.locator("canvas[data-ready]").wait_for()
    ink = "document.querySelector('canvas').getContext('2d').getImageData(0, 0, 999, 99).data.some((v) => v)"
    assert page.evaluate(ink), "it is seen again, not only kept"
    client.press("for-another")
    test_id(page, "signer-guardian").check(force=True)
    test_id(page, "signer_name").fill("Ada Kowalczyk")
    client.press("sign")
    test_id(page, "problems").wait_for()
    expect(page.locator("[name=strokes]")).to_have_value(drawn)
    page.locator("canvas[data-ready]").wait_for()
    test_id(page, "authority").fill("I am her guardian")
    client.press("sign")
    page.wait_for_url("**/confidentiality/**")


def test_the_idle_question_and_the_words_about_the_connection_outlive_another_language(
    browser: Browser, served: Served
) -> None:
    client = seated(browser, served, "Sun-hee Bae")
    page = client.page
    page.clock.install()
    page.reload()
    client.speaks("es")
    page.context.set_offline(True)
    client.press("begin")
    page.locator("#connection [data-said=lost]").wait_for()
    page.context.set_offline(False)
    page.clock.run_for(20_000)
    page.wait_for_url("**/tablet/form/**")
    page.clock.run_for(245_000)
    expect(page.locator("dialog#idle")).to_be_visible()
    expect(page.locator("#idle-title")).to_have_text("¿Sigue ahí?")


def test_whoever_stops_leaves_neither_language_nor_large_letters(browser: Browser, served: Served) -> None:
    client = seated(browser, served, "Paula Lindqvist")
    page = client.page
    client.speaks("es")
    client.press("helpers")
    page.locator("[data-helper=larger]").click()
    page.locator("[data-helper=contrast]").click()
    page.keyboard.press("Escape")
    page.evaluate("window.left = 'by somebody'")
    client.press("help")
    test_id(page, "stop").wait_for()
    client.press("stop")
    test_id(page, "have-code").wait_for()
    assert page.evaluate("window.left") is None, "the document is a new one"
    assert page.locator("html").get_attribute("class") == "js"
    client.press("by-name")
    expect(test_id(page, "help")).to_have_text(re.compile("Help or stop"))


def test_nobody_has_read_a_page_that_did_not_come(browser: Browser, served: Served) -> None:
    client = seated(browser, served, "Rose Nyberg")
    page = client.page
    lost = [True]

    def lose(route: Route) -> None:
        if lost[0]:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(PICTURES, lose)
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    client.goes_on_to("/read")
    page.locator("#connection [data-said=lost]").wait_for()
    client.press("certify")
    page.wait_for_timeout(500)
    assert page.url.endswith("/read"), "nothing was read yet"
    lost[0] = False
    wait_until(
        lambda: page.evaluate("[...document.querySelectorAll('.leaf img')].every((one) => one.naturalWidth)"),
        20,
    )
    expect(page.locator("#connection [data-said=lost]")).to_be_hidden()
    client.press("certify")
    page.wait_for_url("**/sign")
