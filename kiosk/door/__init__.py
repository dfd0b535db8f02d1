"""The way in: signing in, unlocking the practice, pairing a tablet."""

from flask import Blueprint

blueprint = Blueprint("door", __name__, template_folder="templates")

from kiosk.door import founding, routes  # noqa: E402, F401  # adds its routes to the blueprint
