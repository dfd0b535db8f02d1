"""What is done outside of any request: scans, backups, clearing paper and drafts, closing days."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from kiosk import logs
from kiosk.access import Actor, Practice
from kiosk.actions import (
    backing_up,
    certificates,
    clearing,
    clock_watch,
    closing,
    drafts,
    erasing,
    handing,
    inbox_folder,
    passing,
    reading_scans,
    sittings,
)
from kiosk.actions.practice import now, open_practice, system
from kiosk.errors import Locked, StoreBusy
from kiosk.vault.keyring import KeyLink
from kiosk.vault.serving import Serving

log = logging.getLogger("kiosk.worker")

IDLE_SECONDS = 0.4
AFTER_A_FAULT_SECONDS = 5.0

Job = Callable[[Actor], bool]
JOBS: tuple[Job, ...] = (
    erasing.finish,  # first: nothing else looks at who is half erased
    inbox_folder.watch_inbox,
    reading_scans.read_next,
    clearing.look_after,
    sittings.clear_idle,
    handing.take_back_lapsed,
    passing.forget,
    backing_up.look_after,
    closing.close_what_nobody_closed,
    certificates.look_after,
    drafts.let_go,
)


def work_once(by: Actor, jobs: Sequence[Job] = JOBS) -> bool:
    """Do each job once; returns whether there was something to do.

    A fault in one job is logged by its kind, without its words, and stops no other job. That somebody else is
    writing is no fault: the job has its turn at the next look.
    """
    did_something = False
    for job in jobs:
        try:
            did_something |= job(by)
        except Locked:
            return False
        except StoreBusy:
            continue
        except Exception as fault:
            log.error({"event": "a job failed", "job": _name(job), "error": type(fault).__name__})
            time.sleep(AFTER_A_FAULT_SECONDS)
    return did_something


def _name(job: Job) -> str:
    return str(getattr(job, "func", job).__name__)


def work(practice: Practice) -> None:
    """Until the process is stopped."""
    by, watch = system(practice), clock_watch.ClockWatch()
    jobs: tuple[Job, ...] = (partial(clock_watch.hold_where_set, watch=watch), *JOBS)
    while True:
        if not practice.vault.is_unlocked or not work_once(by, jobs):
            time.sleep(IDLE_SECONDS)


def main() -> None:
    serving = Serving.handed_over()
    serving.stop_with_parent()
    logs.begin()
    practice = open_practice(serving.instance, now)
    KeyLink(serving.address, serving.authkey, practice.vault.keyring).start()
    work(practice)


if __name__ == "__main__":
    main()
