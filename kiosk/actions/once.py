"""What is sent twice, late or from an older page: it counts once, and takes the place of nothing newer."""

import json
from collections.abc import Mapping
from typing import Any

from forms.definition import Form, Page
from kiosk.access import Desk
from kiosk.vault import new_id

# Of the page itself, beside the names of its questions.
TOKEN = "_token"  # noqa: S105  # a field's name


def token(desk: Desk, owner: str, form: Form, page: Page, answers: Mapping[str, Any]) -> str:
    """Fits a page while what was answered there is what it shows: an answer uses it up."""
    return desk.mac("page", f"{owner}\x1f{form.id}\x1f{form.version}\x1f{page.id}\x1f{_said(page, answers)}")


def is_older(
    now: str, sent: str | None, page: Page, stored: Mapping[str, Any], given: Mapping[str, Any]
) -> bool:
    """Whether an answer comes from a page that something else has been answered on since.

    What is stored already is no contradiction: a double tap, or sent again after its reply was lost.
    """
    return sent is not None and sent != now and _said(page, stored) != _said(page, given)


def new_submission() -> str:
    """What a page carries that makes something new."""
    return new_id()


def submission_id(desk: Desk, purpose: str, sent: str) -> str:
    """An id that is the same whenever the same page is sent: its row is made once."""
    return desk.mac(purpose, f"{desk.by.id}\x1f{sent}")[:32]


def _said(page: Page, answers: Mapping[str, Any]) -> str:
    return json.dumps([answers.get(question.id) for question in page.questions], sort_keys=True)
