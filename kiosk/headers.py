"""The headers that every answer has, by what it is: a page, a PDF, a file."""

from flask import Response, request
from werkzeug.exceptions import SecurityError

from kiosk import htmx

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
# `default-src 'none'` leaves the browser's own PDF viewer blank.
PDF_POLICY = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Pictures, downloads, plain words: opened by themselves they load nothing and run nothing.
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

NO_FEATURES = (
    "accelerometer", "autoplay",
    "browsing-topics", "camera", "clipboard-read", "clipboard-write", "compute-pressure", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid",
    "identity-credentials-get", "idle-detection", "keyboard-map", "local-fonts", "magnetometer",
    "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial",
    "speaker-selection", "storage-access", "sync-xhr", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it Chromium says `Origin: null` for a form that is sent without script.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in NO_FEATURES),
    "X-Robots-Tag": "noindex",
}
POLICIES = {"text/html": PAGE_POLICY, "application/pdf": PDF_POLICY}
# A redirect and a fragment are never opened as a document, and a tablet's step is two answers: they are
# sent without what only a document heeds (if one were opened all the same, it would run nothing).
FOR_DOCUMENTS = ("Permissions-Policy", "Origin-Agent-Cluster")
# Not for PDFs: the browser's own viewer is made of parts that do not say it.
PAGE_HEADERS = {"Cross-Origin-Embedder-Policy": "require-corp"}
HSTS = "max-age=31536000"
KEPT = ("static", "fonts.font", "door.logo", "door.colours")  # what browsers may keep: it is about nobody


def add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Security-Policy"] = POLICIES.get(response.mimetype or "", FILE_POLICY)
    if response.location or htmx.wants_fragment():
        response.headers["Content-Security-Policy"] = FILE_POLICY
        for name in FOR_DOCUMENTS:
            del response.headers[name]
    elif response.mimetype == "text/html":
        response.headers.update(PAGE_HEADERS)
    if request.endpoint not in KEPT or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure and not _is_localhost():
        response.headers["Strict-Transport-Security"] = HSTS
    return response


def _is_localhost() -> bool:
    """Other programs of this machine answer there too, by http."""
    try:
        return request.host.partition(":")[0] == "localhost"
    except SecurityError:
        return False
