"""Paper comes back: printed, marked with a pen, scanned, confirmed by a person, shredded, certified."""

import io
import re
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import clearing, reading_scans
from kiosk.actions import practice as founding
from kiosk.vault import tables
from tests.desk.on_paper import MARKED, SIGNED_ON, TYPED, came_back, labels, print_sheet
from tests.pen import as_pdf

ROSE = "Rose Nyberg"


def upload(dorothy: Any, data: bytes, status: int = 303) -> None:
    dorothy.opens("/desk/scans")
    dorothy.presses("/desk/scans", status=status, files=(io.BytesIO(data), "whatever Rose Nyberg.pdf"))


def answer_for(question: str, part: str) -> str:
    return {**TYPED, **SIGNED_ON}.get(f"{question}-{part}" if part else question, "")


def confirm_all(practice: Practice, dorothy: Any, sheet: str) -> None:
    about = labels(practice, sheet)
    for _ in range(2 * len(about)):
        if 'data-test="finish"' in dorothy.html:
            return
        now = re.search(r'data-test="value-([^"]+)" data-state="now"', dorothy.html)
        assert now
        question, part = about[now[1]]
        if 'data-test="typed-value"' in dorothy.html:
            dorothy.presses(f"/desk/readings/{now[1]}/confirm", sheet=sheet, value=answer_for(question, part))
        else:
            seen = MARKED.get(question, "signed")
            dorothy.presses(f"/desk/readings/{now[1]}/say", sheet=sheet, seen=seen)
    pytest.fail("the sheet does not come to its end")


@pytest.fixture
def waiting(practice: Practice, dorothy: Any, booked: Mapping[str, str]) -> str:
    """A sheet that came back and waits for a person."""
    upload(dorothy, came_back(practice, print_sheet(dorothy, booked[ROSE])))
    assert 'hx-trigger="every 1s"' in dorothy.html
    assert reading_scans.read_next(founding.system(practice))
    dorothy.opens("/desk/scans/list", headers={"HX-Request-Type": "partial"})
    assert "every 1s" not in dorothy.html
    assert "Nyberg" not in dorothy.html
    dorothy.opens("/desk/confirm")
    sheet = re.search(r'data-test="sheet-([^"]+)"', dorothy.html)
    assert sheet
    dorothy.opens(f"/desk/confirm/{sheet[1]}")
    return sheet[1]


def test_the_person_says_what_they_see_before_the_proposal_shows(
    practice: Practice, dorothy: Any, waiting: str
) -> None:
    call = next(r for r, about in labels(practice, waiting).items() if about[0] == "may_call_emergency")
    dorothy.opens(f"/desk/confirm/{waiting}?value={call}")
    assert "It was read as" not in dorothy.html
    assert re.search(r'<rect x="[\d.]+%" y="[\d.]+%" width="[\d.]+%" height="[\d.]+%"', dorothy.html)
    assert dorothy.opens(f"/desk/readings/{call}.png").mimetype == "image/png"
    assert {"A", "D", "U"} <= set(re.findall(r'data-key="(\w)"', dorothy.html))
    dorothy.presses(f"/desk/readings/{call}/say", sheet=waiting, seen="refuse")
    assert "It was read as" in dorothy.html
    assert re.search(r"<dt>You saw</dt><dd>Do not allow</dd>", dorothy.html)
    dorothy.presses(f"/desk/readings/{call}/say", sheet=waiting, seen="allow")
    assert "It was read as" not in dorothy.html
    dorothy.presses(f"/desk/confirm/{waiting}/undo")
    assert f'data-test="value-{call}" data-state="confirmed"' not in dorothy.html


def test_nothing_chosen_is_asked_again(practice: Practice, dorothy: Any, waiting: str) -> None:
    call = next(r for r, about in labels(practice, waiting).items() if about[0] == "may_call_emergency")
    dorothy.presses(f"/desk/readings/{call}/say", status=422, sheet=waiting)
    assert 'data-test="problems"' in dorothy.html


def test_a_page_that_does_not_belong_here_goes_back(dorothy: Any, waiting: str) -> None:
    dorothy.presses(f"/desk/confirm/{waiting}/give-back")
    assert "Nothing waits" in dorothy.html


def test_from_the_scanner_to_the_certificate(
    practice: Practice, dorothy: Any, waiting: str, booked: Mapping[str, str]
) -> None:
    confirm_all(practice, dorothy, waiting)
    assert "Kirsten Nyberg" in dorothy.html  # all that will be kept is shown once more
    dorothy.presses(f"/desk/confirm/{waiting}/finish")
    assert "Kept." in dorothy.html

    dorothy.opens(f"/desk/visits/{booked[ROSE]}")
    record = re.search(r'data-test="open-record-([^"]+)"', dorothy.html)
    assert record
    answer = dorothy.opens(f"/desk/records/{record[1]}.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == "inline; filename=record.pdf"
    assert dorothy.presses(f"/desk/visits/{booked[ROSE]}/print-records", status=200).data.startswith(b"%PDF")

    dorothy.opens("/desk/shred")
    assert f'data-test="keep-{waiting}"' in dorothy.html
    while clearing.look_after(founding.system(practice)):
        pass
    dorothy.opens("/desk/shred")
    assert f'data-test="cleared-{waiting}"' in dorothy.html
    dorothy.presses("/desk/shred/batches")
    batch = re.search(r'action="(/desk/shred/batches/[^"]+)"', dorothy.html)
    assert batch
    with access.transaction(founding.system(practice)) as desk:
        pages = desk.session.scalars(select(tables.Sheet.pages)).one()
    how = {"method": "on_site", "level": "P-5", "machine": "HSM", "witness": ""}
    dorothy.presses(batch[1], status=422, counted="many", **how)
    dorothy.presses(batch[1], counted=str(pages), **how)
    certificate = dorothy.opens(f"{batch[1]}/certificate.pdf")
    assert certificate.data.startswith(b"%PDF")
    assert certificate.headers["Content-Disposition"] == "inline; filename=certificate.pdf"

    dorothy.opens(f"/desk/visits/{booked[ROSE]}")
    dorothy.presses(f"/desk/records/{record[1]}/take-back", visit=booked[ROSE])
    assert "taken back 23 November 2026" in dorothy.html


def test_a_wrong_count_shreds_nothing(practice: Practice, dorothy: Any, waiting: str) -> None:
    confirm_all(practice, dorothy, waiting)
    dorothy.presses(f"/desk/confirm/{waiting}/finish")
    while clearing.look_after(founding.system(practice)):
        pass
    dorothy.opens("/desk/shred")
    dorothy.presses("/desk/shred/batches")
    batch = re.search(r'action="(/desk/shred/batches/[^"]+)"', dorothy.html)
    assert batch
    counted = {"counted": "99", "method": "on_site", "level": "P-5", "machine": "", "witness": ""}
    dorothy.presses(batch[1], status=422, **counted)
    assert "Count again" in dorothy.html
    dorothy.presses(batch[1], status=422, **counted)
    assert "On hold: shred nothing" in dorothy.html
    dorothy.opens(f"{batch[1]}/certificate.pdf", status=404)
    dorothy.opens("/desk/shred")
    dorothy.presses(f"/desk/shred/sheets/{waiting}/release")
    assert "End the hold" not in dorothy.html


def test_an_empty_batch_says_so(dorothy: Any) -> None:
    dorothy.presses("/desk/shred/batches", status=422)
    assert "Nothing is cleared for shredding yet" in dorothy.html


def test_bad_files_are_named_by_number_and_stop_no_other(dorothy: Any) -> None:
    dorothy.opens("/desk/scans")
    dorothy.presses("/desk/scans", status=422)
    assert "Choose a file first" in dorothy.html
    files = [(io.BytesIO(b""), "Rose Nyberg.pdf"), (io.BytesIO(b"no scan at all"), "b.pdf")]
    dorothy.presses("/desk/scans", status=422, files=files)
    assert "File 1: This file is empty" in dorothy.html
    assert "Nyberg" not in dorothy.html
    assert dorothy.html.count('data-test="scan-') == 1


def test_a_page_that_cannot_be_read_is_filed_by_hand(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    photo = Image.new("L", (850, 1100), 255)
    for n in range(40):
        ImageDraw.Draw(photo).rectangle((80, 60 + 25 * n, 700, 70 + 25 * n), fill=60)
    upload(dorothy, as_pdf([photo, photo.rotate(4, fillcolor=255)], dpi=100))
    assert reading_scans.read_next(founding.system(practice))
    dorothy.opens("/desk/scans")
    first, second = re.findall(r'data-test="problem-([^"]+)"', dorothy.html)
    assert dorothy.opens(f"/desk/pages/{first}.png").mimetype == "image/png"
    dorothy.opens(f"/desk/pages/{first}/file")
    dorothy.presses(f"/desk/pages/{first}/file", status=200, search="rose")
    client = re.search(r'name="client_id" value="([^"]+)"', dorothy.html)
    assert client
    dorothy.presses(f"/desk/pages/{first}/decide", status=422, decision="file")
    dorothy.presses(f"/desk/pages/{first}/decide", decision="file", client_id=client[1])
    dorothy.presses(f"/desk/pages/{second}/decide", decision="rescan")
    assert 'data-test="problem-' not in dorothy.html


def test_printing_nothing_is_a_problem_in_words(dorothy: Any, booked: Mapping[str, str]) -> None:
    dorothy.opens(f"/desk/visits/{booked[ROSE]}")
    dorothy.presses(f"/desk/visits/{booked[ROSE]}/print-sheets", status=422)
    assert "Choose at least one form to print" in dorothy.html


def test_a_large_scan_is_taken_and_a_far_too_large_one_is_refused_in_words(dorothy: Any) -> None:
    upload(dorothy, b"x" * 3_000_000)
    assert dorothy.html.count('data-test="scan-') == 1
    upload(dorothy, b"x" * 26_000_000, status=422)
    assert "This file is larger than 25 MB" in dorothy.html
    upload(dorothy, b"x" * 101_000_000, status=413)


def test_only_who_may_scan_may_send_that_much(dorothy: Any, signs_in: Any) -> None:
    sophia = signs_in("sophia")
    sophia.opens("/therapist/")
    sophia.presses("/desk/scans", status=403, files=(io.BytesIO(b"x" * 3_000_000), "a.pdf"))
