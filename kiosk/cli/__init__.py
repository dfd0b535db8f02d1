"""The command line: each command asks one function, prints what it says, and fails with one clear line."""

from kiosk.cli.commands import main

__all__ = ["main"]
