"""The scan inbox: files come in, are seen being read, and a person decides where reading cannot."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from kiosk import access, htmx
from kiosk.access import Actor, Purpose
from kiosk.actions import confirming, paper, scan_inbox, visits
from kiosk.desk import blueprint
from kiosk.errors import Invalid

MOST_AT_ONCE = 4  # times what one file may have
MEGABYTE = 1_000_000

NO_FILE = "Choose a file first, or drop one on the field."


def receive(by: Actor, files: Sequence[FileStorage]) -> tuple[str, ...]:
    """Each file by itself, so that a bad one stops no other; problems name a file by its number only."""
    given = [file for file in files if file.filename]
    problems = [] if given else [NO_FILE]
    for number, file in enumerate(given, 1):
        try:
            paper.receive(by, file.read())
        except Invalid as wrong:
            prefix = f"File {number}: " if len(given) > 1 else ""
            problems.append(prefix + " ".join(wrong.problems.values()))
    return tuple(problems)


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Scans are larger than any other form; only who may scan may send that much. Runs before all is read."""
    if endpoint == "desk.upload":
        by = access.current_staff()
        access.allow(by, Purpose.SCAN)
        request.max_content_length = MOST_AT_ONCE * by.practice.settings.max_upload_mb * MEGABYTE


@blueprint.get("/scans")
@access.for_staff(Purpose.SCAN)
def scans() -> Response:
    return htmx.render("desk/scans.html", inbox=scan_inbox.view(access.current_staff()))


@blueprint.get("/scans/list")
@access.for_staff(Purpose.SCAN)
def scan_list() -> Response:
    """The list alone, asked for each second while files are being read."""
    return htmx.render("desk/scan_list.html", inbox=scan_inbox.view(access.current_staff()))


@blueprint.post("/scans")
@access.for_staff(Purpose.SCAN)
def upload() -> Response:
    by = access.current_staff()
    if problems := receive(by, request.files.getlist("files")):
        return htmx.render("desk/scans.html", status=422, inbox=scan_inbox.view(by), wrong=problems)
    return htmx.redirect("desk.scans")


@blueprint.get("/pages/<page_id>.png")
@access.for_staff(Purpose.CONFIRM)
def page_image(page_id: str) -> Response:
    return Response(confirming.page_png(access.current_staff(), page_id), mimetype="image/png")


@blueprint.post("/pages/<page_id>/decide")
@access.for_staff(Purpose.SCAN)
def decide(page_id: str) -> Response:
    decision, client_id = request.form.get("decision", ""), request.form.get("client_id")
    try:
        paper.decide(access.current_staff(), page_id, decision, client_id)
    except Invalid as wrong:
        said = tuple(wrong.problems.values())
        return htmx.render("desk/file_page.html", status=422, page_id=page_id, typed=request.form, wrong=said)
    return htmx.redirect("desk.scans")


@blueprint.get("/pages/<page_id>/file")
@access.for_staff(Purpose.SCAN)
def file_page(page_id: str) -> Response:
    """Where a page goes that cannot be read: to somebody, found by a person who looks at it."""
    paper.must_wait(access.current_staff(), page_id)
    return htmx.render("desk/file_page.html", page_id=page_id, typed=request.form)


@blueprint.post("/pages/<page_id>/file")
@access.for_staff(Purpose.SCAN)
def find_owner(page_id: str) -> Response:
    paper.must_wait(access.current_staff(), page_id)
    found = visits.find_clients(access.current_staff(), request.form.get("search", ""))
    return htmx.render("desk/file_page.html", page_id=page_id, typed=request.form, found=found)
