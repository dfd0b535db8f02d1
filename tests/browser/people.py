"""What a client, the front desk and a therapist do, each by the names that things carry on the screens."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import DESK, TABLET, Served, shot, test_id

NAMES = "all => all.map(one => one.dataset.test)"
ANSWERS: Mapping[str, str | list[str]] = {
    "friend_asks": "nothing",
    "referred_by-name": "Blanca Duarte",
    "referred_by-relation": "a friend",
    "may_thank": "allow",
    "how_to_thank": ["card"],
    "gift_from-name": "Blanca Duarte",
    "may_tell_giver": "refuse",
    "contact-name": "Kirsten Zamora",
    "contact-relation": "daughter",
    "contact-phone": "512 555 0142",
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "allow",
    "was_given_notice": "yes",
    "somebody_signs": "no",
    "may_leave_message": "refuse",
    "may_write_story": "refuse",
    "has_clinician": "yes",
    "clinician-name": "Dr. Patel",
    "clinician-role": "counselor",
    "may_speak": "allow",
    "what_to_tell": ["progress"],
    "which_way": "both",
    "for_what": "to treat my back",
    "ends_how": "on_day",
    "ends_on-month": "12",
    "ends_on-day": "31",
    "ends_on-year": "2030",
    "email": "delia@example.com",
    "may_email": "allow",
    "email_for": ["appointments"],
    "phone": "512 555 0101",
    "may_text": "refuse",
    "may_voicemail": "refuse",
}


class Client:
    """Somebody at the tablet."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page, self.served = page, served
        self.seen: set[str] = set()
        self.keep_shots = False
        self.types = False  # signs by typing the name, as whoever has no script or no hand for it
        self.sees: Callable[[str], None] | None = None  # called on each page, before it is answered

    def press(self, name: str) -> None:
        test_id(self.page, name).first.click()

    def speaks(self, lang: str) -> None:
        """Another language, by whichever of its buttons is to be seen."""
        self.page.locator(f"[data-test=language-{lang}]:visible").first.click()
        self.page.locator(f"main[lang={lang}]").wait_for()

    def check_in(self, name: str) -> None:
        self.press("have-code")
        test_id(self.page, "code").fill(self.served.visit(name)["code"])
        self.press("continue")
        test_id(self.page, "month").wait_for()
        self.give_birth_date(*self.served.born(name))
        test_id(self.page, "begin").wait_for()

    def give_birth_date(self, month: str, day: str, year: str) -> None:
        for part, value in (("month", month), ("day", day), ("year", year)):
            test_id(self.page, part).fill(value)
        self.press("continue")

    def fill_page(self, answers: Mapping[str, str | list[str]]) -> None:
        """Answer what stands on this page, by the inputs' names."""
        here = set(self.page.locator("[data-test]").evaluate_all(NAMES))
        for name, value in answers.items():
            for one in value if isinstance(value, list) else [value]:
                if f"{name}-{one}" in here:
                    test_id(self.page, f"{name}-{one}").check()
                elif name in here:
                    test_id(self.page, name).fill(one)

    def reads(self) -> None:
        """Wait for the pages of the record: nobody can say before that they have read them."""
        for page in self.page.locator(".leaf img").all():
            page.evaluate("(one) => one.decode()")

    def goes_on_to(self, place: str, answers: Mapping[str, str | list[str]] = ANSWERS) -> None:
        """Through pages, checking and reading, until the address ends so."""
        ways_on = ("continue", "see-page", "certify")
        while not self.page.url.endswith(place):
            at = self.page.url
            self.look(at)
            self.fill_page(answers)
            self.reads()
            self.press(next(one for one in ways_on if test_id(self.page, one).count()))
            self.page.wait_for_url(re.compile("^(?!" + re.escape(at) + "$)"))

    def draw(self) -> None:
        """A signature, with the finger."""
        self.page.locator("canvas[data-ready]").wait_for()
        pad = test_id(self.page, "signature-pad")
        pad.evaluate("one => one.scrollIntoView({ block: 'center' })")  # zoomed in it lies below
        box = pad.bounding_box()
        assert box is not None
        mouse, x, y = self.page.mouse, box["x"], box["y"]
        mouse.move(x + 60, y + box["height"] * 0.6)
        mouse.down()
        for step in range(30):
            down = 0.3 + 0.35 * ((step * 7) % 10) / 10
            mouse.move(x + 60 + step * 14, y + box["height"] * down, steps=2)
        mouse.up()

    def through_all_forms(self, answers: Mapping[str, str | list[str]] = ANSWERS) -> int:
        """From the first page to the thank-you; returns how many forms were signed."""
        signed = 0
        self.press("begin")
        self.page.wait_for_url("**/tablet/form/**")
        for _ in range(120):
            self.page.wait_for_load_state()
            at = self.page.url
            if "/page/" in at:
                self.look(at)
                at = self.page.url  # whoever looked may have sent the page once, with nothing on it
                self.fill_page(answers)
                self.press("continue")
            elif at.endswith("/check"):
                self.look(at)
                self.press("see-page")
            elif at.endswith("/read"):
                self.look(at)
                self.reads()
                again = test_id(self.page, "certify-again").count()
                self.press("certify-again" if again else "certify")
                signed += again
            elif at.endswith("/sign"):
                if not self.types and test_id(self.page, "way-draw").count() and not signed:
                    self.draw()
                self.look(at)
                if self.types:
                    test_id(self.page, "way-type").check()
                    test_id(self.page, "typed-name").fill("Signed By Typing")
                self.press("sign")
                signed += 1
            else:
                return signed
            self.page.wait_for_url(re.compile("^(?!" + re.escape(at) + "$)"))
        raise AssertionError("the forms do not end")

    def look(self, at: str) -> None:
        path = at.split("/tablet/")[1].split("?")[0]
        place = "-".join(part for part in path.split("/") if part not in ("form", "page"))
        if self.sees:
            self.sees(place)
        if self.keep_shots and place not in self.seen:
            self.seen.add(place)
            shot(self.page, f"tablet-{place}")


def paired_tablet(browser: Browser, served: Served, **more: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**{"viewport": TABLET, "has_touch": True, **more})
    page = context.new_page()
    pair(page, served)
    return context, page


def pair(page: Page, served: Served) -> None:
    page.goto(served.describe()["pair"])
    test_id(page, "pair").click()
    test_id(page, "have-code").wait_for()


def signed_in(browser: Browser, served: Served, name: str) -> Page:
    page = browser.new_context(viewport=DESK, accept_downloads=True).new_page()
    page.goto(f"{served.base}/sign-in")
    test_id(page, "name").fill(name)
    test_id(page, "passphrase").fill(served.passphrase(name))
    test_id(page, "sign-in").click()
    page.wait_for_url(re.compile("/(desk|therapist)/"))
    return page
