"""The front desk's screens: the day, printing, scans, confirming, shredding, tablets."""

from typing import Any

from flask import Blueprint

from kiosk import access
from kiosk.actions import visits
from kiosk.errors import KioskError

blueprint = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")


@blueprint.context_processor
def what_waits() -> dict[str, Any]:
    """How much waits in each room, for the side bar; nothing on a page that says who may not come in."""
    try:
        return {"counts": visits.counts(access.current_staff())}
    except KioskError:
        return {}


from kiosk.desk import adding, confirming, day, printing, scans, shredding, tablets  # noqa: E402, F401  # routes
