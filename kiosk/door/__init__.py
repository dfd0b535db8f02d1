"""The way in: signing in and what one signs in with, unlocking the practice, pairing a tablet."""

from flask import Blueprint

blueprint = Blueprint("door", __name__, template_folder="templates")

from kiosk.door import look, own, routes, signing_in  # noqa: E402, F401  # add their routes to the blueprint
