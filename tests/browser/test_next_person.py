"""After somebody was here: storage, caches, history, clipboard and the profile on disk hold nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.conftest import TABLET, Served, test_id
from tests.browser.looking import axe_problems
from tests.browser.people import ANSWERS, Client, pair, paired_tablet, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]

NEW = "Delia Zamora Ruiz"
CANARY = "Qvzxcanary"
TYPED = {
    **ANSWERS,
    "friend_asks": "nothing",
    "contact-name": f"{CANARY} Nyberg",
    "contact-relation": f"{CANARY} daughter",
    "clinician-name": f"{CANARY} Ellison",
    "for_what": f"{CANARY} my back",
    "email": f"{CANARY}@example.com",
}
STORED = """async () => ({
  local: localStorage.length, session: sessionStorage.length, readable: document.cookie,
  databases: (await indexedDB.databases()).length,
  caches: "caches" in window ? (await caches.keys()).length : 0,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": 0, "session": 0, "readable": "", "databases": 0, "caches": 0, "workers": 0}


@contextmanager
def tablet_of_its_own(
    browser: Browser, served: Served, profile: Path
) -> Iterator[tuple[BrowserContext, Page]]:
    """A browser with its profile on disk, not one that forgets by itself, and with the back-forward cache."""
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
        viewport=TABLET,  # type: ignore[arg-type]
        permissions=["clipboard-read", "clipboard-write"],
    )
    try:
        page = context.pages[0]
        pair(page, served)
        yield context, page
    finally:
        context.close()


def traces(profile: Path, words: list[str]) -> list[str]:
    """Files of the profile that hold one of these words, in either of the encodings that browsers write."""
    found = []
    wanted = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    for path in profile.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            found += [f"{path.relative_to(profile)}: {word!r}" for word in wanted if word in held]
    return found


def shows_nothing(page: Page) -> None:
    """What stands there is the start page, or nothing of ours, and names nobody."""
    shown = settled(page)
    for word in (CANARY, "Delia", "Zamora"):
        assert word not in shown, page.url


def settled(page: Page) -> str:
    """What a page shows once it leads nowhere else any more."""
    while True:
        page.wait_for_load_state()
        try:
            return page.content()
        except Error as moving:
            if "navigating" not in str(moving):
                raise


def goes_back(page: Page) -> None:
    """To a page that was the answer to a post, a browser without script asks before it sends that again."""
    try:
        page.go_back(wait_until="commit")
    except Error as refused:
        if "ERR_CACHE_MISS" not in str(refused):
            raise


def test_after_the_end_the_browser_holds_nothing_of_anybody(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    profile, been = tmp_path / "profile", []
    with tablet_of_its_own(browser, served, profile) as (context, page):
        length = page.evaluate("history.length")
        client = Client(page, served)
        client.check_in(NEW)
        client.sees = lambda place: been.append(page.url)
        assert client.through_all_forms(TYPED) == len(served.visit(NEW)["due"])
        assert page.evaluate("history.length") == length, "no step is in the history"
        test_id(page, "finish").click()
        test_id(page, "have-code").wait_for()

        assert page.evaluate(STORED) == NOTHING
        assert {cookie["name"] for cookie in context.cookies()} == {"kiosk-tablet", "kiosk-csrf"}
        assert pasted_elsewhere(page) == ""
        assert page.title() == "Check-in"
        assert page.evaluate("performance.getEntriesByType('navigation')[0].type") != "back_forward"
        for address in dict.fromkeys(been):
            page.goto(address)
            test_id(page, "have-code").wait_for()
            shows_nothing(page)
        for _ in range(len(set(been)) + 6):
            page.go_back(wait_until="commit")
            shows_nothing(page)
        for _ in range(4):
            page.go_forward(wait_until="commit")
            shows_nothing(page)
    assert traces(profile, [CANARY, "Delia", "Zamora"]) == []
    assert traces(profile, ["have-code", "Check-in"]), "the profile was written, and is looked into"


@pytest.mark.parametrize("script", [True, False])
def test_whoever_goes_back_after_somebody_stopped_finds_the_start(
    browser: Browser, served: Served, script: bool
) -> None:
    context, page = paired_tablet(browser, served, java_script_enabled=script)
    client = Client(page, served)
    client.check_in("Theo Okafor" if script else "Martin Kowalczyk")
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    left = page.url
    client.press("help")
    test_id(page, "stop").wait_for()
    client.press("stop")
    test_id(page, "have-code").wait_for()
    assert "kiosk-sitting" not in {cookie["name"] for cookie in context.cookies()}
    for _ in range(8):
        goes_back(page)
        shows_nothing(page)
        assert not re.search("Okafor|Kowalczyk", settled(page))
    page.goto(left)
    test_id(page, "have-code").wait_for()
    assert "Okafor" not in page.content()


def test_whoever_goes_back_to_the_start_has_left_and_forward_shows_nobody(
    browser: Browser, served: Served
) -> None:
    context, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in("Rose Nyberg")
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    left = page.url
    page.go_back(wait_until="commit")
    test_id(page, "have-code").wait_for()
    assert "kiosk-sitting" not in {cookie["name"] for cookie in context.cookies()}
    page.go_forward(wait_until="commit")
    test_id(page, "have-code").wait_for()
    assert "Rose" not in settled(page)
    for address in (left, f"{served.base}/tablet/welcome"):
        page.goto(address)
        test_id(page, "have-code").wait_for()


def test_back_leads_the_second_person_to_no_address_of_the_first(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    length = page.evaluate("history.length")
    for name in ("Sun-hee Bae", "Paula Lindqvist"):
        client.check_in(name)
        client.press("begin")
        page.wait_for_url("**/tablet/form/**")
        if name == "Sun-hee Bae":
            client.press("help")
            test_id(page, "stop").wait_for()
            client.press("stop")
            test_id(page, "have-code").wait_for()
    assert page.evaluate("history.length") == length
    page.go_back(wait_until="commit")
    test_id(page, "have-code").wait_for()
    assert page.url.endswith("/tablet/")


def test_what_the_desk_takes_back_leaves_the_screen_by_itself(browser: Browser, served: Served) -> None:
    context, page = paired_tablet(browser, served)
    Client(page, served).check_in("Martin Kowalczyk")
    page.goto(f"{served.base}/tablet/form/emergency_contact/page/who")
    test_id(page, "contact-name").fill(CANARY)
    desk = signed_in(browser, served, "dorothy")
    test_id(desk, f"visit-{served.visit('Martin Kowalczyk')['id']}").locator("[data-test=take-back]").click()
    test_id(page, "have-code").wait_for(timeout=10_000)
    shows_nothing(page)
    assert "kiosk-sitting" not in {cookie["name"] for cookie in context.cookies()}


def test_a_page_that_comes_back_from_the_browsers_cache_is_asked_for_anew(
    browser: Browser, served: Served
) -> None:
    """As Chrome and Safari may keep even pages that say no-store."""
    _, page = paired_tablet(browser, served)
    Client(page, served).press("by-name")
    test_id(page, "name").fill(CANARY)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert test_id(page, "name").input_value() == ""
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    test_id(page, "name").wait_for()
    assert CANARY not in page.content()


def pasted_elsewhere(page: Page) -> str:
    """What the clipboard holds, by pasting it into another page: the tablet's own may not ask for it."""
    other = page.context.new_page()
    other.set_content("<textarea autofocus></textarea>")
    field = other.locator("textarea")
    field.press("Control+v")
    pasted = field.input_value()
    other.close()
    return pasted


def test_nothing_is_copied_dragged_or_opened_elsewhere(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served, permissions=["clipboard-read", "clipboard-write"])
    client = Client(page, served)
    client.check_in("Sun-hee Bae")
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    for kind in ("copy", "cut", "dragstart", "contextmenu"):
        kept = "one => !one.dispatchEvent(new Event('{}', {{ bubbles: true, cancelable: true }}))"
        assert page.locator("h1").first.evaluate(kept.format(kind)), kind
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    assert pasted_elsewhere(page) == ""
    style = "one => [getComputedStyle(one).userSelect, getComputedStyle(one).webkitUserSelect]"
    assert page.locator("h1").first.evaluate(style) == ["none", "none"]
    base = served.base
    out = page.locator("a[href], form[action], button[formaction]").evaluate_all(
        "all => all.map(one => one.formAction || one.action || one.href)"
    )
    assert out
    assert all(address.startswith(f"{base}/") for address in out)
    assert not page.locator("a[download], a[target], a[href^='mailto'], a[href^='tel']").count()


def test_who_does_nothing_is_asked_and_then_the_screen_is_cleared(browser: Browser, served: Served) -> None:
    context, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in("Paula Lindqvist")
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    at = page.url
    page.clock.install()
    page.reload()
    page.clock.fast_forward("04:05")
    more = test_id(page, "more-time")
    more.wait_for()
    assert axe_problems(page) == []
    box, window = more.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    assert box["height"] >= 64, "I need more time is large"
    more.click()
    page.clock.fast_forward("03:50")
    assert not more.is_visible(), "the time begins anew"
    assert page.url == at
    page.clock.fast_forward("00:20")
    more.wait_for()
    page.clock.fast_forward("01:00")
    test_id(page, "have-code").wait_for()
    assert "kiosk-sitting" not in {cookie["name"] for cookie in context.cookies()}
    shows_nothing(page)
    page.go_back(wait_until="commit")
    shows_nothing(page)
    page.goto(f"{served.base}/tablet/")

    # The same code and birth date lead back to the same page.
    code = served.visit("Paula Lindqvist")["code"]
    client.press("have-code")
    test_id(page, "code").fill(code)
    client.press("continue")
    test_id(page, "month").wait_for()
    client.give_birth_date(*served.born("Paula Lindqvist"))
    client.press("begin")
    page.wait_for_url(at)
