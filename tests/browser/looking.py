"""What is looked for on every screen: axe's rules, the size of what one taps, what is in sight."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
LEAST_TAP_PX = 44
SIZES = ((1080, 710), (744, 1033), (1080, 350))  # the last with the on-screen keyboard up
KEYBOARD_UP = 350

RUN_AXE = """async ([tags, enhanced]) => {
  const rules = { "color-contrast-enhanced": { enabled: enhanced } };
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, rules, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) =>
    id + ": " + nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary}`).join(" | "));
}"""

# A radio or checkbox is as large as its label; a link or button as large as itself.
SMALL = """(least) => {
  const tapped = "a[href], button, summary, input:not([type=hidden]), textarea, select, [tabindex='0']";
  return [...document.querySelectorAll(tapped)]
    .filter((one) => !one.matches(".visually-hidden[aria-hidden]"))
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.matches("[type=radio], [type=checkbox]") ? one.closest("label") || one : one)
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.height < least || box.width < least))
    .map(([one, box]) => `${one.outerHTML.slice(0, 90)}: ${Math.round(box.width)}x${Math.round(box.height)}`);
}"""

MOST_PAGES = 40
# An id in an address is 22 letters: one page with each form of address is enough.
ID = re.compile(r"[A-Za-z0-9_-]{22}")
FILES = re.compile(r"\.(pdf|png)(\?|$)|/(pdf|download|image)\b")

FIELDS = "main :is(input[type=text], textarea):visible"
# What would lie under the bar of buttons, above the window or below it.
UNSEEN = """(field) => {
  field.blur();
  field.focus();
  const bar = document.querySelector("main .actions:not(.at-end)");
  const end = bar ? bar.querySelector(".primary").getBoundingClientRect().top : innerHeight;
  const problem = field.closest(".has-problem")?.querySelector(".problem");
  const lacks = [];
  for (const [name, one] of [["field", field], ["problem", problem]]) {
    if (!one) continue;
    const { top, bottom } = one.getBoundingClientRect();
    const enough = Math.min(bottom, top + 64); // of a tall field the first line
    const seen = [top, enough, end].map(Math.round);
    if (top < 0 || enough > end + 8) lacks.push(`${name} ${field.name} ${seen}`);
  }
  return lacks;
}"""
BUTTON = """() => {
  const main = document.querySelector("main .actions:not(.at-end) .primary, main .way-in");
  if (!main) return [];
  const { top, bottom } = main.getBoundingClientRect();
  return top < 0 || bottom > innerHeight ? [`button ${[top, bottom].map(Math.round)}`] : [];
}"""


@cache
def axe_source() -> str:
    return (Path(next(iter(axe_playwright_python.__path__))) / "axe.min.js").read_text(encoding="utf-8")


def axe_problems(page: Page, *, enhanced: bool = True) -> list[str]:
    """What breaks WCAG 2.2 A or AA; `enhanced` asks for 7:1 too.

    Through the debugger, for the pages' own policy lets no other script in.
    """
    if not page.evaluate("!!window.axe"):
        page.evaluate(axe_source())
    found: list[str] = page.evaluate(RUN_AXE, [AA, enhanced])
    return found


def small_targets(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SMALL, LEAST_TAP_PX)
    return found


def out_of_sight(page: Page) -> list[str]:
    """At each size: each field with its problem, once it has the focus, and the main button."""
    before, found = page.viewport_size, []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fields: list[Any] = page.locator(FIELDS).element_handles()
        for field in fields:
            found += [f"{width}x{height}: {one}" for one in page.evaluate(UNSEEN, field)]
        if height != KEYBOARD_UP or fields:
            found += [f"{width}x{height}: {one}" for one in page.evaluate(BUTTON)]
    if before:
        page.set_viewport_size(before)
    return found


def each_page(page: Page) -> Iterator[str]:
    """Every page that links lead to from where somebody is, each form of address once; yields that form."""
    home = "/".join(page.url.split("/")[:3])
    waiting, seen = [page.url], set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        kind = ID.sub("<id>", re.split("[?#]", address.removeprefix(home))[0])
        if kind in seen or FILES.search(address):
            continue
        seen.add(kind)
        answer = page.goto(address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.ok, f"{kind} answers {answer.status}"
        links = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        yield kind
        waiting += [link for link in links if link.startswith(home)]
