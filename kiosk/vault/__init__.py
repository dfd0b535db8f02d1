"""What is kept, and how: tables, keys, encryption, audit, backup."""

from kiosk.vault.cipher import Field
from kiosk.vault.keys import KeyCosts
from kiosk.vault.store import OFFICE, Store, Vault, new_id

__all__ = ["OFFICE", "Field", "KeyCosts", "Store", "Vault", "new_id"]
