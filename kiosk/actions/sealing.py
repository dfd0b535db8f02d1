"""The practice's own seal: made once, kept encrypted, put on records and certificates."""

from kiosk.access import Desk
from kiosk.vault import OFFICE, Field
from kiosk.vault.tables import OfficeItem
from pdf.seal import SealKey, new_seal_key

PRIVATE_KEY, CERTIFICATE = "seal_private_key", "seal_certificate"


def make_seal_key(desk: Desk) -> None:
    """Make the practice's key and certificate, at its foundation."""
    key = new_seal_key(desk.practice.settings.practice_name, desk.now)
    for name, value in ((PRIVATE_KEY, key.private_key_pem), (CERTIFICATE, key.certificate_pem)):
        desk.session.add(
            OfficeItem(name=name, value_sealed=desk.seal(OFFICE, Field.OFFICE_ITEM, name, value))
        )


def seal_key(desk: Desk) -> SealKey:
    return SealKey(_item(desk, PRIVATE_KEY), _item(desk, CERTIFICATE))


def certificate_pem(desk: Desk) -> bytes:
    """What the practice's seals are checked against."""
    return _item(desk, CERTIFICATE)


def _item(desk: Desk, name: str) -> bytes:
    sealed = desk.session.get_one(OfficeItem, name).value_sealed
    return desk.open(OFFICE, Field.OFFICE_ITEM, name, sealed)
