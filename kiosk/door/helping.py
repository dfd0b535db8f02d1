"""How a tablet is set up, with pictures, and the certificate that it has to trust: open to all."""

from flask import Response

from kiosk import access, htmx
from kiosk.door import blueprint
from kiosk.errors import NotFound


@blueprint.get("/tablets/help")
@access.open_to_all
def help_with_tablets() -> Response:
    return htmx.render("door/help.html", certificate=access.current_certificate())


@blueprint.get("/tablets/kiosk-ca.crt")
@access.open_to_all
def authority() -> Response:
    """The practice's certificate authority, as devices take it in. Raises NotFound where it has none.

    It comes over a connection that is not trusted yet: what tells a forged one is its fingerprint, which
    the desk's page shows.
    """
    certificate = access.current_certificate()
    if certificate is None:
        raise NotFound()
    response = Response(certificate.authority_der, mimetype="application/x-x509-ca-cert")
    response.headers["Content-Disposition"] = 'attachment; filename="kiosk-ca.crt"'
    return response
