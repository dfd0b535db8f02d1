"""The words of the audit trail."""

from enum import StrEnum


class Did(StrEnum):
    CREATED_PRACTICE = "created the practice"
    UNLOCKED = "unlocked"
    LOCKED = "locked"
    CHANGED_PASSPHRASE = "changed the practice's passphrase"  # noqa: S105  # words
    ROTATED_MASTER_KEY = "rotated the master key"
    MADE_RECOVERY_SHEET = "made a recovery sheet"
    ADDED_STAFF = "added staff"
    REMOVED_STAFF = "removed staff"
    SIGNED_IN = "signed in"
    FAILED_SIGN_IN = "failed to sign in"
    SIGNED_OUT = "signed out"
    LOCKED_SCREEN = "locked the screen"
    GAVE_PIN = "gave the PIN"
    MISSED_PIN = "missed the PIN"
    GAVE_PASSPHRASE = "gave the own passphrase once more"  # noqa: S105  # words
    GAVE_SECOND_FACTOR = "gave the second factor"
    MISSED_SECOND_FACTOR = "missed the second factor"
    USED_STAFF_CODE = "used a code in place of the second factor"
    MADE_STAFF_CODES = "made codes in place of a second factor"
    RESET_SIGN_IN = "reset how somebody signs in"
    ENROLLED_SECOND_FACTOR = "enrolled a second factor"
    RESET_SECOND_FACTOR = "reset a second factor"
    SET_PIN = "set a PIN"
    CHANGED_OWN_PASSPHRASE = "changed the own passphrase"  # noqa: S105  # words
    ENDED_SESSION = "ended a session"
    CHANGED_WHO_OPENS = "changed who may open the practice"
    OFFERED_PAIRING = "offered pairing"
    PAIRED_TABLET = "paired a tablet"
    REVOKED_TABLET = "revoked a tablet"
    WAS_REFUSED = "was refused"
    ENDED_FIRST_STEPS = "ended the first steps"
    MADE_AUTHORITY = "made the certificate authority"
    ISSUED_CERTIFICATE = "issued the server's certificate"
    FOUND_DAMAGE = "found something changed or damaged"

    ADDED_CLIENT = "added a client"
    SEARCHED_CLIENTS = "searched for clients"
    SHOWED_NAMES = "showed names"
    CORRECTED_PROFILE = "corrected how somebody is reached"
    ADDED_VISIT = "added a visit"
    MADE_CODE = "made a visit's code"
    MARKED_ARRIVED = "marked as arrived"
    CHECKED_IN_BY_NAME = "checked in by name"
    MATCHED_ARRIVAL = "matched an arrival"
    HANDED_TABLET = "handed a tablet"
    TOOK_TABLET_BACK = "took a tablet back"
    GAVE_CODE = "gave a code"
    MISSED_CODE = "missed a code"
    GAVE_BIRTH_DATE = "gave the birth date"
    MISSED_BIRTH_DATE = "missed the birth date"
    ENDED_SITTING = "ended a sitting"
    ASKED_FOR_HELP = "asked for help"
    ASKED_FOR_PAPER = "asked for paper"
    SKIPPED_FORM = "skipped a form"
    MADE_MARK = "made a mark, for a witness to confirm"
    WITNESSED_MARK = "said that a mark was seen being made"
    DID_NOT_WITNESS = "did not confirm a mark"
    WAS_HELPED = "said that somebody was helped"
    ENDED_DRAFT = "destroyed what was left unfinished"
    MADE_COPY = "made an encrypted copy to send"
    SIGNED = "signed"

    OPENED_RECORD = "opened a record"
    PRINTED_RECORD = "printed a record"
    OPENED_CARD = "opened a consent card"
    REVIEWED_CARD = "reviewed a consent card"
    WITHDREW = "withdrew"
    ENDED_BY_EVENT = "ended a permission by its event"
    ASKED_MAY_TELL = "asked whether one may tell"

    PRINTED_SHEET = "printed a sheet"
    RECEIVED_SCAN = "received a scan"
    READ_SCAN = "read a scan"
    OPENED_SCAN = "opened a scan"
    DECIDED_PAGE = "decided about a page"
    LOOKED_AT_SHEET = "looked at a sheet's values"
    SAID_WHAT_IS_SEEN = "said what is seen"
    CONFIRMED_VALUE = "confirmed a value"
    UNDID_VALUE = "undid a value"
    RETURNED_SHEET = "returned a sheet"
    CONFIRMED_SHEET = "confirmed a sheet"
    HELD_SHEET = "held a sheet"
    SAW_CLOCK_SET = "saw the clock set"
    SAID_CLOCK_IS_RIGHT = "said that the clock is right"
    RELEASED_SHEET = "released a sheet"
    CLEARED_SHEET = "cleared a sheet for shredding"
    MADE_BATCH = "made a shred batch"
    SHREDDED_BATCH = "shredded a batch"
    OPENED_CERTIFICATE = "opened a certificate"

    CLOSED_DAY = "closed the day"
    OPENED_CLOSING_SHEET = "opened a closing sheet"
    LOOKED_AT_TRAIL = "looked at the trail"
    EXPORTED_TRAIL = "exported the trail"
    LOOKED_FOR_CLIENT = "looked for a client, with a reason"
    DECLARED_ACCESS = "opened another's client, with a reason"
    DECLARED_EMERGENCY = "declared an emergency"
    TOLD_OF_NAMESAKES = "was told that several people have this name"
    OPENED_EMERGENCY_CONTACT = "opened an emergency contact"
    LOOKED_AT_DECLARED = "looked at what was declared"
    SAW_DECLARED = "marked a declared access as seen"

    BACKED_UP = "backed up"
    VERIFIED_BACKUP = "verified a backup"
    RESTORED = "restored"
    KEPT_ERASED = "kept somebody erased at a restore"
    RENEWED_KEY_FILES = "renewed the key files"
    CHOSE_BACKUP_DISK = "chose a disk for backups"
    FORGOT_BACKUP_DISK = "took a disk for backups back"
    SAID_KEYS_DESTROYED = "said that a key file is destroyed"
    REKEYED_CLIENT = "made a new key for a client"

    MADE_ARCHIVE = "made an archive"
    DESTROYED_ARCHIVE = "said that an archive is destroyed"
    ASKED_FOR_ERASURE = "asked for an erasure"
    AGREED_TO_ERASURE = "agreed to an erasure"
    CALLED_OFF_ERASURE = "called off an erasure"
    ERASED = "erased a client"
    PLACED_HOLD = "placed a hold"
    LIFTED_HOLD = "lifted a hold"
    REBUILT = "rebuilt the practice from its signed records"
    REBUILT_RECORD = "rebuilt a record"


# What somebody only looked at, what concerns the keys and who may come in, and what was declared with a
# reason; whatever is in none of these wrote something.
READS = frozenset(
    {
        Did.SEARCHED_CLIENTS,
        Did.SHOWED_NAMES,
        Did.OPENED_RECORD,
        Did.PRINTED_RECORD,
        Did.OPENED_CARD,
        Did.ASKED_MAY_TELL,
        Did.OPENED_SCAN,
        Did.LOOKED_AT_SHEET,
        Did.OPENED_CERTIFICATE,
        Did.OPENED_CLOSING_SHEET,
        Did.LOOKED_AT_TRAIL,
        Did.EXPORTED_TRAIL,
        Did.LOOKED_FOR_CLIENT,
        Did.OPENED_EMERGENCY_CONTACT,
        Did.LOOKED_AT_DECLARED,
    }
)
KEYS = frozenset(
    {
        Did.CREATED_PRACTICE,
        Did.UNLOCKED,
        Did.LOCKED,
        Did.CHANGED_PASSPHRASE,
        Did.ROTATED_MASTER_KEY,
        Did.MADE_RECOVERY_SHEET,
        Did.ADDED_STAFF,
        Did.REMOVED_STAFF,
        Did.SIGNED_IN,
        Did.FAILED_SIGN_IN,
        Did.SIGNED_OUT,
        Did.LOCKED_SCREEN,
        Did.GAVE_PIN,
        Did.MISSED_PIN,
        Did.GAVE_PASSPHRASE,
        Did.GAVE_SECOND_FACTOR,
        Did.MISSED_SECOND_FACTOR,
        Did.USED_STAFF_CODE,
        Did.MADE_STAFF_CODES,
        Did.RESET_SIGN_IN,
        Did.ENROLLED_SECOND_FACTOR,
        Did.RESET_SECOND_FACTOR,
        Did.SET_PIN,
        Did.CHANGED_OWN_PASSPHRASE,
        Did.ENDED_SESSION,
        Did.CHANGED_WHO_OPENS,
        Did.OFFERED_PAIRING,
        Did.PAIRED_TABLET,
        Did.REVOKED_TABLET,
    }
)
DECLARED = frozenset(
    {
        Did.LOOKED_FOR_CLIENT,
        Did.DECLARED_ACCESS,
        Did.DECLARED_EMERGENCY,
        Did.TOLD_OF_NAMESAKES,
        Did.OPENED_EMERGENCY_CONTACT,
    }
)
