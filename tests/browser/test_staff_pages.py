"""The pages of the desk, the therapist and the owner: every one that can be reached, looked at by axe."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.looking import axe_problems
from tests.browser.people import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]

MOST_PAGES = 40
# An id in an address is 22 letters: one page with each form of address is enough.
ID = re.compile(r"[A-Za-z0-9_-]{22}")
FILES = re.compile(r"\.(pdf|png)(\?|$)|/(pdf|download|image)\b")


@pytest.mark.parametrize("name", ["dorothy", "sophia", "ruth"])
def test_every_page_that_somebody_can_reach_is_accessible(
    browser: Browser, served: Served, name: str
) -> None:
    served.describe()
    page = signed_in(browser, served, name)
    waiting, seen, found = [page.url], set(), {}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        kind = ID.sub("<id>", address.split("?")[0].split("#")[0])
        if kind in seen or FILES.search(address):
            continue
        seen.add(kind)
        answer = page.goto(address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        if problems := axe_problems(page, enhanced=False):
            found[kind] = problems
        links = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        waiting += [link for link in links if link.startswith(served.base)]
    print(f"\n{name}: {len(seen)} pages")
    assert len(seen) > 2
    assert found == {}
