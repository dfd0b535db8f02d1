"""The web application: what it is made of."""

import secrets
import tempfile
from pathlib import Path

from flask import Blueprint, Flask, send_from_directory
from flask_wtf.csrf import CSRFProtect

import pdf
from kiosk import access, client, compression, desk, door, headers, htmx, office, therapist, web
from kiosk.access import Practice
from kiosk.actions.founding import FirstStart
from kiosk.actions.practice import now, open_practice
from kiosk.vault import tls
from kiosk.vault.keyring import KeyLink, KeyRing
from kiosk.vault.serving import Serving, stop_when_orphaned
from kiosk.vault.tls import ServerCertificate

csrf = CSRFProtect()


def create_app(practice: Practice, certificate: ServerCertificate | None = None) -> Flask:
    """The application of one practice, served with a certificate or without.

    Raises RuntimeError for a route that no policy names.
    """
    app = Flask(
        __name__, instance_path=str(practice.settings.instance.resolve()), template_folder="templates"
    )
    app.extensions.update(practice=practice, certificate=certificate)
    app.request_class = web.InMemoryRequest
    app.config.update(web.config(practice.settings, certificate))
    web.trust_proxy(app, practice.settings)
    web.speak_languages(app)
    web.log_by_ids(app)
    app.before_request(client.language.choose)
    app.before_request(web.limit_forms)
    compression.send_static_files_small(app)
    csrf.init_app(app)
    htmx.htmx.init_app(app)

    app.before_request(web.refuse_other_machines)
    app.before_request(web.refuse_other_sites)
    app.before_request(access.guard)
    app.after_request(headers.add)
    web.handle_errors(app)

    app.register_blueprint(fonts())
    for room in (door, client, desk, therapist, office):
        app.register_blueprint(room.blueprint)
    app.context_processor(web.for_every_template)
    access.open_to_all(app.view_functions["static"])
    access.refuse_undeclared(app)
    return app


def create_first_start(start: FirstStart, then: str) -> Flask:
    """The pages that make a practice, where none is yet: for this machine, and who knows its word."""
    app = Flask(__name__, instance_path=tempfile.gettempdir(), template_folder="templates")
    app.extensions.update(first_start=start, then=then)
    app.config.update(web.limits(secrets.token_bytes(32), secure=False))
    web.speak_languages(app)
    web.log_by_ids(app)
    app.before_request(web.limit_forms)
    csrf.init_app(app)

    app.before_request(web.refuse_other_machines)
    app.before_request(web.refuse_other_sites)
    app.after_request(headers.add)
    web.handle_errors(app)

    app.register_blueprint(fonts())
    app.register_blueprint(door.founding.blueprint)
    return app


def fonts() -> Blueprint:
    """The fonts of the paper are the fonts of the screens: one copy of each."""
    blueprint = Blueprint("fonts", __name__, url_prefix="/fonts")
    folder = Path(next(iter(pdf.__path__))) / "fonts"

    @blueprint.get("/<name>")
    @access.open_to_all
    def font(name: str):  # type: ignore[no-untyped-def]
        return send_from_directory(folder, name, max_age=web.STATIC_SECONDS)

    return blueprint


def first_start() -> Flask:
    """What the web server runs where no practice is yet; the supervisor is told the key of what is made."""
    serving = Serving.from_environment()
    stop_when_orphaned()
    ring = KeyRing()
    KeyLink(serving.address, serving.authkey, ring).start()
    return create_first_start(FirstStart(serving.instance, serving.word, now, ring.set), serving.then)


def served() -> Flask:
    """What the web server runs: told by the supervisor whose practice it is, and given the key by it."""
    serving = Serving.from_environment()
    stop_when_orphaned()
    practice = open_practice(serving.instance, now)
    KeyLink(serving.address, serving.authkey, practice.vault.keyring).start()
    return create_app(practice, tls.read(serving.instance) if serving.tls else None)
