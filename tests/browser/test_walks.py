"""The whole way through all forms, by everybody who may come: each screen looked at on the way."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHONE, TABLET, TABLET_UPRIGHT, Served, serving, test_id
from tests.browser.looking import axe_problems, out_of_sight, small_targets
from tests.browser.people import ANSWERS, Client, paired_tablet

pytestmark = [pytest.mark.browser, pytest.mark.long]

NEW, RETURNING = "Delia Zamora Ruiz", "Rose Nyberg"
WALKS = [
    ("en", TABLET, NEW),
    ("es", TABLET_UPRIGHT, NEW),
    ("en", TABLET_UPRIGHT, RETURNING),
    ("es", TABLET, RETURNING),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A practice for each: whoever was here is not new any more."""
    with serving(tmp_path / "demo") as running:
        yield running


@pytest.mark.parametrize(("lang", "size", "name"), WALKS)
def test_every_page_on_the_way_is_accessible_and_in_sight(
    browser: Browser, served: Served, lang: str, size: dict[str, int], name: str
) -> None:
    _, page = paired_tablet(browser, served, viewport=size)
    client, found, pages = Client(page, served), {}, []

    def look(place: str) -> None:
        pages.append(place)
        assert page.locator("main").get_attribute("lang") == lang
        assert page.locator("html").get_attribute("lang") == lang
        if problems := [*axe_problems(page), *small_targets(page), *out_of_sight(page)]:
            found[place] = problems

    if lang != "en":
        client.speaks(lang)
    look("start")
    client.check_in(name)
    look("welcome")
    client.sees = look
    due = served.visit(name)["due"]
    assert client.through_all_forms() == len(due)
    look("done")
    print(f"{name}, {lang}, {size['width']}x{size['height']}: {len(due)} forms, {len(pages)} pages")
    assert found == {}
    left = next(visit for visit in served.describe()["visits"] if visit["client"] == name)
    assert left["due"] == []


ZOOMED = {"width": 540, "height": 355}
ZOOMED_UPRIGHT = {"width": 372, "height": 516}


@pytest.mark.parametrize(
    "size", [PHONE, ZOOMED, ZOOMED_UPRIGHT], ids=["phone", "200 % across", "200 % upright"]
)
def test_all_forms_are_filled_in_on_a_phone_and_at_200_percent(
    browser: Browser, served: Served, size: dict[str, int]
) -> None:
    """Zooming a tablet to 200 % leaves half as many pixels each way, each twice as large."""
    _, page = paired_tablet(browser, served, viewport=size, device_scale_factor=2)
    client, found = Client(page, served), {}

    def look(place: str) -> None:
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wide = [f"sticks out by {sideways} px"] if sideways > 0 else []
        # On so little height the bar of buttons lies over what one still scrolls to.
        broken = [one for one in axe_problems(page) if "partially obscured" not in one]
        if problems := [*wide, *broken, *small_targets(page)]:
            found[place] = problems

    look("start")
    client.check_in(NEW)
    look("welcome")
    client.sees = look
    due = served.visit(NEW)["due"]
    assert client.through_all_forms() == len(due)
    look("done")
    assert found == {}


def test_all_forms_are_filled_in_without_script(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served, java_script_enabled=False)
    client = Client(page, served)
    client.types = True
    client.speaks("es")
    client.check_in(NEW)
    client.sees = lambda place: _no_script_is_missed(page)
    due = served.visit(NEW)["due"]
    assert client.through_all_forms() == len(due)
    test_id(page, "finish").click()
    test_id(page, "have-code").wait_for()
    left = next(visit for visit in served.describe()["visits"] if visit["client"] == NEW)
    assert left["due"] == []


def _no_script_is_missed(page: Page) -> None:
    """What needs script is not offered, and every form is a plain one."""
    assert not page.locator(".js-only:visible").count()
    assert not page.locator("html.js").count()


# --- with the keyboard alone: Tab, the arrows, Space and Enter ---

AT = "document.activeElement?.dataset?.test || ''"


def tab_to(page: Page, name: str) -> None:
    """With Tab to what carries this name; within a group of answers on with the arrows."""
    wanted = test_id(page, name).first
    group = wanted.get_attribute("name") if wanted.get_attribute("type") == "radio" else None
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(AT) == name:
            return
        if group and page.evaluate("document.activeElement.name") == group:
            for _ in range(12):
                page.keyboard.press("ArrowDown")
                if page.evaluate(AT) == name:
                    return
    raise AssertionError(f"Tab does not lead to {name} at {page.url}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    shown = page.evaluate(
        "getComputedStyle(document.activeElement.closest('label') || document.activeElement).outlineStyle"
    )
    assert shown != "none", f"one does not see where one is: {name}"
    page.keyboard.press(key)


class ByKeyboard(Client):
    """Somebody with a keyboard or a switch."""

    def press(self, name: str) -> None:
        press(self.page, name)

    def fill_page(self, answers: object) -> None:
        here = self.page.locator("main [data-test]").evaluate_all("all => all.map(one => one.dataset.test)")
        for name, value in ANSWERS.items():
            for one in value if isinstance(value, list) else [value]:
                if f"{name}-{one}" in here:
                    if not test_id(self.page, f"{name}-{one}").is_checked():
                        press(self.page, f"{name}-{one}", "Space")
                elif name in here:
                    tab_to(self.page, name)
                    self.page.keyboard.press("Control+a")
                    self.page.keyboard.type(one)

    def give_birth_date(self, month: str, day: str, year: str) -> None:
        for part, value in (("month", month), ("day", day), ("year", year)):
            tab_to(self.page, part)
            self.page.keyboard.type(value)
        self.press("continue")


def test_all_forms_are_filled_in_with_the_keyboard_alone(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served, has_touch=False)
    client = ByKeyboard(page, served)
    press(page, "have-code")
    test_id(page, "code").wait_for()
    tab_to(page, "code")
    page.keyboard.type(served.visit(NEW)["code"])
    page.keyboard.press("Enter")
    test_id(page, "month").wait_for()
    client.give_birth_date(*served.born(NEW))
    test_id(page, "begin").wait_for()
    client.types = True
    due = served.visit(NEW)["due"]
    assert client.through_all_forms() == len(due)


def test_turning_the_tablet_in_the_middle_of_a_signature_keeps_it(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in(NEW)
    turned: list[str] = []

    def turn(place: str) -> None:
        if not place.endswith("sign") or turned:
            return
        strokes = page.locator("[name=strokes]")
        before = strokes.input_value()
        for size in (TABLET_UPRIGHT, TABLET):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.wait_for_timeout(200)
            assert strokes.input_value() == before
            assert page.evaluate(INK) > 200, "what was drawn is drawn again"
        client.draw()
        both = json.loads(strokes.input_value())["strokes"]
        assert both[0] == json.loads(before)["strokes"][0]
        assert len(both) == 2
        turned.append(place)

    client.sees = turn
    assert client.through_all_forms() == len(served.visit(NEW)["due"])
    assert turned


INK = """() => {
  const canvas = document.querySelector("canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, i) => i % 4 === 3 && value).length;
}"""
