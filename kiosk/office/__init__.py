"""The owner's screens: how the practice is doing, its people, its backups, its trail."""

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office", template_folder="templates")

from kiosk.office import (  # noqa: E402
    archives,  # noqa: F401  # routes
    backups,  # noqa: F401
    declared,  # noqa: F401
    erasing,  # noqa: F401
    first_steps,  # noqa: F401
    overview,  # noqa: F401
    people,  # noqa: F401
    trail,  # noqa: F401
)
