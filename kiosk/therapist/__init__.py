"""The therapist's screens: the day, the consent card, and whether somebody may be told."""

from flask import Blueprint

blueprint = Blueprint("therapist", __name__, url_prefix="/therapist", template_folder="templates")

from kiosk.therapist import card  # noqa: E402, F401  # routes
