"""Every screen of the tablet in every state and language: axe, what one taps, what is in sight."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import axe_problems, out_of_sight, small_targets
from tests.client.conftest import samples

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def page(address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 710}, base_url=address)
    yield context.new_page()
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_screen_in_every_state_and_language_is_accessible(page: Page, lang: str) -> None:
    found = {}
    for screen in sorted(samples()):
        page.goto(f"/look/{screen}?lang={lang}")
        if problems := [*axe_problems(page), *small_targets(page), *out_of_sight(page)]:
            found[screen] = problems
    assert found == {}


@pytest.mark.long
def test_what_is_looked_for_would_be_found(page: Page) -> None:
    page.goto("/look/email-wrong")
    page.evaluate("""() => {
      document.querySelector("h1").className = "pale";
      const worse = new CSSStyleSheet();
      worse.replaceSync(".pale { color: #777 } .tablet-head .chip { min-height: 0; height: 20px }");
      document.adoptedStyleSheets.push(worse);
    }""")
    assert any("color-contrast-enhanced" in one for one in axe_problems(page))
    assert not any("color-contrast-enhanced" in one for one in axe_problems(page, enhanced=False))
    assert any("chip" in one for one in small_targets(page))
    page.locator(".input").evaluate("one => one.removeAttribute('aria-describedby')")
    page.locator("h1 label").evaluate("one => one.remove()")
    assert any(one.startswith("label") for one in axe_problems(page))
    page.locator(".actions").evaluate("one => one.className = 'actions low'")
    page.evaluate(
        "document.adoptedStyleSheets[0].replaceSync('.low { position: static; margin-top: 2000px }')"
    )
    assert any("button" in one for one in out_of_sight(page))
