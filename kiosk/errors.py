"""What can go wrong, in words for the person who sees it, each with the next step."""

from collections.abc import Mapping


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


class Damaged(KioskError):
    """Something kept does not open as it was written. `row` is an id."""

    next_step = "Ask the owner to restore it from a backup."

    def __init__(self, row: str) -> None:
        super().__init__(f"What is kept under {row} was changed or damaged.")
        self.row = row


class CannotRestore(KioskError):
    next_step = "Nothing was changed."


class Invalid(KioskError):
    """Input that cannot be taken: what to say, by the input's name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)
