"""Tablets: paired with a code that is shown once, and revoked."""

from typing import Any

from flask import Response, request

from kiosk import access, htmx
from kiosk.access import Purpose
from kiosk.actions import handing, own_access
from kiosk.desk import blueprint
from kiosk.errors import Invalid, NotFound


def about(**more: Any) -> dict[str, Any]:
    """The paired tablets, what was typed, what is wrong with it, and a code that was just made.

    `awaited` is the id of the tablet that will give the code; `paired` the name of the one that just has.
    """
    shown: dict[str, Any] = {
        "tablets": access.paired_tablets(access.current_staff()),
        "addresses": access.addresses_for_tablets(),
        "certificate": access.current_certificate(),
        "typed": request.form,
        "wrong": {},
    }
    return {**shown, **more}


@blueprint.get("/tablets")
@access.for_staff(Purpose.PAIR_TABLET)
def tablets() -> Response:
    return htmx.render("desk/tablets.html", **about())


@blueprint.post("/tablets")
@access.for_staff(Purpose.PAIR_TABLET)
def pair_tablet() -> Response:
    by = access.current_staff()
    try:
        code = access.make_pairing(by, request.form.get("tablet_name", ""))
    except Invalid as wrong:
        return htmx.render("desk/tablets.html", status=422, **about(wrong=wrong.problems))
    awaited, seconds = access.tablet_to_be(by, code), by.practice.settings.pairing_seconds
    return htmx.render("desk/tablets.html", **about(code=code, awaited=awaited, seconds=seconds))


@blueprint.get("/tablets/<tablet_id>/paired")
@access.for_staff(Purpose.PAIR_TABLET)
def await_tablet(tablet_id: str) -> Response:
    """Asked again and again while a code is shown; nothing is swapped until its tablet is there."""
    shown = about()
    for tablet in shown["tablets"]:
        if tablet.id == tablet_id:
            return htmx.render("desk/tablets.html", **shown, paired=tablet.name)
    return Response(status=204)


@blueprint.get("/tablets/address.png")
@access.for_staff(Purpose.PAIR_TABLET)
def address_picture() -> Response:
    """The address as a square code, for the camera of the tablet that is to be paired."""
    addresses = access.addresses_for_tablets()
    if not addresses:
        raise NotFound()
    return Response(own_access.picture(addresses[0]), mimetype="image/png")


@blueprint.post("/tablets/<tablet_id>/revoke")
@access.for_staff(Purpose.PAIR_TABLET)
def revoke(tablet_id: str) -> Response:
    handing.revoke(access.current_staff(), tablet_id)
    return htmx.redirect("desk.tablets")
