"""The way in: signing in and what one signs in with, unlocking, pairing a tablet; and an emergency."""

from flask import Blueprint

blueprint = Blueprint("door", __name__, template_folder="templates")

from kiosk.door import emergency, founding, helping, look, own, routes, signing_in  # noqa: E402, F401
