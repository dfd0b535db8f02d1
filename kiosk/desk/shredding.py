"""Shredding: what may go, a batch that is counted, its certificate."""

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import shredding
from kiosk.desk import blueprint
from kiosk.desk.printing import pdf
from kiosk.errors import Invalid


@blueprint.get("/shred")
@access.for_staff(Purpose.SHRED)
def shred() -> Response:
    return htmx.render("desk/shred.html", piles=shredding.piles(access.current_staff()))


@blueprint.post("/shred/batches")
@access.for_staff(Purpose.SHRED)
def make_batch() -> Response:
    by = access.current_staff()
    try:
        return htmx.redirect("desk.batch", batch_id=shredding.make_batch(by))
    except Invalid as wrong:
        said = tuple(wrong.problems.values())
        return htmx.render("desk/shred.html", status=422, piles=shredding.piles(by), wrong=said)


@blueprint.post("/shred/sheets/<sheet_id>/release")
@access.for_staff(Purpose.SHRED)
def release(sheet_id: str) -> Response:
    shredding.release(access.current_staff(), sheet_id)
    return htmx.redirect("desk.shred")


@blueprint.get("/shred/batches/<batch_id>")
@access.for_staff(Purpose.SHRED)
def batch(batch_id: str) -> Response:
    view = shredding.batch(access.current_staff(), batch_id)
    return htmx.render("desk/batch.html", view=view, typed=request.form, wrong={})


@blueprint.post("/shred/batches/<batch_id>")
@access.for_staff(Purpose.SHRED)
def record_shredding(batch_id: str) -> Response:
    by = access.current_staff()
    try:
        shredding.record(by, batch_id, request.form)
    except Invalid as wrong:
        view = shredding.batch(by, batch_id)
        return htmx.render("desk/batch.html", status=422, view=view, typed=request.form, wrong=wrong.problems)
    return htmx.redirect("desk.batch", batch_id=batch_id)


@blueprint.get("/shred/batches/<batch_id>/certificate.pdf")
@access.for_staff(Purpose.SHRED)
def certificate(batch_id: str) -> Response:
    return pdf(shredding.certificate(access.current_staff(), batch_id), "certificate.pdf")
