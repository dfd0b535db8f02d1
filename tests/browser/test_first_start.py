"""A first start in a real browser: from an empty folder to the sign-in, without a gap."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.conftest import DESK, free_port, shot, test_id, wait_until
from tests.practices import PASSPHRASE

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}\b")
GROUPS = 9


def goes_on(page: Page, to: str, **typed: str) -> None:
    for name, value in typed.items():
        test_id(page, f"first-{name}").fill(value)
    shot(page, f"first-{page.url.rsplit('/', 1)[1]}")
    test_id(page, "first-go").click()
    page.wait_for_url(f"**/{to}")


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize("script", [True, False])
def test_from_an_empty_folder_to_the_sign_in(browser: Browser, tmp_path: Path, script: bool) -> None:
    port, instance, log = free_port(), tmp_path / "practice", tmp_path / "log"
    command = [sys.executable, "-m", "kiosk", "--instance", str(instance), "serve", "--port", str(port)]
    with log.open("wb") as said:
        serving = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said)
    try:
        wait_until(lambda: "this word" in log.read_text(), 60)
        found = re.search(r"first: (\S+)", log.read_text())
        assert found
        context = browser.new_context(viewport=DESK, java_script_enabled=script)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        goes_on(page, "practice", word=found[1].lower())
        goes_on(page, "owner", name="Meadow Lane")
        goes_on(page, "sheet", owner="Ruth Meadows", sign_in="ruth", passphrase=PASSPHRASE, again=PASSPHRASE)
        sheet = context.request.get(f"http://127.0.0.1:{port}/first/sheet.pdf").body()
        code = CODE.findall(PdfReader(io.BytesIO(sheet)).pages[0].extract_text())[:GROUPS]
        assert not (instance / "practice.toml").exists()
        goes_on(page, "ready", code=" ".join(code))
        if not script:  # a timer would go on by itself; whoever waits for the terminal may press the button
            wait_until(lambda: "Serving" in log.read_text(), 60)
            page.goto(f"http://127.0.0.1:{port}/sign-in")
        page.wait_for_url("**/sign-in", timeout=60_000)
        test_id(page, "name").fill("ruth")
        test_id(page, "passphrase").fill(PASSPHRASE)
        test_id(page, "sign-in").click()
        page.wait_for_url(re.compile("/second-factor|/office/first-steps"))
        context.close()
    finally:
        serving.terminate()
        serving.wait(15)
