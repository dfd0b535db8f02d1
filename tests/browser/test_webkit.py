"""The same walk, the same next person and the signature in WebKit, the engine of every iPad."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import SCREENS, Served, wait_until
from tests.browser.looking import AA, RUN_AXE, axe_source
from tests.browser.people import ANSWERS
from tests.browser.test_next_person import CANARY, NEW, NOTHING, STORED, TYPED, traces
from tests.browser.webkit import WebKit, webkit

pytestmark = [pytest.mark.browser, pytest.mark.long]

PAGES_ARE_HERE = "return [...document.querySelectorAll('.leaf img')].every((one) => one.naturalWidth)"
ZIGZAG = [(-250 + 12 * step, 20 * (step % 3) - 20) for step in range(30)]


@pytest.fixture
def tablet(served: Served, tmp_path: Path) -> Iterator[WebKit]:
    with webkit(tmp_path / "home") as browser:
        browser.go(served.describe()["pair"])
        browser.press("pair")
        browser.find("have-code")
        yield browser


def checks_in(tablet: WebKit, served: Served, name: str) -> None:
    tablet.press("have-code")
    tablet.write("code", served.visit(name)["code"])
    tablet.press("continue")
    for part, value in zip(("month", "day", "year"), served.born(name), strict=True):
        tablet.write(part, value)
    tablet.press("continue")
    tablet.find("begin")


def fills_page(tablet: WebKit, answers: dict[str, str | list[str]]) -> None:
    here = tablet.names()
    for name, value in answers.items():
        for one in value if isinstance(value, list) else [value]:
            if f"{name}-{one}" in here:
                tablet.choose(f"{name}-{one}")
            elif name in here:
                tablet.write(name, one)


def goes_on(tablet: WebKit, at: str) -> str:
    """The address after a step; it changes when the next page is there."""
    try:
        wait_until(lambda: tablet.url != at, 30)
    except TimeoutError:
        said = tablet.run("return document.querySelector('main').innerText")
        raise AssertionError(f"no way on from {at}: {said}") from None
    return tablet.url


def through_all_forms(tablet: WebKit, answers: dict[str, str | list[str]]) -> tuple[int, list[str]]:
    signed, been = 0, []
    start = tablet.url
    tablet.press("begin")
    at = goes_on(tablet, start)
    while "/form/" in at and len(been) < 200:
        been.append(at)
        wait_until(lambda: tablet.run("return document.activeElement.matches('h1, .problem-summary')"), 20)
        last = re.sub(r"[?].*", "", at).rsplit("/", 1)[1]
        if last == "check":
            tablet.press("see-page" if "see-page" in tablet.names() else "hand-in")
        elif last == "read":
            wait_until(lambda: tablet.run(PAGES_ARE_HERE), 20)
            again = "certify-again" in tablet.names()
            tablet.press("certify-again" if again else "certify")
            signed += again
        elif last == "sign":
            if not signed:
                draws(tablet)
            tablet.press("sign")
            signed += 1
        else:
            fills_page(tablet, answers)
            tablet.press("continue")
        at = goes_on(tablet, at)
    return signed, been


def draws(tablet: WebKit) -> None:
    """A signature, the tablet turned in the middle of it."""
    tablet.find("signature-pad")
    wait_until(lambda: tablet.run("return !!document.querySelector('canvas[data-ready]')"), 20)
    tablet.draw("signature-pad", ZIGZAG)
    strokes = "return document.querySelector('[name=strokes]').value"
    first = json.loads(tablet.run(strokes))
    assert len(first["strokes"]) == 1
    assert len(first["strokes"][0]) >= 12
    for width, height in ((744, 1033), (1080, 710)):
        tablet.turn(width, height)
        tablet.run_async("new Promise(done => setTimeout(done, 300))")
        assert json.loads(tablet.run(strokes)) == first
        assert tablet.run(f"return ({INK})()") > 100, "what was drawn is drawn again"
    tablet.draw("signature-pad", [(x, y + 30) for x, y in ZIGZAG])
    assert len(json.loads(tablet.run(strokes))["strokes"]) == 2
    SCREENS.mkdir(exist_ok=True)
    (SCREENS / "webkit-sign.png").write_bytes(tablet.shot())


INK = """() => {
  const canvas = document.querySelector("canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, i) => i % 4 === 3 && value).length;
}"""


def test_all_forms_are_signed_and_the_next_person_finds_nothing(
    tablet: WebKit, served: Served, tmp_path: Path
) -> None:
    length = tablet.run("return history.length")
    checks_in(tablet, served, NEW)
    signed, been = through_all_forms(tablet, dict(TYPED))
    assert signed == len(served.visit(NEW)["due"])
    assert tablet.run("return history.length") == length
    tablet.press("finish")
    tablet.find("have-code")

    assert tablet.run_async(f"({STORED})()") == NOTHING
    assert "kiosk-sitting" not in {cookie["name"] for cookie in tablet.ask("cookie")}
    for address in dict.fromkeys(been):
        tablet.go(address)
        tablet.find("have-code")
        assert CANARY not in tablet.source
        assert "Zamora" not in tablet.source
    for _ in range(12):
        tablet.tell("back")
        assert CANARY not in tablet.source
        assert "Zamora" not in tablet.source
    left = next(visit for visit in served.describe()["visits"] if visit["client"] == NEW)
    assert left["due"] == []
    assert traces(tmp_path / "home", [CANARY, "Delia", "Zamora"]) == []


def test_pages_are_accessible_there_too(tablet: WebKit, served: Served) -> None:
    checks_in(tablet, served, "Theo Okafor")
    tablet.press("begin")
    tablet.find("continue")
    tablet.run(axe_source())
    assert tablet.run_async(f"({RUN_AXE})({json.dumps([AA, True])})") == []


def test_a_page_that_was_left_does_not_come_back_from_the_cache(tablet: WebKit, served: Served) -> None:
    checks_in(tablet, served, "Martin Kowalczyk")
    at = tablet.url
    tablet.press("begin")
    at = goes_on(tablet, at)
    fills_page(tablet, dict.fromkeys(ANSWERS, CANARY))
    tablet.go(f"{served.base}/health")
    tablet.tell("back")
    tablet.find("continue")
    assert CANARY not in tablet.source
    tablet.press("help")
    tablet.press("stop")
    tablet.find("have-code")
    tablet.tell("back")
    tablet.tell("forward")
    tablet.go(at)
    tablet.find("have-code")
