"""What needs the owner's look: one line a part of the practice, each asked of whoever knows."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import backup_page, clock_watch, declaring, erasures, words


@dataclass(frozen=True)
class Look:
    """`room` is the office's page that tells more, or what `does` it; `well`: nothing has to be done."""

    room: str
    title: str
    said: str
    well: bool
    step: str = "Open"  # what the way to that page is called
    does: bool = False


def _backups(desk: Desk) -> Look:
    well, said = backup_page.standing(desk)
    if backup_page.stays_here(desk):
        return Look("backups", "Backups", f"{said} It is only on this computer.", False, "Choose a disk")
    return Look("backups", "Backups", said, well)


def _declared(desk: Desk) -> Look:
    unseen = declaring.unseen_in(desk)
    said = f"{words.count(unseen, 'opening', 'openings')} that you have not looked at yet"
    return Look("declared", "Opened with a reason", said if unseen else "Nothing new", not unseen)


def _erasures(desk: Desk) -> Look:
    waiting, open_ends = erasures.waiting(desk), erasures.incomplete(desk)
    said = []
    if waiting:
        said.append(f"{words.count(waiting, 'erasure waits', 'erasures wait')} for an owner to agree")
    if open_ends:
        said.append(f"{words.count(open_ends, 'erasure is', 'erasures are')} not complete everywhere")
    return Look("erasing", "Erasing", "; ".join(said) or "Nothing waits", not said)


def _clock(desk: Desk) -> Look | None:
    said = clock_watch.standing(desk)
    return Look("clock_is_right", "Clock", said, False, "It is right", does=True) if said else None


LOOKS: tuple[Callable[[Desk], Look | None], ...] = (_backups, _declared, _erasures, _clock)


def looks(by: Actor) -> tuple[Look, ...]:
    """What has to be done stands first."""
    with access.transaction(by, Purpose.SEE_OFFICE) as desk:
        found = [look for one in LOOKS if (look := one(desk)) is not None]
    return tuple(sorted(found, key=lambda look: look.well))
