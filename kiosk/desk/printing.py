"""PDFs to open and to print: signed records, and forms on paper. Their file names say nothing."""

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import copies, endings, paper, records
from kiosk.desk import blueprint
from kiosk.desk.day import about
from kiosk.errors import Invalid


def pdf(data: bytes, name: str) -> Response:
    """A PDF that opens in its own tab; whoever saves it gets a neutral name."""
    response = Response(data, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


@blueprint.get("/records/<record_id>.pdf")
@access.for_staff(Purpose.OPEN_RECORD)
def record(record_id: str) -> Response:
    return pdf(records.pdf(access.current_staff(), record_id), "record.pdf")


@blueprint.post("/records/<record_id>/take-back")
@access.for_staff(Purpose.WITHDRAW)
def withdraw(record_id: str) -> Response:
    question, said = request.form.get("question", ""), request.form.get("said", "in_person")
    endings.withdraw(access.current_staff(), record_id, question, said)
    return htmx.redirect("desk.visit", visit_id=request.form.get("visit", "none"))


@blueprint.post("/visits/<visit_id>/print-records")
@access.for_staff(Purpose.PRINT_RECORD)
def print_records(visit_id: str) -> Response:
    """All that may be printed; what is not for the desk's eyes only where the client asks for a copy."""
    asked = request.form.get("asked") == "yes"
    return pdf(records.print_all(access.current_staff(), visit_id, client_asks=asked), "record.pdf")


@blueprint.post("/visits/<visit_id>/copy")
@access.for_staff(Purpose.SEND_COPY)
def copy(visit_id: str) -> Response:
    """An encrypted file to attach in the practice's own mail program; the word is kept nowhere."""
    word, asked = request.form.get("word", ""), request.form.get("asked") == "yes"
    try:
        made = copies.encrypted(access.current_staff(), visit_id, word, client_asks=asked)
    except Invalid as wrong:
        return htmx.render("desk/visit.html", status=422, wrong=wrong.problems, **about(visit_id))
    response = pdf(made, "document.pdf")
    response.headers.set("Content-Disposition", "attachment", filename="document.pdf")
    return response


@blueprint.post("/visits/<visit_id>/print-sheets")
@access.for_staff(Purpose.PRINT_SHEET)
def print_sheets(visit_id: str) -> Response:
    try:
        made = paper.print_sheets(access.current_staff(), visit_id, request.form.getlist("forms"))
    except Invalid as wrong:
        return htmx.render("desk/visit.html", status=422, wrong=wrong.problems, **about(visit_id))
    return pdf(made, "sheets.pdf")
