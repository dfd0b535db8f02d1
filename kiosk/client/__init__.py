"""The tablet's screens: checking in, answering, reading, signing, leaving."""

from flask import Blueprint

blueprint = Blueprint("client", __name__, url_prefix="/tablet", template_folder="templates")

# Each adds its own routes to the blueprint.
from kiosk.client import again, check_in, language, leaving, pages  # noqa: E402, F401
