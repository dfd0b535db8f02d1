"""The front desk's screens: the day, printing, scans, confirming, shredding, tablets."""

from typing import Any

from flask import Blueprint

from kiosk import access
from kiosk.access import Purpose
from kiosk.actions import visits
from kiosk.errors import KioskError

blueprint = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")


@blueprint.context_processor
def what_waits() -> dict[str, Any]:
    """How much waits in each room, for who sees the day; nothing on a page that says who may not come in."""
    try:
        by = access.current_staff()
        return {"counts": visits.counts(by)} if access.may(by.roles, by.kind, Purpose.SEE_TODAY) else {}
    except KioskError:
        return {}


from kiosk.desk import (  # noqa: E402
    adding,  # noqa: F401  # routes
    closing,  # noqa: F401
    confirming,  # noqa: F401
    day,  # noqa: F401
    printing,  # noqa: F401
    reaching,  # noqa: F401
    scans,  # noqa: F401
    shredding,  # noqa: F401
    tablets,  # noqa: F401
)
