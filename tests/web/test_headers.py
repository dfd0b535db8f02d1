"""The headers of every kind of answer, word for word; a change here is a change of what is promised."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.actions import records, visit_page
from kiosk.app import create_app
from kiosk.vault import tls
from kiosk.vault.tls import Names
from tests.practices import ALLOWS_HER_DAUGHTER, People, make_people

FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), "
        "clipboard-write=(), compute-pressure=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        "gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), "
        "keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), "
        "payment=(), picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), "
        "screen-wake-lock=(), serial=(), speaker-selection=(), storage-access=(), sync-xhr=(), usb=(), "
        "window-management=(), xr-spatial-tracking=()"
    ),
    "X-Robots-Tag": "noindex",
}
KEPT_NOWHERE = {"Cache-Control": "no-store"}
PAGE = {
    **FOR_ALL,
    **KEPT_NOWHERE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "object-src 'none'; require-trusted-types-for 'script'; trusted-types htmx"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
}
FILE = {
    **FOR_ALL,
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}
NO_DOCUMENT = {
    **{
        name: said
        for name, said in FILE.items()
        if name not in ("Permissions-Policy", "Origin-Agent-Cluster")
    },
    **KEPT_NOWHERE,
}
PDF = {
    **FOR_ALL,
    **KEPT_NOWHERE,
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
STATIC = {**FILE, "Cache-Control": "public, max-age=31536000"}
OF_THE_ANSWER_ITSELF = {
    "Content-Type", "Content-Length", "Content-Disposition", "Location", "Set-Cookie", "Vary", "Allow",
    "Last-Modified", "ETag", "Date", "Expires", "Accept-Ranges", "Connection",
}  # fmt: skip


def promised(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name not in OF_THE_ANSWER_ITSELF}


def test_every_kind_of_answer_carries_its_headers_word_for_word(
    browsers: Mapping[str, FlaskClient],
) -> None:
    nobody, dorothy, client = browsers["nobody"], browsers["dorothy"], browsers["client"]
    for browser, address, status in (
        (nobody, "/sign-in", 200),
        (nobody, "/nowhere", 404),
        (nobody, "/tablet/", 403),
        (nobody, "/lock", 405),
        (nobody, "/tablets/help", 200),
        (dorothy, "/desk/", 200),
        (dorothy, "/office/", 403),
        (client, "/tablet/welcome", 200),
    ):
        answer = browser.get(address)
        assert (answer.status_code, promised(answer)) == (status, PAGE), address
        assert "ETag" not in answer.headers
    for answer in (
        nobody.post("/sign-in", data={"name": "x"}),
        nobody.post("/sign-in", data=b"x" * 3_000_000, content_type="application/x-www-form-urlencoded"),
        nobody.post("/sign-in", headers={"Origin": "https://elsewhere.example"}),
    ):
        assert answer.status_code >= 400
        assert promised(answer) == PAGE
    for redirected in (nobody.get("/"), nobody.get("/desk/")):
        assert (redirected.status_code, promised(redirected)) == (303, NO_DOCUMENT)
    fragment = client.get("/tablet/welcome", headers={"HX-Request-Type": "partial"})
    assert fragment.text.lstrip().startswith("<main")
    assert promised(fragment) == NO_DOCUMENT
    assert promised(nobody.get("/health")) == {**FILE, **KEPT_NOWHERE}
    plain = nobody.get("/sign-in", environ_base={"REMOTE_ADDR": "192.168.1.20"})
    elsewhere = nobody.get("/sign-in", headers={"Host": "evil.example"})
    for answer, status in ((plain, 403), (elsewhere, 400)):
        assert (answer.status_code, promised(answer)) == (status, {**FILE, **KEPT_NOWHERE})
    for address in ("/static/kiosk.css", "/static/help/compare.svg", "/static/tablet.js"):
        with nobody.get(address) as answer:
            assert promised(answer) == STATIC


def test_a_pdf_has_headers_of_its_own(people: People, browsers: Mapping[str, FlaskClient]) -> None:
    visit = people.visit()
    people.signs(people.sits_down(visit), "emergency_contact", ALLOWS_HER_DAUGHTER)
    (row,) = visit_page.visit_view(people.desk, visit).records
    assert records.pdf(people.desk, row.id).startswith(b"%PDF")
    answer = browsers["dorothy"].get(f"/desk/records/{row.id}.pdf")
    assert (answer.mimetype, promised(answer)) == ("application/pdf", PDF)


def test_the_end_of_a_visit_clears_what_the_browser_kept(
    app: Flask, browsers: Mapping[str, FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = browsers["client"].post("/tablet/finish")
    assert promised(answer) == {**NO_DOCUMENT, "Clear-Site-Data": '"cache", "storage"'}
    gone = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("kiosk-sitting=;")]
    assert gone, "but not the pairing: no cookie goes but the sitting's own"


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A practice of which nobody changes anything: one for all that only asks how it is served."""
    yield from make_people(tmp_path_factory.mktemp("resting") / "practice")


@pytest.fixture(scope="module")
def over_tls(resting: People) -> FlaskClient:
    people = resting
    authority = tls.new_authority("Meadow Lane", ["kiosk.local"], people.clock())
    address = tls.parse_address("192.168.1.5")
    assert address
    pem = tls.issue(authority, Names(("kiosk.local", "localhost"), (address,)), people.clock())
    return create_app(people.practice, tls.about(pem)).test_client()


def test_over_tls_other_machines_are_answered_and_told_to_stay_with_it(over_tls: FlaskClient) -> None:
    other = {"REMOTE_ADDR": "192.168.1.20"}
    strict = {**PAGE, "Strict-Transport-Security": "max-age=31536000"}
    for base in ("https://kiosk.local:8765", "https://192.168.1.5:8765"):
        answer = over_tls.get("/sign-in", base_url=base, environ_base=other)
        assert (answer.status_code, promised(answer)) == (200, strict)
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-")
            assert "Secure; HttpOnly; Path=/; SameSite=Strict" in cookie
    own = over_tls.get("/sign-in", base_url="https://localhost:8765")
    assert promised(own) == PAGE, "other programs of this machine answer under localhost, by http"
    assert over_tls.get("/sign-in", base_url="http://kiosk.local", environ_base=other).status_code == 403
    assert over_tls.get("/sign-in", base_url="https://evil.example", environ_base=other).status_code == 400


def test_a_form_is_sent_over_tls_without_telling_a_referrer(over_tls: FlaskClient) -> None:
    """Flask-WTF asks for the whole referrer over TLS, by default: no browser that hides it could sign in."""
    base = "https://kiosk.local"
    found = re.search(r'name="csrf_token" value="([^"]+)"', over_tls.get("/sign-in", base_url=base).text)
    assert found
    data = {"csrf_token": found[1], "name": "nobody-here", "passphrase": "wrong wrong wrong"}
    for origin, status in ((base, 422), ("http://kiosk.local", 403), ("null", 403)):
        sent = over_tls.post("/sign-in", base_url=base, data=data, headers={"Origin": origin})
        assert sent.status_code == status


def test_the_certificate_can_be_fetched_and_is_the_one_that_the_desk_compares(over_tls: FlaskClient) -> None:
    answer = over_tls.get("/tablets/kiosk-ca.crt", base_url="https://kiosk.local")
    assert answer.mimetype == "application/x-x509-ca-cert"
    assert promised(answer) == {**FILE, **KEPT_NOWHERE, "Strict-Transport-Security": "max-age=31536000"}
    assert b"PRIVATE" not in answer.data


@pytest.mark.parametrize(("device", "steps"), [("ipad", 4), ("android", 2), ("windows", 1)])
def test_each_kind_of_tablet_is_shown_with_pictures_how_it_is_made_to_trust_the_practice(
    over_tls: FlaskClient, device: str, steps: int
) -> None:
    base = "https://kiosk.local"
    page = over_tls.get("/tablets/help", base_url=base).text
    trust = page.partition('id="trust"')[2].partition("</section>")[0]
    shown = trust.partition(f'<h3 id="{device}"')[2].partition("<h3")[0]
    pictures = re.findall(r"<img[^>]+>", shown)
    assert len(pictures) == steps
    for picture in pictures:
        source, said = re.search(r'src="([^"]+)"', picture), re.search(r'alt="([^"]+)"', picture)
        assert source, picture
        assert said, picture
        with over_tls.get(source[1], base_url=base) as answer:
            assert (answer.status_code, answer.mimetype.startswith("image/")) == (200, True), source[1]


def test_without_tls_there_is_no_certificate(browsers: Mapping[str, FlaskClient]) -> None:
    assert browsers["nobody"].get("/tablets/kiosk-ca.crt").status_code == 404
    assert "Trust the practice" not in browsers["nobody"].get("/tablets/help").text
    assert browsers["dorothy"].get("/desk/tablets/address.png").status_code == 404


PROXY, STRANGER = "10.0.0.5", "192.168.1.20"


@pytest.fixture(scope="module")
def proxied(resting: People) -> FlaskClient:
    settings = replace(
        resting.practice.settings,
        behind_proxy=True,
        proxy_addresses=(PROXY, "fd00::/64"),
        hosts=("kiosk.example",),
    )
    return create_app(replace(resting.practice, settings=settings)).test_client()


FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "kiosk.example",
}


@pytest.mark.parametrize("address", [PROXY, "fd00::7"])
def test_what_the_proxy_says_counts(proxied: FlaskClient, address: str) -> None:
    answer = proxied.get("/sign-in", headers=FORWARDED, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("address", [STRANGER, "fd00:0:0:1::7", "10.0.0.6"])
def test_who_only_says_that_a_proxy_sent_them_is_refused(proxied: FlaskClient, address: str) -> None:
    answer = proxied.get("/sign-in", headers=FORWARDED, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 403
    assert "Strict-Transport-Security" not in answer.headers


def test_nobody_poses_as_this_machine_through_the_proxy(proxied: FlaskClient) -> None:
    """The proxy adds whom it answers to what it was told: only the last one counts."""
    forged = {**FORWARDED, "X-Forwarded-For": "127.0.0.1, 203.0.113.9", "X-Forwarded-Proto": "http"}
    answer = proxied.get("/sign-in", headers=forged, environ_base={"REMOTE_ADDR": PROXY})
    assert answer.status_code == 403


def test_a_signature_may_be_large_and_nothing_else(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    large = {"strokes": "x" * 700_000, "way": "drawn"}
    form = "/tablet/form/emergency_contact"
    assert browsers["client"].post(f"{form}/sign", data=large).status_code in (303, 422)
    for address in ("/tablet/code", f"{form}/page/who"):
        assert browsers["client"].post(address, data={"code": "x" * 101_000}).status_code == 413
    for address in ("help", "again", "language", "form/emergency_contact/skip", "stop"):
        sent = browsers["client"].post(f"/tablet/{address}", data={**large, "_at": f"{form}/sign"})
        assert sent.status_code in (200, 303), f"{address} takes what was drawn along"
    many = {f"field{number}": (None, "x") for number in range(201)}
    sent = browsers["client"].post(
        "/tablet/code", data=dict.fromkeys(many, "x"), content_type="multipart/form-data"
    )
    assert sent.status_code == 413
