"""The owner's screens."""
