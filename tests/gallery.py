"""`make screens`: every screen in every language, both orientations and on a phone, to be looked at."""

import html
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import DESK, PHONE, SCREENS, TABLET, TABLET_UPRIGHT, Served, serving, test_id
from tests.browser.looking import each_page
from tests.browser.people import Client, pair, signed_in
from tests.practices import shared_folder

LANGUAGES = {"en": "Delia Zamora Ruiz", "es": "Martin Kowalczyk"}  # and who walks in it
COMES_AGAIN = "Rose Nyberg"
TURNED = {"across": TABLET, "upright": TABLET_UPRIGHT, "phone": PHONE}
KEYBOARD_UP = {"width": 1080, "height": 350}
OWN_LOOK = 'logo = "logo.png"\ncolour = "#5b2a6e"\n'
WRONG = ("emergency_contact-who",)  # pages that do not let one go on with nothing said
STAFF = ("dorothy", "sophia", "ruth")


PICTURES_ARE_THERE = """() => Promise.all([...document.images].map(
  (one) => one.complete || new Promise((done) => { one.onload = one.onerror = done; })))"""


@dataclass
class Gallery:
    """Pictures by section and screen, in the order in which they were taken."""

    folder: Path
    taken: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)

    def take(self, page: Page, section: str, screen: str, label: str) -> None:
        name = re.sub(r"[^a-z0-9_.-]+", "-", f"{section}-{screen}-{label}.png")
        page.evaluate(PICTURES_ARE_THERE)
        page.screenshot(path=self.folder / name)
        self.taken.setdefault(section, {}).setdefault(screen, []).append((label, name))

    def take_turned(self, page: Page, section: str, screen: str, lang: str) -> None:
        before = page.viewport_size
        for label, size in TURNED.items():
            page.set_viewport_size(size)  # type: ignore[arg-type]
            self.take(page, section, screen, f"{lang} {label}")
        if before:
            page.set_viewport_size(before)

    def write(self) -> Path:
        parts = []
        for section, screens in self.taken.items():
            parts.append(f"<h2>{html.escape(section)}</h2>")
            for screen, shots in screens.items():
                figures = "".join(
                    f'<figure><a href="{name}"><img src="{name}" loading="lazy" alt=""></a>'
                    f"<figcaption>{html.escape(label)}</figcaption></figure>"
                    for label, name in shots
                )
                parts.append(f"<section><h3>{html.escape(screen)}</h3><div>{figures}</div></section>")
        index = self.folder / "index.html"
        index.write_text(f"{HEAD}<h1>{self.count} screens</h1>{''.join(parts)}", encoding="utf-8")
        return index

    @property
    def count(self) -> int:
        return sum(len(shots) for screens in self.taken.values() for shots in screens.values())


HEAD = """<!doctype html><meta charset="utf-8"><title>Screens</title><style>
body { font: 15px/1.4 sans-serif; margin: 24px; background: #eee } h3 { margin: 20px 0 6px; font-weight: 600 }
section div { display: flex; flex-wrap: wrap; gap: 12px; align-items: start } figure { margin: 0 }
img { height: 300px; display: block; border: 1px solid #bbb; background: #fff }
</style>"""


def before_sitting(client: Client, gallery: Gallery, lang: str) -> None:
    """From the start to the welcome, with what is wrong on the way."""
    page = client.page

    def take(screen: str) -> None:
        gallery.take_turned(page, "checking in", screen, lang)

    if lang != "en":
        client.speaks(lang)
    take("start")
    client.press("by-name")
    test_id(page, "name").wait_for()
    take("by name")
    client.press("continue")
    test_id(page, "problems").wait_for()
    take("by name, wrong")
    client.press("back")
    client.press("have-code")
    test_id(page, "code").wait_for()
    take("code")
    test_id(page, "code").fill("MMM-MMMM")
    client.press("continue")
    test_id(page, "problems").wait_for()
    take("code, wrong")
    test_id(page, "code").fill(client.served.visit(LANGUAGES[lang])["code"])
    client.press("continue")
    test_id(page, "month").wait_for()
    take("birth date")
    client.give_birth_date("1", "2", "1970")
    test_id(page, "problems").wait_for()
    take("birth date, wrong")
    client.give_birth_date(*client.served.born(LANGUAGES[lang]))
    test_id(page, "begin").wait_for()
    take("welcome")
    page.evaluate("document.querySelector('#idle').showModal()")
    page.evaluate("document.querySelector('[data-idle-left]').textContent = '55'")
    take("are you still there")
    page.evaluate("document.querySelector('#idle').close()")
    for said in ("slow", "lost", "paper", "cleared"):
        cleared = str(said == "cleared").lower()
        page.evaluate(f"document.querySelector('main').style.opacity = {cleared} ? 0 : 1")
        page.evaluate(f"document.querySelector('[data-said={said}]').hidden = false")
        take(f"connection, {said}")
        page.evaluate(f"document.querySelector('[data-said={said}]').hidden = true")
    page.evaluate("document.querySelector('main').style.opacity = 1")
    client.press("helpers")
    take("larger, aloud, contrast")
    page.keyboard.press("Escape")
    client.press("help")
    test_id(page, "stop").wait_for()
    take("help")
    client.press("back")
    test_id(page, "begin").wait_for()


def through_the_forms(client: Client, gallery: Gallery, lang: str) -> None:
    page, seen = client.page, set()

    def take(place: str) -> None:
        form, _, screen = place.partition("-")
        if place in seen:
            return
        seen.add(place)
        page.wait_for_load_state("networkidle")
        gallery.take_turned(page, form, screen, lang)
        if place in WRONG:
            test_id(page, "continue").click()
            test_id(page, "problems").wait_for()
            gallery.take_turned(page, form, f"{screen}, wrong", lang)

    client.sees = take
    client.through_all_forms()
    gallery.take_turned(page, "checking in", "thank you", lang)


def turns_helpers(client: Client) -> None:
    """Larger text and more contrast on, or off again."""
    client.press("helpers")
    for helper in ("larger", "contrast"):
        client.page.locator(f"[data-helper={helper}]").click()
    client.page.keyboard.press("Escape")


def beside_the_way(client: Client, gallery: Gallery, lang: str) -> None:
    """What a client sees who is not expected, comes again, signs in another way, or stops."""
    page = client.page

    def take(screen: str) -> None:
        page.wait_for_load_state("networkidle")
        gallery.take_turned(page, "beside the way", screen, lang)

    def begin_anew() -> None:
        page.goto(f"{client.served.base}/tablet/")
        if lang != "en":
            client.speaks(lang)

    page.goto(f"{client.served.base}/tablet/nowhere")
    take("no such page")
    begin_anew()
    client.press("by-name")
    test_id(page, "name").fill("Somebody Else")
    client.give_birth_date("2", "3", "1960")
    test_id(page, "finish").wait_for()
    take("by name, thank you")
    begin_anew()
    client.served.describe()
    client.check_in(COMES_AGAIN)
    take("coming again")
    turns_helpers(client)
    take("larger, more contrast")
    turns_helpers(client)
    client.press("allowed")
    test_id(page, "back").first.wait_for()
    take("what you allow")
    client.press("back")
    client.press("help")
    client.press("need-help")
    take("help is asked")
    client.press("back")
    client.press("begin")
    page.wait_for_url("**/tablet/form/**")
    client.sees = lambda place: take(f"coming again, {place}")
    client.goes_on_to("/sign")
    client.sees = None
    test_id(page, "way-type").check()
    take("signing by name")
    client.press("sign")
    test_id(page, "problems").wait_for()
    take("signing by name, wrong")
    test_id(page, "way-mark").check()
    client.draw()
    take("signing by a mark")
    client.press("sign")
    page.wait_for_url("**/witness")
    take("a mark waits")
    client.press("back")
    page.wait_for_url("**/sign")
    test_id(page, "way-type").check()
    test_id(page, "typed-name").fill(COMES_AGAIN)
    client.press("sign")
    test_id(page, "enough").wait_for()
    take("one form is signed")
    client.press("enough")
    test_id(page, "finish").wait_for()
    take("enough for today")


@contextmanager
def tablet(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=TABLET, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    pair(page, served)
    yield page
    context.close()


def staff(browser: Browser, served: Served, gallery: Gallery) -> None:
    """Every page that links lead to, at the desk's size, and a therapist's on a phone too."""
    for name in STAFF:
        page = signed_in(browser, served, name)
        for kind in each_page(page):
            for label, size in {"1440x900": DESK, "phone": PHONE}.items():
                if label == "1440x900" or kind.startswith("/therapist/"):
                    page.set_viewport_size(size)  # type: ignore[arg-type]
                    gallery.take(page, name, kind, label)
        page.context.close()


def logo() -> bytes:
    """Four rings, as a practice might have them."""
    picture = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for x, shade in ((20, "#5b2a6e"), (150, "#8d5aa3"), (280, "#5b2a6e"), (410, "#8d5aa3")):
        draw.ellipse((x, 40, x + 160, 200), outline=shade, width=22)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def own_look(browser: Browser, served: Served, gallery: Gallery) -> None:
    """A practice with its own logo and colour."""
    with tablet(browser, served) as page:
        client = Client(page, served)
        gallery.take_turned(page, "own logo and colour", "start", "en")
        client.check_in("Theo Okafor")
        page.goto(f"{served.base}/tablet/form/email_logistics/page/may_write")
        page.goto(f"{served.base}/tablet/form/emergency_contact/page/emergency")
        page.locator(".choice").first.click()
        gallery.take_turned(page, "own logo and colour", "a decision", "en")
        page.set_viewport_size(KEYBOARD_UP)  # type: ignore[arg-type]
        gallery.take(page, "own logo and colour", "a decision", "keyboard up")
    page = signed_in(browser, served, "dorothy")
    gallery.take(page, "own logo and colour", "desk", "1440x900")


def main() -> None:
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir()
    gallery = Gallery(SCREENS)
    with shared_folder(), tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with serving(Path(folder) / "demo") as served:
            for lang in LANGUAGES:
                with tablet(browser, served) as page:
                    client = Client(page, served)
                    before_sitting(client, gallery, lang)
                    through_the_forms(client, gallery, lang)
                    beside_the_way(client, gallery, lang)
            staff(browser, served, gallery)
        with serving(Path(folder) / "own", OWN_LOOK, logo()) as served:
            own_look(browser, served, gallery)
        browser.close()
    print(f"{gallery.count} screens: {gallery.write()}")


if __name__ == "__main__":
    main()
