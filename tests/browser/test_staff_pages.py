"""The pages of the desk, the therapist and the owner: every one that can be reached, looked at by axe."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.looking import axe_problems, each_page
from tests.browser.people import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.mark.parametrize("name", ["dorothy", "sophia", "ruth"])
def test_every_page_that_somebody_can_reach_is_accessible(
    browser: Browser, served: Served, name: str
) -> None:
    served.describe()
    page = signed_in(browser, served, name)
    found, seen = {}, 0
    for kind in each_page(page):
        seen += 1
        if problems := axe_problems(page, enhanced=False):
            found[kind] = problems
    print(f"\n{name}: {seen} pages")
    assert seen > 2
    assert found == {}
