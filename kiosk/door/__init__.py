"""The way in: signing in, unlocking the practice, pairing a tablet; and an emergency."""

from flask import Blueprint

blueprint = Blueprint("door", __name__, template_folder="templates")

from kiosk.door import emergency, routes  # noqa: E402, F401  # add their routes to the blueprint
