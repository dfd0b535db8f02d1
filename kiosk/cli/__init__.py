"""The command line: each command asks one function, prints what it says, and fails with one clear line."""

from kiosk.cli.commands import main

# Adds its own commands to the others.
from kiosk.cli import archives, audit, backups, clock, forms, keys, serving, staff  # noqa: F401  # isort: skip

__all__ = ["main"]
