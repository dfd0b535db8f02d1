"""What a child does until it is killed. A line is said only after the act that it names has returned."""

import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import backing_up, clearing, inbox_folder, paper, shredding, signing
from kiosk.actions import practice as founding
from kiosk.errors import StoreBusy
from kiosk.settings import Settings
from kiosk.vault import KeyCosts, Vault, tables
from kiosk.vault.did import Did
from pdf import record as record_pdf
from tests.bench.records import sample
from tests.kills.nursery import say
from tests.practices import PASSPHRASE, Clock, People, make_people


def warm_up() -> None:
    """What every child would do first: fonts, the catalogue, statements. No database stays open."""
    record_pdf.render(sample())
    with TemporaryDirectory() as folder:
        for people in make_people(Path(folder) / "practice"):
            people.visit()
            paper.receive(people.system, b"%PDF-1.7")


def opened(instance: str, at: datetime) -> Practice:
    settings = Settings.load(Path(instance))
    clock = Clock(at)
    made = Practice(settings, Vault(settings, clock, KeyCosts(8, 1, 1)), founding.offered_forms(settings))
    made.vault.unlock(PASSPHRASE)
    return made


def told(module: Any, name: str, word: str) -> None:
    """Say a word whenever a function of the product has returned, to be killed near it."""
    plain: Callable[..., Any] = getattr(module, name)

    def said(*given: Any, **more: Any) -> Any:
        done = plain(*given, **more)
        say(word)
        return done

    pytest.MonkeyPatch().setattr(module, name, said)


def writes(instance: str, at: datetime, name: str) -> None:
    """One line of audit after the other."""
    vault = opened(instance, at).vault
    number = 0
    while True:
        number += 1
        with vault.transaction() as store:
            store.audit("child", "", "test", Did.SIGNED, "record", f"{name}-{number}")
        say(f"{name}-{number}")
        if number == 1:  # the first takes longest
            say("ready")


def signs(instance: str, at: datetime, tablet: str, sitting: str, form: str, submission: str) -> None:
    practice = opened(instance, at)
    told(signing, "seal", "sealed")
    seated = access.sitting_of(access.tablet_of(practice, tablet), sitting)
    say("ready")
    data = {"way": "typed", "typed_name": "Rose Nyberg", "submission": submission}
    signing.sign(seated, form, data)
    say(f"signed {submission}")


def takes_in(instance: str, at: datetime, name: str) -> None:
    """Files by hand, and whatever lies in the inbox folder, in turn."""
    system = founding.system(opened(instance, at))
    number = 0
    while True:
        number += 1
        body = f"%PDF-1.7 {name} {number} ".encode() * 2000
        say(f"stored {paper.receive(system, body).scan_id}")
        if not inbox_folder.watch_inbox(system, inbox_folder.time.time() + 100):
            say("inbox empty")
        if number == 1:
            say("ready")


def clears(instance: str, at: datetime, days: int) -> None:
    """Back up, cool, clear, batch, shred: the whole end of a sheet."""
    practice = opened(instance, at)
    people = People(practice, practice.vault.clock)  # type: ignore[arg-type]
    told(backing_up, "backup", "backed up")
    say("ready")
    while clearing.look_after(people.system):
        say("looked after")
    people.clock.forward(days=days)
    backing_up.look_after(people.system)  # the day's own, without which no paper goes
    while clearing.look_after(people.system):
        say("cleared")
    batch = shredding.make_batch(people.desk)
    say(f"batch {batch}")
    counted = {"counted": "2", "method": "on_site", "level": "P-5", "machine": "", "witness": ""}
    shredding.record(people.desk, batch, counted)
    say(f"shredded {batch}")


def counts(instance: str, at: datetime, each: int) -> None:
    """Two processes add to one number and a third empties the write-ahead log meanwhile."""
    writers = [_forked(lambda: _adds(instance, at, each)) for _ in range(2)]
    checkpointer = _forked(lambda: _checkpoints(instance, at))
    ended = [os.waitpid(pid, 0)[1] for pid in writers]
    os.kill(checkpointer, signal.SIGKILL)
    os.waitpid(checkpointer, 0)
    say(f"ended {ended}")


def _forked(do: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            do()
            code = 0
        finally:
            os._exit(code)
    return pid


def _adds(instance: str, at: datetime, each: int) -> None:
    vault = opened(instance, at).vault
    done = 0
    while done < each:
        try:
            with vault.transaction() as store:
                store.session.get_one(tables.Miss, "counter").count += 1
                store.audit("child", "", "test", Did.SIGNED, "record", "r")
        except StoreBusy:
            continue  # its turn did not come in ten seconds: it was told so, and asks once more
        done += 1


def _checkpoints(instance: str, at: datetime) -> None:
    vault = opened(instance, at).vault
    with vault.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        plain.exec_driver_sql("ROLLBACK")
        while True:
            plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
