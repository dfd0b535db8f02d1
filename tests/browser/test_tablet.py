"""At the tablet: a stranger checks in, answers, signs, and the next person finds nothing."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served, shot, test_id
from tests.browser.people import Client, paired_tablet

pytestmark = pytest.mark.browser


def test_a_new_client_signs_every_form_and_the_next_person_finds_nothing(
    browser: Browser, served: Served
) -> None:
    context, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.keep_shots = True
    shot(page, "tablet-start")
    client.check_in("Delia Zamora Ruiz")
    shot(page, "tablet-welcome")
    due = served.visit("Delia Zamora Ruiz")["due"]
    assert len(due) == 8, "seven, and the privacy notice of a practice that may be covered"
    assert client.through_all_forms() == len(due)
    shot(page, "tablet-done")
    left = {
        "cookies": [cookie["name"] for cookie in context.cookies()],
        "storage": page.evaluate("JSON.stringify([localStorage.length, sessionStorage.length])"),
    }
    assert "kiosk-sitting" not in left["cookies"]
    assert left["storage"] == "[0,0]"
    assert "Delia" not in page.content()
    page.go_back(wait_until="commit")
    page.goto(f"{served.base}/tablet/form/emergency_contact/page/who")
    test_id(page, "have-code").wait_for()
    assert "Zamora" not in page.content()
    visit = next(one for one in served.describe()["visits"] if one["client"] == "Delia Zamora Ruiz")
    assert visit["due"] == []


def test_a_wrong_code_and_a_wrong_birth_date_tell_nothing(browser: Browser, served: Served) -> None:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.press("have-code")
    test_id(page, "code").fill("MMM-MMMM")
    client.press("continue")
    test_id(page, "problems").wait_for()
    shot(page, "tablet-wrong-code")
    assert "ask us at the desk" in test_id(page, "problems").inner_text()
    test_id(page, "code").fill(served.visit("Martin Kowalczyk")["code"])
    client.press("continue")
    test_id(page, "month").wait_for()
    assert "Martin" not in page.content()
    client.give_birth_date("1", "2", "1970")
    test_id(page, "problems").wait_for()
    client.give_birth_date("1", "2", "1971")
    page.get_by_text("Please come to the desk").wait_for()
    assert "Martin" not in page.content()


def test_checking_in_by_name_shows_everybody_the_same_page(browser: Browser, served: Served) -> None:
    said = []
    for name in ("Sun-hee Bae", "Nobody Atall"):
        _, page = paired_tablet(browser, served)
        client = Client(page, served)
        client.press("by-name")
        test_id(page, "name").fill(name)
        client.give_birth_date("8", "8", "1996")
        page.wait_for_url("**/tablet/seat")
        said.append(page.inner_text("main"))
    assert said[0] == said[1]


def test_what_a_returning_client_told_us_is_filled_in_and_spanish_keeps_it(
    browser: Browser, served: Served
) -> None:
    _, page = paired_tablet(browser, served)
    client = Client(page, served)
    client.check_in("Rose Nyberg")
    page.goto(f"{served.base}/tablet/form/clinician_release/page/start")
    test_id(page, "has_clinician-yes").check()
    client.press("continue")
    page.wait_for_url("**/page/intro")
    client.press("continue")
    page.wait_for_url("**/page/whom")
    assert test_id(page, "clinician-name").input_value() == "Dr. Ellison"
    test_id(page, "clinician-role").fill("my doctor")
    client.press("language-es")
    page.get_by_text("¿Quién es su médico o consejero?").wait_for()
    assert test_id(page, "clinician-role").input_value() == "my doctor"
    shot(page, "tablet-spanish")
    client.press("help")
    test_id(page, "stop").wait_for()
    shot(page, "tablet-help")
    client.press("stop")
    test_id(page, "have-code").wait_for()
