"""A colour as a practice writes it, and whether everybody can read what stands in it."""

import re

LEAST_CONTRAST = 7.0  # WCAG 2.2, AAA, for text of any size
TINT = 0.12  # how much of the colour is in its palest shade, on which it must still be read

Rgb = tuple[int, int, int]


def read(written: str) -> Rgb | None:
    """`#0f4b49`; None for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", written):
        return None
    return int(written[1:3], 16), int(written[3:5], 16), int(written[5:7], 16)


def tint(colour: Rgb) -> Rgb:
    red, green, blue = (round(255 - TINT * (255 - part)) for part in colour)
    return red, green, blue


def written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 for the same to 21 for black on white, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (p / 255 for p in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def least_contrast(colour: Rgb) -> float:
    """Where it is hardest to read: on its own palest shade."""
    return contrast(colour, tint(colour))
