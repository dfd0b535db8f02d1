"""The people of one practice at their browsers, with one client whose words are canaries.

What each of them sees, and what each of them sends. Which pages were opened is noted, so that a test can say
which were not. It is one walk, and longer than other modules for that.
"""

import io
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from kiosk import access, worker
from kiosk.actions import confirming
from kiosk.app import create_app
from kiosk.vault import tables
from tests import pen
from tests.practices import ALLOWS_HER_DAUGHTER, PASSPHRASE, People
from tests.traces.addresses import addresses, ids_of
from tests.traces.canaries import ANSWER, EMAIL, NAME, PHONE, RELATIVE, WORD, Browser

BORN = {"month": "2", "day": "17", "year": "1931"}
CONTACT, BY_EMAIL = "emergency_contact", "email_logistics"
ANSWERS: Mapping[str, Any] = {
    **ALLOWS_HER_DAUGHTER,
    "contact-name": RELATIVE,
    "contact-relation": ANSWER,
    "contact-phone": PHONE,
}
MAY_WRITE = {"email": EMAIL, "phone": PHONE, "may_email": "allow", "email_for": "forms",
             "may_text": "refuse", "may_voicemail": "refuse"}  # fmt: skip
AS_GUARDIAN = {"way": "typed", "typed_name": RELATIVE, "signer": "guardian", "signer_name": RELATIVE}
A_MARK = json.dumps({"width": 600, "height": 150, "strokes": [[[100, 40, 0, 0.5]]]})
SENT_LAST = (
    "desk.revoke",
    "office.remove_person",
    "office.reset_person",
    "office.end_session",
    "door.lock_screen",
    "door.sign_out",
    "door.lock",
)
SHOWS_WHAT_IT_WAS_GIVEN = ("door.pair_link",)  # the code that it pairs with


class Walk:
    def __init__(self, people: People) -> None:
        self.people, self.leaks, self.opened = people, list[tuple[str, str, list[str]]](), set[str]()
        self.app: Flask = create_app(people.practice)
        self.app.after_request(self._notes)
        names = ("dorothy", "sophia", "jean", "ruth")
        self.desk, self.sophia, self.jean, self.ruth = (self.signed_in(name) for name in names)
        code = access.make_pairing(people.desk, "Tablet")
        token = access.pair(people.practice, code, "127.0.0.1")
        self.tablet_id = access.tablet_of(people.practice, token).id
        self.tablet = Browser.of(self.app, self.leaks, tablet=token)
        self.visit, self.jobs = "", worker.JOBS

    def _notes(self, response: Response) -> Response:
        if request.method == "GET" and response.status_code == 200 and request.endpoint:
            self.opened.add(request.endpoint)
        return response

    def pages(self) -> set[str]:
        """All that the URL map has for a browser to open."""
        return {rule.endpoint for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    def signed_in(self, name: str) -> Browser:
        token = access.sign_in(self.people.practice, name, PASSPHRASE, "127.0.0.1")
        return Browser.of(self.app, self.leaks, staff=token)

    def is_entered(self) -> None:
        self.desk.opens("/desk/visits/new")
        self.desk.presses("/desk/visits/find", 200, search=NAME)
        who = {"name": NAME, **BORN, "therapist": self.people.therapist.id}
        self.desk.presses("/desk/visits/new", 422, **who, date="2026-11-23", time="noon")
        self.desk.presses("/desk/visits/new", **who, date="2026-11-23", time="12:30")
        with access.transaction(self.people.system) as desk:
            self.visit = desk.session.scalars(select(tables.Visit.id)).one()
        self.desk.presses("/desk/names", 200)
        assert NAME in self.desk.html

    def client(self) -> str:
        with access.transaction(self.people.system) as desk:
            return desk.session.get_one(tables.Visit, self.visit).client_id

    def checks_in(self) -> None:
        self.tablet.opens("/tablet/name")
        self.tablet.presses("/tablet/name", 422, name=NAME, month="13", day="17", year="1931")
        self.tablet.presses("/tablet/name", name=NAME, **BORN)
        self.desk.opens("/desk/")
        self.desk.presses(f"/desk/visits/{self.visit}/code", 200)
        code = re.search(r'data-test="code">([^<]+)<', self.desk.html)
        assert code
        self.tablet.opens("/tablet/code")
        self.tablet.presses("/tablet/code", 422, code=ANSWER)
        self.tablet.presses("/tablet/code", code=code[1])
        self.tablet.presses("/tablet/birth-date", 422, month="2", day="18", year="1931")
        self.tablet.presses("/tablet/birth-date", **BORN)
        assert NAME.split()[0] in self.tablet.html

    def is_handed_to(self, visit: str, status: int = 200) -> None:
        """The tablet waits for a visit, and the desk thinks better of it."""
        self.desk.opens("/desk/")
        self.desk.presses(f"/desk/visits/{visit}/hand", tablet=self.tablet_id)
        self.tablet.opens("/tablet/handed", status)

    def fills_in(self, form: str, answers: Mapping[str, Any]) -> None:
        """All pages of a form, to the one where it is signed."""
        address = f"/tablet/form/{form}"
        step = f"{address}/page/{self.people.practice.catalog.form(form).pages[0].id}"
        while "/page/" in step:
            self.tablet.opens(step)
            token = re.search(r'name="csrf_token" value="([^"]+)"', self.tablet.html)
            assert token
            answer = self.tablet.http.post(step, data={"csrf_token": token[1], **answers})
            assert answer.status_code == 303, (step, answer.text)
            step = answer.headers["Location"]
        self.tablet.opens(f"{address}/check")
        self.tablet.opens(f"{address}/read")
        self.tablet.opens(f"{address}/read/1.png")
        self.tablet.presses(f"{address}/read")

    def signs(self) -> None:
        """What somebody types wrongly first, then the whole form and a name."""
        form = f"/tablet/form/{CONTACT}"
        self.tablet.opens(f"{form}/page/who")
        self.tablet.presses(f"{form}/page/who", 422, **{**ANSWERS, "contact-phone": f"{PHONE} {ANSWER}"})
        self.fills_in(CONTACT, ANSWERS)
        submission = self.submission()
        self.tablet.presses(f"{form}/sign", 422, way="typed", typed_name="", submission=submission)
        self.tablet.presses(f"{form}/sign", way="typed", typed_name=NAME, submission=submission)
        self.tablet.opens("/tablet/allowed")

    def stops(self) -> None:
        self.tablet.opens("/tablet/welcome", None)
        self.tablet.presses("/tablet/stop")

    def submission(self) -> str:
        found = re.search(r'name="submission" value="([^"]+)"', self.tablet.html)
        assert found
        return found[1]

    def signs_by_a_mark_and_by_a_guardian(self) -> None:
        """That they may be written to; seen by the desk, and once more by who may act for another one too."""
        sign = f"/tablet/form/{BY_EMAIL}/sign"
        self.fills_in(BY_EMAIL, MAY_WRITE)
        self.tablet.presses(sign, way="marked", strokes=A_MARK, submission=self.submission())
        self.tablet.opens(f"/tablet/form/{BY_EMAIL}/witness")
        self.desk.opens(f"/desk/visits/{self.visit}")
        self.desk.presses(f"/desk/visits/{self.visit}/witness", mark=BY_EMAIL, saw="no")
        self.fills_in(BY_EMAIL, MAY_WRITE)
        guardian = {**AS_GUARDIAN, "authority": f"{ANSWER} of {NAME}"}
        self.tablet.presses(sign, 422, **{**guardian, "authority": ""}, submission=self.submission())
        self.tablet.presses(sign, **guardian, submission=self.submission())
        self.is_handed_to(self.people.visit("Theo Okafor", "14:00"), 200)
        self.tablet.opens("/tablet/another")

    def asks_for_help(self) -> None:
        self.tablet.opens("/tablet/welcome")
        self.tablet.presses("/tablet/help", 200, _at=f"/tablet/form/{CONTACT}/page/who", **ANSWERS)
        self.tablet.presses("/tablet/help/ask", 200, _at=f"/tablet/form/{CONTACT}/page/who", **ANSWERS)
        self.tablet.presses("/tablet/again", 200, _at=f"/tablet/form/{CONTACT}/page/who", **ANSWERS)
        self.tablet.presses("/tablet/language", 200, _at=f"/tablet/form/{CONTACT}/page/who", **ANSWERS,
                            _lang="es")  # fmt: skip
        self.tablet.presses("/tablet/language", 200, _at=f"/tablet/form/{CONTACT}/page/who", **ANSWERS,
                            _lang="en")  # fmt: skip
        self.desk.opens("/desk/")
        self.desk.presses(f"/desk/visits/{self.visit}/helped")

    def gets_paper(self) -> str:
        """Printed, filled in, scanned under a name that says it all, confirmed; returns the sheet."""
        self.desk.opens(f"/desk/visits/{self.visit}")
        self.desk.presses(f"/desk/visits/{self.visit}/print-sheets", 200, forms=CONTACT)
        with access.transaction(self.people.system) as desk:
            sheet = desk.session.scalars(select(tables.Sheet)).one()
        scan = pen.as_pdf(self.people.fills_in(self.desk.pdfs[-1], sheet))
        self.desk.opens("/desk/scans")
        self.desk.presses("/desk/scans", files=FileStorage(io.BytesIO(scan), f"{NAME}.pdf"))
        inbox = self.people.practice.settings.instance / "inbox"
        (inbox / "0001.pdf").write_bytes(b"%PDF-1.7 no more %%EOF")
        os.utime(inbox / "0001.pdf", (0, 0))
        self.works()
        return str(sheet.id)

    def works(self) -> None:
        while worker.work_once(self.people.system, self.jobs):
            pass

    def has_a_page_of_nobody(self) -> None:
        """A page without a code waits for somebody to say whose it is."""
        page = pen.as_pdf([pen.Image.new("L", (850, 1100), 255)])
        self.desk.opens("/desk/scans")
        self.desk.presses("/desk/scans", files=FileStorage(io.BytesIO(page), f"{RELATIVE}.pdf"))
        self.works()
        self.desk.opens("/desk/scans")
        found = re.search(r'href="(/desk/pages/[^"]+/file)"', self.desk.html)
        assert found
        self.desk.opens(found[1])
        self.desk.presses(found[1], 200, search=NAME)

    def is_confirmed(self, sheet: str) -> None:
        self.desk.opens("/desk/confirm")
        self.desk.opens(f"/desk/confirm/{sheet}")
        typed = {"contact.name": RELATIVE, "contact.relation": ANSWER, "contact.phone": PHONE}
        self.people.confirms(sheet, typed)
        self.desk.opens(f"/desk/confirm/{sheet}")
        assert RELATIVE in self.desk.html
        confirming.finish(self.people.desk, sheet)

    def is_shredded(self) -> None:
        self.works()
        self.desk.opens("/desk/shred")
        self.desk.presses("/desk/shred/batches")
        batch = re.search(r'action="(/desk/shred/batches/[^"]+)"', self.desk.html)
        assert batch
        self.desk.opens(batch[1])
        counted = {"counted": "2", "method": "on_site", "level": "P-5", "machine": ANSWER, "witness": ""}
        self.desk.presses(batch[1], **counted)
        self.desk.opens(f"{batch[1]}/certificate.pdf")

    def is_looked_at(self) -> None:
        """By their own therapist, and by the desk, which corrects how a relative is reached."""
        card = f"/therapist/visits/{self.visit}"
        self.sophia.opens(card)
        assert RELATIVE in self.sophia.html
        self.sophia.opens(f"{card}/may-tell")
        self.sophia.presses(f"{card}/may-tell", 200, party=RELATIVE, topic="emergency_happened")
        self.sophia.presses(f"{card}/may-tell", 200, party=NAME, topic="emergency_happened")
        self.desk.opens(f"/desk/visits/{self.visit}/people")
        place = re.search(r'name="place" value="([^"]+)"', self.desk.html)
        assert place
        people = f"/desk/visits/{self.visit}/people"
        self.desk.presses(people, None, place=place[1], name=RELATIVE, phone=ANSWER)

    def is_looked_up_by_others(self) -> None:
        """With a reason: by a therapist whose client they are not, and by everybody in an emergency."""
        given = {"name": NAME, "reason": "covering", "said": ANSWER}
        self.jean.opens("/therapist/others")
        self.jean.presses("/therapist/others", 422, **{**given, "reason": ""})
        self.jean.presses("/therapist/others", 200, **given)
        self.jean.presses("/therapist/others/open", client=self.client(), **given)
        assert RELATIVE in self.jean.html
        tell = re.search(r'"(/therapist/others/[^"/]+/may-tell)"', self.jean.html)
        assert tell
        self.jean.opens(tell[1])
        self.jean.presses(tell[1], 200, party=RELATIVE, topic="emergency_happened")
        for browser in (self.desk, self.sophia, self.ruth):
            browser.opens("/emergency")
            browser.presses("/emergency", 422, name=f"{NAME} {RELATIVE}", reason=ANSWER)
            browser.presses("/emergency", name=NAME, reason=ANSWER)
            assert PHONE in browser.html

    def is_looked_for_by_the_owner(self) -> None:
        """In the trail, also as a file with names; among those to erase; among what was declared."""
        ruth, erasing = self.ruth, f"/office/erasing/{self.client()}"
        ruth.opens("/office/declared")
        assert ANSWER in ruth.html
        ruth.opens("/office/trail")
        ruth.presses("/office/trail", 200, search=NAME)
        assert NAME in ruth.presses("/office/trail/export", 200, client=self.client(), names="yes").text
        assert NAME not in ruth.presses("/office/trail/export", 200, client=self.client()).text
        ruth.opens("/office/erasing")
        ruth.presses("/office/erasing/find", 200, search=NAME)
        ruth.opens(erasing)
        assert NAME in ruth.html
        ruth.presses(f"{erasing}/ask", 422, asked_by=ANSWER)
        ruth.presses(f"{erasing}/hold")
        ruth.presses(f"{erasing}/lift-hold")

    def is_taken_along(self) -> None:
        """Printed, and as an encrypted copy; then the day is closed."""
        visit = f"/desk/visits/{self.visit}"
        self.desk.opens(visit)
        self.desk.presses(f"{visit}/print-records", 200, asked="yes")
        self.desk.presses(f"{visit}/copy", 422, word="short")
        self.desk.presses(f"{visit}/copy", 200, word=WORD)
        self.desk.opens("/desk/closing")
        self.desk.presses("/desk/closing")
        self.desk.opens("/desk/closing/2026-11-23.pdf")

    def comes_and_goes(self) -> None:
        """Who works here: signing in, a PIN, a second factor, a locked screen, a locked practice."""
        somebody = Browser.of(self.app, self.leaks)
        for address in ("/pair", "/sign-in"):
            somebody.opens(address)
        somebody.presses("/sign-in", 422, name=NAME, passphrase=ANSWER)
        somebody.presses("/sign-in", name="dorothy", passphrase=PASSPHRASE)
        somebody.opens("/me")
        somebody.presses("/me/pin", 200, passphrase=PASSPHRASE, pin="270456")
        somebody.presses("/lock-screen")
        somebody.opens("/who")
        jean = self.signed_in("jean")
        jean.opens("/me")
        jean.presses("/me/second-factor", passphrase=PASSPHRASE)
        jean.opens("/second-factor")
        jean.opens("/second-factor/qr.png")
        self.ruth.opens("/desk/")
        self.ruth.presses("/lock")
        somebody.opens("/unlock")
        somebody.presses("/unlock", 422, name=NAME, passphrase=ANSWER)
        somebody.presses("/unlock", passphrase=PASSPHRASE)

    def opens_everything(self, most: int) -> None:
        """Everybody at each address, for each of its ids up to `most`, and for words that are no id."""
        ids = ids_of(self.people, most)
        browsers = (self.desk, self.sophia, self.jean, self.ruth, self.tablet)
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", *SHOWS_WHAT_IT_WAS_GIVEN):
                continue
            for browser in browsers:
                for address in addresses(rule, ids):
                    browser.opens(address, None)
                if rule.arguments:  # what somebody types as an address is in their own browser's bar only
                    (address,) = addresses(rule, {name: [ANSWER] for name in rule.arguments})
                    answer = browser.http.get(address)
                    assert ANSWER not in answer.text + answer.headers.get("Location", ""), address

    def sends_everything(self, most: int) -> None:
        """Everybody sends each post, with a client's words in every field that any page had.

        But for a tablet's name, which is the practice's own and lies in clear. Nothing is done after it: it
        signs out, locks and revokes whom it can.
        """
        self.app.config["WTF_CSRF_ENABLED"] = False
        ids, browsers = ids_of(self.people, most), (self.desk, self.sophia, self.jean, self.ruth, self.tablet)
        fields = {name for browser in browsers for name in browser.fields}
        said = {**dict.fromkeys(fields, f"{NAME} {ANSWER}"), "word": WORD, "tablet_name": "Tablet"}
        posts = [rule for rule in self.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
        for rule in sorted(posts, key=lambda one: one.endpoint in SENT_LAST):
            for browser in browsers:
                for address in addresses(rule, ids):
                    browser.presses(address, None, **said)
