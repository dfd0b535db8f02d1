"""The tablet's script in a real Chromium, under the policy that the application sends."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.client.conftest import samples

COUNT_INK = """() => {
  const c = document.querySelector("canvas");
  const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  return pixels.filter((value, i) => i % 4 === 3 && value).length;
}"""
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser_page(address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 710}, base_url=address)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if "getImageData" not in m.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


@pytest.fixture
def page(browser_page: Page) -> Page:
    browser_page.set_viewport_size({"width": 1080, "height": 710})
    return browser_page


def draw(page: Page, *, points: int = 30) -> None:
    page.locator("canvas[data-ready]").wait_for()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    for n in range(points):
        page.mouse.move(box["x"] + 60 + 8 * n, box["y"] + 40 + 30 * (n % 2))
        page.wait_for_timeout(17)  # the pad takes a point every 16 ms
    page.mouse.up()


def strokes(page: Page) -> str:
    return page.locator("[name=strokes]").input_value()


def ink(page: Page) -> int:
    """How many pixels of the pad are not empty."""
    return int(page.evaluate(COUNT_INK))


def test_what_was_drawn_is_kept_as_strokes_with_their_size(page: Page) -> None:
    page.goto("/look/sign")
    assert strokes(page) == ""
    draw(page)
    kept = json.loads(strokes(page))
    assert (round(kept["width"]), round(kept["height"])) == (716, 176)
    assert len(kept["strokes"]) == 1
    assert len(kept["strokes"][0]) >= 12
    assert all(len(point) == 4 for point in kept["strokes"][0])
    assert kept["strokes"][0][0][2] == 0


def test_turning_the_tablet_keeps_the_strokes_and_shows_the_ink(page: Page) -> None:
    page.goto("/look/sign")
    draw(page)
    before, shown = strokes(page), ink(page)
    for width, height in ((744, 1033), (500, 900), (1080, 710)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        assert strokes(page) == before
        assert ink(page) > 0
    assert abs(ink(page) - shown) < shown * 0.05, "turned back, the ink is as large as before"


def test_a_second_stroke_after_a_turn_joins_the_first(page: Page) -> None:
    page.goto("/look/sign")
    draw(page, points=12)
    first = json.loads(strokes(page))
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_timeout(150)
    draw(page, points=12)
    both = json.loads(strokes(page))
    assert both["strokes"][0] == first["strokes"][0]
    assert len(both["strokes"]) == 2
    assert max(x for x, *_ in both["strokes"][1]) <= both["width"]


def test_clearing_leaves_nothing(page: Page) -> None:
    page.goto("/look/sign")
    draw(page)
    page.locator("[data-test=clear-signature]").click()
    assert strokes(page) == ""
    assert ink(page) == 0


def test_another_way_hides_the_pad_and_coming_back_keeps_it(page: Page) -> None:
    page.goto("/look/sign")
    draw(page)
    before = strokes(page)
    page.locator("[data-test=way-type]").check()
    assert not page.locator("canvas").is_visible()
    assert page.locator("[data-test=typed-name]").is_visible()
    page.locator("[data-test=way-draw]").check()
    page.wait_for_timeout(100)
    assert strokes(page) == before
    assert ink(page) > 0


def test_a_step_is_swapped_under_the_policy_and_the_heading_has_the_focus(page: Page) -> None:
    page.goto("/look/start")
    page.evaluate("document.querySelector('[data-test=have-code]').setAttribute('hx-get', '/look/code')")
    length = page.evaluate("history.length")
    page.locator("[data-test=have-code]").click()
    page.locator("#code").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.evaluate("location.pathname") == "/look/code"
    assert page.evaluate("history.length") == length


def test_enter_in_a_field_goes_on_and_does_not_switch_the_language(page: Page) -> None:
    page.goto("/look/code")
    page.locator("#code").fill("4K7M9QX")
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.keyboard.press("Enter")
    assert sent.value.url.endswith("/look/code")


def test_what_was_typed_in_one_question_does_not_stand_in_the_next(page: Page) -> None:
    page.goto("/look/email")
    page.locator("#q").fill("of the question before")
    page.evaluate("""() => {
      const back = document.querySelector('[data-test=back]');
      back.setAttribute('hx-get', '/look/phone');
      document.querySelector('#q').focus();
      back.click();
    }""")
    page.wait_for_url("**/look/phone")
    assert page.locator("#q").input_value() == "Words"


def test_the_link_of_a_problem_goes_to_its_field_and_adds_no_history(page: Page) -> None:
    page.goto("/look/decision-wrong")
    assert page.evaluate("document.activeElement.className") == "problem-summary"
    length = page.evaluate("history.length")
    page.locator(".problem-summary a").click()
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("history.length") == length


def test_larger_text_and_contrast_are_kept_nowhere(page: Page) -> None:
    page.goto("/look/decision")
    page.locator("[data-test=helpers]").click()
    page.locator("[data-helper=larger]").click()
    assert page.locator("html.larger").count() == 1
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.goto("/look/decision")
    assert page.locator("html.larger").count() == 0


def look_of(page: Page) -> dict[str, float | str]:
    """What larger text and contrast change: how large words are, and their colours."""
    found: dict[str, float | str] = page.evaluate("""() => {
      const style = (one) => getComputedStyle(document.querySelector(one));
      return {
        heading: parseFloat(style("h1").fontSize), answer: parseFloat(style(".choice").fontSize),
        hint: parseFloat(style(".hint").fontSize),
        ink: style(".hint").color, paper: style("html").backgroundColor, edge: style(".choice").borderColor,
      };
    }""")
    return found


def test_larger_text_is_a_quarter_larger_and_contrast_is_black_on_white(page: Page) -> None:
    page.goto("/look/decision")
    before = look_of(page)
    page.locator("[data-test=helpers]").click()
    page.locator("[data-helper=larger]").click()
    larger = look_of(page)
    for words in ("heading", "answer", "hint"):
        assert larger[words] == pytest.approx(before[words] * 1.25, rel=0.02), words
    page.locator("[data-helper=contrast]").click()
    after = look_of(page)
    black, white = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
    assert (after["ink"], after["paper"], after["edge"]) == (black, white, black)
    assert before["ink"] != black
    assert before["edge"] != black


def test_with_larger_text_a_tap_chooses_the_answer_that_is_tapped(page: Page) -> None:
    page.goto("/look/decision")
    page.locator("[data-test=helpers]").click()
    page.locator("[data-helper=larger]").click()
    page.keyboard.press("Escape")
    inside = """[...document.querySelectorAll(".choice input")].every((one) => {
      const [input, row] = [one.getBoundingClientRect(), one.closest("label").getBoundingClientRect()];
      return input.top >= row.top && input.bottom <= row.bottom && input.left >= row.left;
    })"""
    assert page.evaluate(inside)
    first = page.locator(".choice").first
    first.click(position={"x": 200, "y": 20})
    assert first.locator("input").is_checked()


def hears(page: Page) -> list[tuple[str, str]]:
    """Press "Read aloud": each part that is said, with its language."""
    page.evaluate("""() => {
      window.said = [];
      window.SpeechSynthesisUtterance = function (text) { this.text = text; };
      const voice = {
        speaking: false,
        speak(words) { this.speaking = true; window.said.push([words.lang, words.text]); },
        cancel() { this.speaking = false; },
      };
      Object.defineProperty(window, "speechSynthesis", { value: voice, configurable: true });
    }""")
    page.locator("[data-test=helpers]").click()
    page.locator("[data-helper=aloud]").click()
    return [(lang, words) for lang, words in page.evaluate("window.said")]


def test_reading_aloud_says_the_page_in_its_language_and_a_second_press_stops(page: Page) -> None:
    page.goto("/look/decision?lang=es")
    said = hears(page)
    assert len(said) >= 4, "the question, what it explains and both answers"
    assert {lang for lang, _ in said} <= {"en", "es"}
    page.locator("[data-helper=aloud]").click()
    assert page.evaluate("window.said.length") == len(said)
    assert not page.evaluate("window.speechSynthesis.speaking")


def test_what_is_wrong_the_ways_to_sign_and_the_forms_are_read_aloud_and_nothing_hidden(page: Page) -> None:
    page.goto("/look/sign-wrong")
    said = [words for _, words in hears(page)]
    assert said[:2] == ["There is a problem", "Words"]
    assert {"Draw", "Type my name", "Mark with a witness", "On paper"} <= set(said)
    page.goto("/look/sign-either")
    said = [words for _, words in hears(page)]
    assert not {"Who is signing?", "Your own name", "Your name, typed, is your signature"} & set(said)
    page.goto("/look/welcome")
    said = [words for _, words in hears(page)]
    assert sum("min" in words for words in said) >= 4, "each form, after how long they take"
    page.goto("/look/read")
    assert "The page is on its way." not in [words for _, words in hears(page)]


def test_the_idle_question_is_heard_when_it_is_asked_and_as_it_runs_out(
    address: str, browser: Browser
) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    page.goto("/look/code")
    described = page.locator("#idle").get_attribute("aria-describedby")
    said = page.locator("#idle [aria-live=assertive]")
    heard: list[str] = []
    for _ in range(299):
        page.clock.run_for(1000)
        if (now := said.text_content() or "") not in ("", *heard[-1:]):
            heard.append(now)
    in_all = "We will clear this screen for the next person in {} seconds."
    assert heard == [in_all.format(left) for left in (60, 30, 10)]
    assert page.locator(f"#{described}").inner_text() == in_all.format(1), "who looks sees each second"
    context.close()


def test_what_follows_an_answer_comes_without_taking_the_focus_and_is_announced(page: Page) -> None:
    page.goto("/look/follows-not-yet")
    assert page.locator("#follows").get_attribute("aria-live") == "polite"
    page.locator("#q").focus()
    page.keyboard.press("Space")
    page.locator("#r").wait_for()
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("location.pathname") == "/look/follows-not-yet"
    page.keyboard.press("ArrowDown")
    page.locator("#r").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "q-no"


def test_who_has_nothing_to_fill_in_is_cleared_away_and_whoever_touches_the_screen_stays(page: Page) -> None:
    for touches, sent in ((False, 1), (True, 0)):
        page.goto("/look/nothing-due")
        page.evaluate("""() => {
          window.sent = 0;
          document.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault(); }, true);
          document.querySelector("#main").dataset.endsAfter = "0.8";
          document.dispatchEvent(new Event("htmx:after:swap"));
        }""")
        if touches:
            page.wait_for_timeout(600)
            page.mouse.move(200, 300)
            page.mouse.down()
            page.mouse.up()
        page.wait_for_timeout(900)
        assert page.evaluate("window.sent") == sent


@pytest.mark.parametrize(("width", "height"), [(1080, 710), (744, 1033), (1080, 350)])
def test_field_problem_and_button_are_in_sight(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for screen, field in (("email-wrong", "#q"), ("code-wrong", "#code"), ("birth-date-wrong", "#month")):
        page.goto(f"/look/{screen}")
        page.locator(field).focus()
        for selector in (field, ".problem", "[data-test=continue]"):
            box = page.locator(selector).first.bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height
        bar = page.locator(".actions").bounding_box()
        under = page.locator(field).bounding_box()
        assert bar is not None
        assert under is not None
        assert under["y"] + under["height"] <= bar["y"] + 8, f"{screen}: the bar covers the field"


SMALLER = """(least) => [...document.querySelectorAll("main *")]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
  .filter((one) => parseFloat(getComputedStyle(one).fontSize) < least)
  .map((one) => `${one.className || one.tagName}: ${getComputedStyle(one).fontSize}`)"""


def test_no_text_is_smaller_than_19_pixels(page: Page) -> None:
    for screen in sorted(samples()):
        page.goto(f"/look/{screen}")
        assert page.evaluate(SMALLER, 19) == [], screen


def test_nothing_that_one_taps_is_small(page: Page) -> None:
    for screen in ("start", "code", "decision", "check", "sign", "help", "person-wrong"):
        page.goto(f"/look/{screen}")
        for one in page.locator(
            "main button:visible, main .choice:visible, header .chip:visible, main .button:visible"
        ).all():
            box = one.bounding_box()
            assert box is not None
            assert box["height"] >= 44, (screen, one.inner_text(), box)
