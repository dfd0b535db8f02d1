"""A practice's settings: read once, typed, frozen; a wrong one is named and nothing starts with it."""

import tomllib
from dataclasses import dataclass, fields
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from kiosk import colour
from kiosk.errors import SettingsError

VERSION = version("intake-kiosk")
FILE = "practice.toml"

CHOICES = {
    "paper_size": ("letter", "a4"),
    "shred_level": ("simple",),
    "second_factor": ("required", "optional"),
    "hipaa_status": ("covered", "business_associate", "not_covered", "unknown"),
}
LEAST = {
    "cooling_days": 0,
    "idle_ask_seconds": 120,
    "idle_clear_seconds": 180,
    "staff_idle_minutes": 1,
    "max_upload_mb": 1,
    "draft_days": 1,
    "pairing_seconds": 30,
    "age_of_majority": 14,
    "keep_years": 1,
    "backup_hours": 1,
    "backup_at_most_days": 1,
    "key_backup_days": 7,
}
MOST_PAIRING_SECONDS = 600  # but for the sample practice, whose printed link lives an hour


@dataclass(frozen=True)
class Settings:
    """Every key of practice.toml, as docs/settings.md explains them. `instance` is where it lies."""

    instance: Path
    practice_name: str
    time_zone: str
    logo: str = ""
    colour: str = ""
    languages: tuple[str, ...] = ("en", "es")
    paper_size: str = "letter"
    cooling_days: int = 7
    shred_level: str = "simple"
    idle_ask_seconds: int = 240
    idle_clear_seconds: int = 300
    draft_days: int = 7
    staff_idle_minutes: int = 10
    second_factor: str = "required"
    pairing_seconds: int = 120
    nicknames: bool = True
    max_upload_mb: int = 25
    hipaa_status: str = "unknown"
    age_of_majority: int = 18
    keep_years: int = 7
    erasure_four_eyes: bool = True
    backup_hours: int = 24
    backup_at_most_days: int = 7
    key_backup_days: int = 35
    forms_also: tuple[str, ...] = ()
    forms_left_out: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    proxy_addresses: tuple[str, ...] = ("127.0.0.0/8", "::1")
    demo: bool = False

    @classmethod
    def load(cls, instance: Path) -> Self:
        """Raises SettingsError, naming the key and what it should be."""
        path = instance / FILE
        try:
            plain = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SettingsError(
                f"There is no practice in {instance}.", "Make one with `kiosk init`, or name its folder."
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{FILE} cannot be read: {error}.", "Correct the file.") from None
        known = {field.name: field for field in fields(cls) if field.name != "instance"}
        for key in plain:
            if key not in known:
                raise _wrong(key, "is not known")
        for key in ("practice_name", "time_zone"):
            if key not in plain:
                raise _wrong(key, "is missing")
        given = {key: _typed(key, known[key].type, value) for key, value in plain.items()}
        settings = cls(instance=instance, **given)
        _check(settings)
        return settings


def _wrong(key: str, reason: str) -> SettingsError:
    return SettingsError(f"{FILE}: {key} {reason}.", "docs/settings.md lists every setting.")


def _typed(key: str, kind: Any, value: Any) -> Any:
    if kind == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _wrong(key, "is not a list of strings")
        return tuple(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _wrong(key, f"is not of the type {kind.__name__}")
    return value


def _check(settings: Settings) -> None:
    for key, allowed in CHOICES.items():
        if getattr(settings, key) not in allowed:
            raise _wrong(key, f"is not one of {', '.join(allowed)}")
    for key, least in LEAST.items():
        if getattr(settings, key) < least:
            raise _wrong(key, f"is less than {least}")
    if settings.pairing_seconds > MOST_PAIRING_SECONDS and not settings.demo:
        raise _wrong("pairing_seconds", f"is more than {MOST_PAIRING_SECONDS}")
    if settings.idle_clear_seconds < settings.idle_ask_seconds + 20:
        raise _wrong("idle_clear_seconds", "is less than 20 seconds after idle_ask_seconds")
    if not settings.practice_name.strip():
        raise _wrong("practice_name", "is empty")
    _check_look(settings)
    if not settings.languages:
        raise _wrong("languages", "is empty")
    for text in settings.proxy_addresses:
        try:
            ip_network(text)
        except ValueError:
            raise _wrong("proxy_addresses", "names what is no address, like 192.168.1.2") from None
    try:
        ZoneInfo(settings.time_zone)
    except (ValueError, OSError, KeyError):
        raise _wrong("time_zone", "is no time zone, like America/Chicago") from None


def _check_look(settings: Settings) -> None:
    if settings.logo and (
        Path(settings.logo).name != settings.logo or not settings.logo.lower().endswith(".png")
    ):
        raise _wrong("logo", "is not the name of a PNG file in the practice's folder, like logo.png")
    if not settings.colour:
        return
    rgb = colour.read(settings.colour)
    if rgb is None:
        raise _wrong("colour", "is not written like #0f4b49")
    found, least = colour.least_contrast(rgb), colour.LEAST_CONTRAST
    if found < least:
        raise _wrong(
            "colour", f"is too light to be read: its contrast is {found:.1f}, and {least:.0f} is needed"
        )
