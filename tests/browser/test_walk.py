"""At the tablet, for who has little: no script, no time, no hand to write with, nothing new to say."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import TABLET, Served, shot, test_id
from tests.browser.people import ANSWERS, Client, paired_tablet, signed_in

pytestmark = pytest.mark.browser


@pytest.fixture
def without_script(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=TABLET, has_touch=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.describe()["pair"])
    test_id(page, "pair").click()
    test_id(page, "have-code").wait_for()
    yield page
    context.close()


@pytest.mark.long
def test_without_script_a_form_is_answered_signed_by_typing_and_left(
    without_script: Page, served: Served
) -> None:
    page, client = without_script, Client(without_script, served)
    client.check_in("Martin Kowalczyk")
    client.press("begin")
    client.press("language-es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    client.press("language-en")
    client.press("help")
    client.press("back")
    client.fill_page(ANSWERS)
    client.press("continue")
    while "/page/" in page.url:
        client.fill_page(ANSWERS)
        client.press("continue")
    client.press("see-page")
    client.reads()
    client.press("certify")
    test_id(page, "way-type").check(force=True)
    client.press("sign")
    assert "Type your name to sign" in test_id(page, "problems").inner_text()
    test_id(page, "typed-name").fill("Martin Kowalczyk")
    shot(page, "tablet-sign-without-script")
    client.press("sign")
    expect(test_id(page, "signed-said")).to_be_visible()
    client.press("enough")
    expect(test_id(page, "enough-said")).to_be_visible()
    client.press("finish")
    test_id(page, "have-code").wait_for()
    page.goto(f"{served.base}/tablet/welcome")
    test_id(page, "have-code").wait_for()
    visit = next(one for one in served.describe()["visits"] if one["client"] == "Martin Kowalczyk")
    assert len(visit["due"]) == 7, "one of eight is signed, the rest stays due"


@pytest.mark.long
def test_a_mark_waits_on_the_tablet_until_somebody_at_the_desk_says_that_they_saw_it(
    browser: Browser, served: Served
) -> None:
    context, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in("Theo Okafor")
    client.press("begin")
    page.wait_for_url("**/form/**")
    client.goes_on_to("/sign")
    test_id(page, "way-mark").check(force=True)
    client.draw()
    client.press("sign")
    page.wait_for_url("**/witness")
    desk = signed_in(browser, served, "dorothy")
    test_id(desk, "to-witness").click()
    test_id(desk, "saw-mark").click()
    expect(test_id(page, "signed-said")).to_be_visible(timeout=20_000)
    expect(test_id(page, "continue")).to_be_visible()
    context.close()
