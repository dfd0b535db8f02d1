"""What is kept, and how: tables, keys, encryption, audit, backup."""

from kiosk.vault.cipher import Field
from kiosk.vault.keys import KeyCosts
from kiosk.vault.sealed_columns import OFFICE
from kiosk.vault.store import Store, Vault, new_id

__all__ = ["OFFICE", "Field", "KeyCosts", "Store", "Vault", "new_id"]
