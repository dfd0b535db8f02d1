"""The sealed record against WeasyPrint's bare render of the same page."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from forms import answers as walk
from forms.catalog import load_catalog
from forms.decisions import Signing, decisions_of
from forms.signed import Signature, SignedRecord
from forms.versions import content_hash
from pdf import html as pages
from pdf import record as record_pdf
from pdf.seal import new_seal_key, seal

TIMES = 15
ANSWERS = {
    "contact": {"name": "Kirsten Nyberg", "relation": "daughter", "phone": "512 555 0142"},
    "may_call_emergency": "allow",
    "may_speak_worried": "refuse",
    "may_tell_health": "allow",
}


def sample() -> SignedRecord:
    form = load_catalog().form("emergency_contact")
    now = datetime.now(UTC)
    stroke = tuple((10.0 + 4 * n, 60.0 + 9 * (n % 7), 10.0 * n, 0.5) for n in range(60))
    return SignedRecord(
        id="sample",
        practice="Meadow Lane Massage",
        client_name="Rose Nyberg",
        client_born="1948-04-27",
        form_id=form.id,
        form_version=form.version,
        form_title=form.title.say("en"),
        form_hash=content_hash(form),
        lang="en",
        shown=walk.shown(form, ANSWERS, "en"),
        answers=ANSWERS,
        decisions=decisions_of(form, ANSWERS, Signing("sample", now, "en", "tablet")),
        take_back=form.take_back.say("en"),
        signature=Signature(
            "drawn", "Rose Nyberg", (stroke,), 600.0, 150.0, now.isoformat(), form.attest.say("en"), "client"
        ),
        evidence={},
        channel="tablet",
        supersedes=None,
    )


def middle(ask: Callable[[], object]) -> float:
    """The median of some runs, in milliseconds, after one to warm up."""
    ask()
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return median(took)


def measure() -> list[dict[str, Any]]:
    record, now = sample(), datetime.now(UTC)
    key = new_seal_key("Meadow Lane Massage", now)
    text = record_pdf.html_of(record)
    ours = middle(lambda: seal(record_pdf.render(record), key, now))
    plain = middle(lambda: pages.laid_out(text).write_pdf())
    return [{"what": "sealed PDF against a bare render", "ours": ours, "plain": plain, "unit": "ms"}]
