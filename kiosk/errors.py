"""What can go wrong, in words for the person who sees it, each with the next step."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode


class KioskError(Exception):
    """`message` says what is the matter, `next_step` what to do; neither holds a client's words."""

    message = "Something went wrong."
    next_step = "Try again, or ask the owner of the practice."

    def __init__(self, message: str = "", next_step: str = "") -> None:
        self.message = message or self.message
        self.next_step = next_step or self.next_step
        super().__init__(f"{self.message} {self.next_step}".strip())


class SettingsError(KioskError):
    """A setting that is wrong or unknown; the server does not start with it."""


class NotFound(KioskError):
    """Not there, or not for this person: the same answer."""

    message = "This page is not here."
    next_step = "Go back to the start and look for it there."


class NotTheirs(NotFound):
    """There, but not for this person. Whose transaction it is hears NotFound; the id goes into the trail.

    That is one more write than for what is not there, and can be told by its time: by whoever holds an id of
    128 random bits, which somebody showed them, and so knows already that it is there.
    """

    def __init__(self, kind: str, object_id: str) -> None:
        super().__init__()
        self.kind, self.object_id = kind, object_id


class Erased(NotFound):
    message = "Erased."
    next_step = "Whoever this was about has been erased. That somebody was here is all that is kept."


class NotAllowed(KioskError):
    message = "This is not open to your role."
    next_step = "Ask the owner of the practice."


class Locked(KioskError):
    message = "The practice is locked."
    next_step = "Unlock it with the practice's passphrase."


class SignInNeeded(KioskError):
    """`address` is the page where one goes on."""

    message = "You are not signed in."
    next_step = "Sign in again."
    address = "/sign-in"


class SecondFactorNeeded(SignInNeeded):
    message = "The code of your authenticator is still to be given."
    next_step = "Give it now."
    address = "/second-factor"


class ScreenLocked(SignInNeeded):
    message = "This screen is locked."
    next_step = "Give your PIN."
    address = "/who"


class ProofNeeded(SignInNeeded):
    """A grave act was asked for, on the page `back`, by somebody who proved who they are too long ago."""

    message = "What you asked for was not done yet: it takes a proof that it is you."
    next_step = "Give your PIN or your passphrase, and ask for it again."

    def __init__(self, back: str) -> None:
        super().__init__()
        self.address = f"/prove?{urlencode({'back': back}, safe='/')}"


class NotPaired(KioskError):
    message = "This tablet is not paired."
    next_step = "Ask at the desk to pair it."


class SittingEnded(KioskError):
    message = "This screen was cleared."
    next_step = "Please come to the desk, or begin again."


class TooManyTries(KioskError):
    message = "That was tried too often."
    next_step = "Wait a minute, or ask at the desk."


class WrongPassphrase(KioskError):
    message = "This passphrase does not open the practice."
    next_step = "Check it and try again."


class WrongRecoveryCode(KioskError):
    message = "This is not the code of the recovery sheet."
    next_step = "Check it letter by letter against the sheet, and try again."


class WrongArchiveCode(KioskError):
    message = "This code does not open the archive."
    next_step = "Each archive has a sheet of its own: compare the date and the mark on it, and try again."


class Damaged(KioskError):
    """Something kept does not open as it was written. `row` is an id."""

    next_step = "Ask the owner to restore it from a backup."

    def __init__(self, row: str) -> None:
        super().__init__(f"What is kept under {row} was changed or damaged.")
        self.row = row


class StoreTrouble(KioskError):
    """The database cannot do what it was asked; the transaction that asked is undone, whole."""

    message = "The practice's database cannot be read or written."
    next_step = "Nothing was half saved. Look whether the disk is well; if it is not, restore a backup."


class StoreFull(StoreTrouble):
    message = "The disk of this practice is full."
    next_step = "Nothing was half saved. Make room on it, and do this again."


class StoreReadOnly(StoreTrouble):
    message = "The practice's folder cannot be written to."
    next_step = "Nothing was changed. Let this program write there, and do this again."


class StoreBusy(StoreTrouble):
    message = "Another program is holding the practice's database."
    next_step = "Nothing was changed. Close that program, or wait a moment, and do this again."


class CannotRestore(KioskError):
    next_step = "Nothing was changed."


class NoKeys(CannotRestore):
    """A backup holds no keys; they lie in a key file, and none that is here will do."""

    next_step = (
        "Put its key file (the same name, and .keys at its end) beside it, or name one with --keys. "
        "Any newer key file of this practice will do."
    )


class ErasedListChanged(KioskError):
    """A list of the erased that is not as the practice wrote it."""

    next_step = "Name another copy of it with --erased: one lies beside the backups in each place."

    def __init__(self, file: Path) -> None:
        super().__init__(f"The list of the erased in {file.parent} was changed or damaged.")


class InUse(KioskError):
    """Another process does this already."""


class Invalid(KioskError):
    """Input that cannot be taken: what to say, by the input's name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)
