"""Who may do what: the one table. What does not stand here is denied."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    FRONT_DESK = "front_desk"
    THERAPIST = "therapist"
    OWNER = "owner"


class Purpose(StrEnum):
    SEE_TODAY = "see the day's visits"
    ADD_VISIT = "add a visit"
    HAND_TABLET = "hand a visit to a tablet"
    HELP = "see who asks for help, and say that they were helped"
    WITNESS = "say that one saw a client make their mark"
    SEND_COPY = "make an encrypted copy that a client allowed to be sent"
    CORRECT_PROFILE = "correct how somebody is reached"
    OPEN_RECORD = "open a signed record"
    PRINT_RECORD = "print signed records"
    WITHDRAW = "take a consent back for a client"
    END_BY_EVENT = "say that what ends a permission has happened"
    PRINT_SHEET = "print forms on paper"
    SCAN = "take in scans"
    CONFIRM = "confirm what was read"
    SHRED = "shred paper"
    SEE_CARD = "see the consent card of one's own visits"
    REVIEW = "mark a consent card as read"
    PAIR_TABLET = "pair and revoke tablets"
    LOCK = "lock the practice"
    CHANGE_KEYS = "change what opens the practice"
    MANAGE_STAFF = "say who works here"
    SEE_OFFICE = "see how the practice is doing"
    SEE_TRAIL = "see who did what"
    SAY_CLOCK_IS_RIGHT = "say that this computer's clock is right"
    EXPORT_TRAIL = "take the trail away as a file"
    OWN_ACCESS = "change how one signs in"
    END_SESSIONS = "see and end sessions"
    CLOSE_DAY = "print the day's closing sheet"
    BACK_UP = "make backups"
    PLACE_BACKUPS = "say where backups go, and that their keys are destroyed"
    ARCHIVE = "make archives of the signed records"
    ERASE = "erase a client, and hold one from it"
    DECLARE = "open somebody else's client, with a reason"
    EMERGENCY = "open an emergency contact, with a reason"
    LOOK_AFTER = "back up and clear, as the practice's own worker"


DESK = frozenset({Role.FRONT_DESK, Role.OWNER})
THERAPY = frozenset({Role.THERAPIST})
OWNER = frozenset({Role.OWNER})

MAY: Mapping[Purpose, frozenset[Role]] = {
    Purpose.SEE_TODAY: DESK,
    Purpose.ADD_VISIT: DESK,
    Purpose.HAND_TABLET: DESK,
    Purpose.HELP: frozenset(Role),
    Purpose.WITNESS: DESK,
    Purpose.SEND_COPY: DESK,
    Purpose.CORRECT_PROFILE: DESK,
    Purpose.OPEN_RECORD: frozenset(Role),
    Purpose.PRINT_RECORD: DESK,
    Purpose.WITHDRAW: DESK,
    Purpose.END_BY_EVENT: THERAPY,
    Purpose.PRINT_SHEET: DESK,
    Purpose.SCAN: DESK,
    Purpose.CONFIRM: frozenset(Role),
    Purpose.SHRED: DESK,
    Purpose.SEE_CARD: THERAPY,
    Purpose.REVIEW: THERAPY,
    Purpose.PAIR_TABLET: DESK,
    Purpose.LOCK: frozenset(Role),
    Purpose.CHANGE_KEYS: OWNER,
    Purpose.MANAGE_STAFF: OWNER,
    Purpose.SEE_OFFICE: OWNER,
    Purpose.SEE_TRAIL: OWNER,
    Purpose.SAY_CLOCK_IS_RIGHT: OWNER,
    Purpose.EXPORT_TRAIL: OWNER,
    Purpose.OWN_ACCESS: frozenset(Role),
    Purpose.END_SESSIONS: OWNER,
    Purpose.CLOSE_DAY: DESK,
    Purpose.BACK_UP: OWNER,
    Purpose.PLACE_BACKUPS: OWNER,
    Purpose.ARCHIVE: OWNER,
    Purpose.ERASE: OWNER,
    Purpose.DECLARE: THERAPY,
    Purpose.EMERGENCY: frozenset(Role),
    Purpose.LOOK_AFTER: frozenset(),
}

# What ends something for good, takes it away, or decides who comes in: a route that writes for one of these
# asks for a proof of who one is that is minutes old (`for_staff`, kiosk.access.proving; OWASP ASVS 7.5.3).
GRAVE = frozenset(
    {
        Purpose.SHRED,
        Purpose.PAIR_TABLET,
        Purpose.CHANGE_KEYS,
        Purpose.MANAGE_STAFF,
        Purpose.EXPORT_TRAIL,
        Purpose.SAY_CLOCK_IS_RIGHT,
        Purpose.END_SESSIONS,
        Purpose.PLACE_BACKUPS,
        Purpose.ARCHIVE,
        Purpose.ERASE,
    }
)

# The practice's own processes (worker, command line) may do only this.
SYSTEM_MAY = frozenset(
    {
        Purpose.SCAN,
        Purpose.LOOK_AFTER,
        Purpose.PAIR_TABLET,
        Purpose.CHANGE_KEYS,
        Purpose.MANAGE_STAFF,
        Purpose.BACK_UP,
        Purpose.ARCHIVE,
        Purpose.CLOSE_DAY,
        Purpose.SAY_CLOCK_IS_RIGHT,
    }
)


class Reach(StrEnum):
    """Whose things a role reaches with a purpose. `delicate` is a form whose paper a therapist confirms."""

    ALL = "everybody's"
    ORDINARY = "everybody's, but nothing delicate"
    OWN = "of the clients of one's own visits"
    OWN_DELICATE = "what is delicate, of the clients of one's own visits"
    DECLARED = "of the clients of one's own visits, and of others with a reason that is still open"


# A purpose that does not stand here reaches everybody's. Of somebody with several roles any one is enough.
REACH: Mapping[Purpose, Mapping[Role, Reach]] = {
    Purpose.OPEN_RECORD: {
        Role.FRONT_DESK: Reach.ORDINARY,
        Role.THERAPIST: Reach.DECLARED,
        Role.OWNER: Reach.ALL,
    },
    # On the client's own request a delicate record may be printed, or sent, too: kiosk.actions.records.
    Purpose.PRINT_RECORD: {Role.FRONT_DESK: Reach.ORDINARY, Role.OWNER: Reach.ALL},
    Purpose.SEND_COPY: {Role.FRONT_DESK: Reach.ORDINARY, Role.OWNER: Reach.ALL},
    Purpose.CONFIRM: {
        Role.FRONT_DESK: Reach.ORDINARY,
        Role.THERAPIST: Reach.OWN_DELICATE,
        Role.OWNER: Reach.ORDINARY,
    },
    Purpose.WITHDRAW: {Role.FRONT_DESK: Reach.ORDINARY, Role.OWNER: Reach.ALL},
    Purpose.SEE_CARD: {Role.THERAPIST: Reach.OWN},
    Purpose.REVIEW: {Role.THERAPIST: Reach.OWN},
    Purpose.END_BY_EVENT: {Role.THERAPIST: Reach.OWN},
    Purpose.DECLARE: {Role.THERAPIST: Reach.DECLARED},
}


def may(roles: frozenset[Role], kind: str, purpose: Purpose) -> bool:
    """Whether somebody of these roles, or the practice's own process, may do this. A tablet may nothing."""
    if kind == "system":
        return purpose in SYSTEM_MAY
    return kind == "staff" and bool(roles & MAY.get(purpose, frozenset()))


def reaches(roles: frozenset[Role], purpose: Purpose) -> frozenset[Reach]:
    """Whose things somebody of these roles reaches with a purpose that they may have."""
    table = REACH.get(purpose, {})
    return frozenset(table.get(role, Reach.ALL) for role in roles & MAY.get(purpose, frozenset()))
