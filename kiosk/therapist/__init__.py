"""The therapist's screens: the day, the consent card, whether somebody may be told, and others' clients."""

from flask import Blueprint

blueprint = Blueprint("therapist", __name__, url_prefix="/therapist", template_folder="templates")

from kiosk.therapist import card, may_tell, others  # noqa: E402, F401  # routes
