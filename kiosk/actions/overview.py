"""What needs the owner's look: one line a part of the practice, each asked of whoever knows."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk import access
from kiosk.access import Actor, Desk, Purpose
from kiosk.actions import backup_page, declaring, words


@dataclass(frozen=True)
class Look:
    """`room` is the office's page that tells more; `well` says that nothing has to be done."""

    room: str
    title: str
    said: str
    well: bool


def _backups(desk: Desk) -> Look:
    well, said = backup_page.standing(desk)
    return Look("backups", "Backups", said, well)


def _declared(desk: Desk) -> Look:
    unseen = declaring.unseen_in(desk)
    said = f"{words.count(unseen, 'opening', 'openings')} that you have not looked at yet"
    return Look("declared", "Opened with a reason", said if unseen else "Nothing new", not unseen)


LOOKS: tuple[Callable[[Desk], Look | None], ...] = (_backups, _declared)


def looks(by: Actor) -> tuple[Look, ...]:
    """What has to be done stands first."""
    with access.transaction(by, Purpose.SEE_OFFICE) as desk:
        found = [look for one in LOOKS if (look := one(desk)) is not None]
    return tuple(sorted(found, key=lambda look: look.well))
