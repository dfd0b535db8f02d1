"""Paper, the whole way: printed, filled in, scanned, read, confirmed, cleared, shredded, certified."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pdf.field_map import FieldMap
from tests import pen
from tests.browser.conftest import PHONE, Served, shot, test_id, wait_until
from tests.browser.people import signed_in

pytestmark = pytest.mark.browser

CLIENT = "Sun-hee Bae"
FORM = "referral_thanks"
TICKS = {"may_thank": "allow", "how_to_thank": "card"}
HANDWRITTEN = {"suggested us to you? Full name": "Min-jun Bae", "suggested us to you? Who": "brother"}
SEEN = {
    "Signs as": "self",
    "Signature": "signed",
    "May we thank": "allow",
    "By a card": "marked",
    "By phone": "not_marked",
    "In person": "not_marked",
}


def post(page: Page, address: str, **fields: str) -> bytes:
    """A form of the page, sent as the browser would, for answers that are files."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    response = page.context.request.post(address, form={"csrf_token": token, **fields})
    assert response.ok, response.status
    return response.body()


def filled_in(served: Served, pdf: bytes, tmp_path: Path) -> list[pen.Image.Image]:
    """The printed sheet, marked with a pen and scanned a little crooked."""
    out, where = tmp_path / "twin.pdf", tmp_path / "twin.json"
    done = served.kiosk("paper", FORM, "--out", str(out), "--map", str(where))
    assert done.returncode == 0, done.stderr
    plain = json.loads(where.read_text())
    plain["pages"] = [[page["width"], page["height"]] for page in plain["pages"]]
    sheet = pen.Sheet.printed(pdf, FieldMap.from_json(json.dumps(plain)))
    for question, option in TICKS.items():
        sheet.tick(question, option)
    for part in ("name", "relation"):
        sheet.write("referred_by", "x" * 14, part=part)
    sheet.tick("_signer", "self", "cross")
    sheet.sign()
    return [
        pen.scanned(page, skew=1.3, blur=0.7, noise=5, shade=12, seed=number)
        for number, page in enumerate(sheet.pages)
    ]


def confirm_all(page: Page) -> None:
    """Say what is seen and type what is read, value by value, as the list asks for it."""
    for _ in range(60):
        if test_id(page, "finish").count():
            return
        heading = page.locator(".confirm-side h2").first.inner_text()
        at = page.locator(".confirm-side").inner_text()
        if test_id(page, "typed-value").count():
            value = next((said for label, said in HANDWRITTEN.items() if label in heading), "")
            if value:
                test_id(page, "typed-value").fill(value)
                test_id(page, "confirm-value").click()
            else:
                page.get_by_role("button", name=re.compile("empty")).click()
        else:
            option = next((value for words, value in SEEN.items() if words in heading), "nothing")
            assert not page.locator(".differ").count(), "nothing is proposed before the person has said"
            test_id(page, f"see-{option}").click()
        wait_until(lambda seen=at: page.locator(".confirm-side").inner_text() != seen, 10)  # type: ignore[misc]
    raise AssertionError("the values do not end")


def test_paper_becomes_a_record_and_goes_to_the_shredder(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    desk = signed_in(browser, served, "dorothy")
    shot(desk, "desk-today")
    visit = served.visit(CLIENT)
    test_id(desk, f"open-visit-{visit['id']}").click()
    test_id(desk, "print-sheets").wait_for()
    shot(desk, "desk-visit")
    address = f"{served.base}/desk/visits/{visit['id']}/print-sheets"
    printed = post(desk, address, forms=FORM)
    pages = filled_in(served, printed, tmp_path)

    # The first page through the browser, the others through the scanner's folder.
    desk.goto(f"{served.base}/desk/scans")
    scan = {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": pen.jpeg(pages[0])}
    test_id(desk, "upload").set_input_files([scan])  # type: ignore[list-item]
    if test_id(desk, "upload-send").is_visible():
        test_id(desk, "upload-send").click()
    desk.get_by_text("1 page read").wait_for(timeout=20_000)
    shot(desk, "desk-scans")
    desk.get_by_text("has not come back").first.wait_for()
    inbox = served.instance / "inbox"
    (inbox / "0002.pdf").write_bytes(pen.as_pdf(pages[1:]))
    wait_until(lambda: not list(inbox.iterdir()), 20)
    wait_until(lambda: _goto(desk, f"{served.base}/desk/confirm", 'a[href*="/desk/confirm/"]'), 20)
    shot(desk, "desk-to-confirm")
    desk.locator('a[href*="/desk/confirm/"]').first.click()
    desk.locator(".confirm-side h2").wait_for()
    shot(desk, "desk-confirm")
    confirm_all(desk)
    shot(desk, "desk-confirmed")
    test_id(desk, "finish").click()
    desk.wait_for_url(re.compile(r"/desk/confirm(\?.*)?$"))

    # Backed up, restored to check it, and cleared: the demo's cooling time is 0 days.
    wait_until(lambda: _goto(desk, f"{served.base}/desk/shred", '[data-test="make-batch"]:enabled'), 30)
    shot(desk, "desk-shred")
    test_id(desk, "make-batch").click()
    test_id(desk, "counted").wait_for()
    test_id(desk, "counted").fill(str(len(pages)))
    test_id(desk, "method").select_option("on_site")
    test_id(desk, "level").select_option("P-5")
    test_id(desk, "machine").fill("Shredder in the back office")
    shot(desk, "desk-batch")
    test_id(desk, "record-shredding").click()
    test_id(desk, "certificate").wait_for()
    shot(desk, "desk-shredded")
    link = test_id(desk, "certificate").get_attribute("href") or ""
    certificate = desk.context.request.get(f"{served.base}{link}").body()
    assert certificate.startswith(b"%PDF")
    (tmp_path / "certificate.pdf").write_bytes(certificate)
    said = served.kiosk("verify", str(tmp_path / "certificate.pdf"))
    assert json.loads(said.stdout)["record"] is None, "its seal holds, and it is a certificate"

    record = record_of(desk, served, visit["id"], tmp_path)
    assert record["channel"] == "paper"
    assert record["answers"]["referred_by"]["name"] == "Min-jun Bae"
    assert record["answers"]["may_thank"] == "allow"
    assert record["answers"]["how_to_thank"] == ["card"]
    card_of(browser, served)


def _goto(page: Page, address: str, selector: str) -> bool:
    page.goto(address)
    time.sleep(0.2)
    return page.locator(selector).count() > 0


def record_of(desk: Page, served: Served, visit_id: str, tmp_path: Path) -> dict:  # type: ignore[type-arg]
    """The record's PDF as the desk opens it, verified from outside."""
    desk.goto(f"{served.base}/desk/visits/{visit_id}")
    link = desk.locator('[data-test^="open-record-"]').first.get_attribute("href") or ""
    pdf = desk.context.request.get(f"{served.base}{link}").body()
    file = tmp_path / "record.pdf"
    file.write_bytes(pdf)
    done = served.kiosk("verify", str(file))
    assert done.returncode == 0, done.stderr
    record: dict = json.loads(done.stdout)["record"]  # type: ignore[type-arg]
    return record


def card_of(browser: Browser, served: Served) -> None:
    """The therapist sees what came by paper, beside what nobody asked, and says that it was read."""
    visit = served.visit(CLIENT)
    therapist = signed_in(browser, served, visit["therapist"])
    shot(therapist, "therapist-day")
    therapist.goto(f"{served.base}/therapist/visits/{visit['id']}")
    card = therapist.inner_text("main")
    assert "Min-jun Bae" in card
    assert "a thank-you with the name, nothing else: By a card" in card
    assert test_id(therapist, "row-not_asked").count() >= 1
    shot(therapist, "therapist-card-new")
    test_id(therapist, "reviewed").click()
    test_id(therapist, "reviewed-at").wait_for()


def test_the_card_of_a_returning_client_says_what_has_changed(browser: Browser, served: Served) -> None:
    therapist = signed_in(browser, served, "sophia")
    visit = served.visit("Rose Nyberg")
    therapist.goto(f"{served.base}/therapist/visits/{visit['id']}")
    card = therapist.inner_text("main")
    assert "Changed since last time" in card
    assert "Dr. Ellison" in card
    assert "Kirsten Nyberg" in card
    shot(therapist, "therapist-card")
    therapist.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shot(therapist, "therapist-card")
    test_id(therapist, "may-tell").click()
    test_id(therapist, "party").fill("Blanca Duarte")
    test_id(therapist, "topic").select_option("gift_used")
    test_id(therapist, "ask").click()
    test_id(therapist, "answer").wait_for()
    assert "We never say who is or is not a client here" in test_id(therapist, "answer").inner_text()
    shot(therapist, "therapist-may-tell")
