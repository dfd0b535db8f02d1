"""A practice comes to be whole or not at all, and never with a code that nobody has typed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk import demo
from kiosk.actions import first_steps, founding
from kiosk.actions.founding import FirstStart, NewPractice
from kiosk.actions.practice import NewStaff, open_practice
from kiosk.errors import Invalid, KioskError, SettingsError, TooManyTries, WrongPassphrase
from kiosk.settings import FILE
from kiosk.vault import KeyCosts, folder, recovery
from kiosk.vault.did import Did
from kiosk.vault.tables import AuditEntry
from tests.practices import NOON, PASSPHRASE

CHEAP = KeyCosts(8, 1, 1)
MEADOW = NewPractice("Meadow Lane", "America/Chicago", ("es",), "a4")
RUTH = NewStaff("ruth", "Ruth Meadows", founding.OWNERS_ROLES, PASSPHRASE)


def found(instance: Path, code: bytes | None = None) -> bytes:
    return founding.found_in(instance, MEADOW, RUTH, lambda: NOON, code=code, costs=CHEAP)


def test_it_opens_with_its_passphrase_and_with_the_code_on_paper(tmp_path: Path) -> None:
    code = recovery.new_code()
    master = found(tmp_path / "practice", code)
    practice = open_practice(tmp_path / "practice", lambda: NOON)
    assert practice.settings.languages == ("es",)
    assert practice.settings.paper_size == "a4"
    for secret in (PASSPHRASE, recovery.written(code)):
        practice.vault.unlock(secret)
        assert practice.vault.keyring.master() == master
        assert practice.vault.verify_audit().ok
    with practice.vault.transaction() as store:
        did = [entry.did for entry in store.session.query(AuditEntry).order_by(AuditEntry.seq)]
    assert did == [Did.ADDED_STAFF, Did.CREATED_PRACTICE, Did.MADE_RECOVERY_SHEET]
    practice.vault.close()
    assert sorted(os.listdir(tmp_path / "practice")) == ["inbox", "practice.db", "practice.toml"]


@pytest.mark.parametrize("there", [FILE, "practice.db"])
def test_a_practice_is_never_made_over_another(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(KioskError, match="There is a practice"):
        found(tmp_path)
    assert (tmp_path / there).read_text() == "precious"
    assert os.listdir(tmp_path) == [there]


def test_a_power_cut_before_the_moment_leaves_nothing_that_counts(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), folder.founding(tmp_path) as beside:
        (beside / FILE).write_text("half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []
    (tmp_path / folder.BEGUN).mkdir()  # the power went: nobody removed it
    (tmp_path / folder.BEGUN / FILE).write_text("half")
    with pytest.raises(SettingsError):
        open_practice(tmp_path, lambda: NOON)
    found(tmp_path)
    assert not (tmp_path / folder.BEGUN).exists()


@pytest.mark.parametrize("moved", [(), ("practice.db",), ("practice.db", FILE)])
def test_a_power_cut_after_the_moment_is_made_good_at_the_next_start(
    tmp_path: Path, moved: tuple[str, ...]
) -> None:
    code = recovery.new_code()
    found(tmp_path, code)
    (tmp_path / folder.MADE).mkdir()
    for name in ("practice.db", FILE):
        if name not in moved:
            (tmp_path / name).replace(tmp_path / folder.MADE / name)
    practice = open_practice(tmp_path, lambda: NOON)
    practice.vault.unlock(recovery.written(code))
    assert practice.vault.verify_audit().ok
    practice.vault.close()
    assert not (tmp_path / folder.MADE).exists()


FOUNDS = """
import sys
from pathlib import Path
from tests.actions.test_founding import found
sys.stdout.write("begun"); sys.stdout.flush()
found(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
sys.stdout.write("founded"); sys.stdout.flush()
"""


@pytest.mark.long
def test_who_is_killed_while_founding_leaves_a_practice_or_none(tmp_path: Path) -> None:
    whole = none = 0
    for number in range(20):
        instance, code = tmp_path / str(number), recovery.new_code()
        command = [sys.executable, "-c", FOUNDS, str(instance), code.hex()]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.read(5) == b"begun"
        time.sleep(random.uniform(0.0, 1.0))
        child.send_signal(signal.SIGKILL)
        acknowledged = child.stdout.read()
        child.wait()
        child.stdout.close()
        folder.finish_founding(instance)
        if not folder.has_practice(instance):
            assert not acknowledged
            none += 1
            found(instance, code)  # starts over
        else:
            whole += 1
        practice = open_practice(instance, lambda: NOON)
        practice.vault.unlock(recovery.written(code))
        practice.vault.unlock(PASSPHRASE)
        assert practice.vault.verify_audit().ok
        practice.vault.close()
    assert whole + none == 20


@pytest.fixture
def told() -> list[bytes]:
    return []


@pytest.fixture
def start(tmp_path: Path, told: list[bytes]) -> FirstStart:
    return FirstStart(tmp_path / "practice", "K7QM-34HW", lambda: NOON, told.append, CHEAP)


def written(start: FirstStart) -> str:
    return recovery.written(start._code)


def test_nothing_is_on_the_disk_before_the_code_was_typed_back(
    start: FirstStart, tmp_path: Path, told: list[bytes]
) -> None:
    with pytest.raises(Invalid, match="Something is missing"):
        start.confirm(written(start))
    start.name_practice("Meadow Lane", "America/Chicago", ["en", "es"], "letter")
    start.name_owner("Ruth Meadows", "ruth", PASSPHRASE, PASSPHRASE)
    for typed in ("", "7K3M", recovery.written(recovery.new_code()), written(start)[:-1] + "0"):
        if typed != written(start):
            with pytest.raises(Invalid, match="not the code of the recovery sheet"):
                start.confirm(typed)
    assert not (tmp_path / "practice").exists()
    assert told == []
    code = written(start)
    start.confirm(code.lower().replace("-", " "))
    start.confirm(code)  # sent twice
    assert start.step == "ready"
    assert start.owner is None, "the passphrase is not kept in memory"
    practice = open_practice(tmp_path / "practice", lambda: NOON)
    practice.vault.unlock(code)
    assert told == [practice.vault.keyring.master()]
    practice.vault.close()


def test_the_steps_come_in_their_order(start: FirstStart) -> None:
    assert start.step == "practice"
    with pytest.raises(Invalid):
        start.sheet()
    start.name_practice(" Meadow   Lane ", "Europe/Berlin", ["es", "xx"], "a4")
    assert start.practice == NewPractice("Meadow Lane", "Europe/Berlin", ("es",), "a4")
    assert start.step == "owner"
    start.name_owner("Ruth", "ruth", PASSPHRASE, PASSPHRASE)
    assert start.step == "sheet"


def test_each_thing_that_is_wrong_is_said_at_its_field(start: FirstStart) -> None:
    with pytest.raises(Invalid) as wrong:
        start.name_practice(" ", "Mars/Olympus", [], "a5")
    assert wrong.value.problems.keys() == {"name", "zone", "languages", "paper"}
    with pytest.raises(Invalid) as wrong:
        start.name_owner("", "", "short", "other")
    assert wrong.value.problems.keys() == {"owner", "sign_in", "passphrase", "again"}
    assert start.step == "practice"


def test_the_word_is_asked_for_and_guessing_ends(start: FirstStart) -> None:
    assert not start.knows("")
    first, second = start.enter("k7qm 34hw"), start.enter("K7QM-34HW")
    assert start.knows(second)
    assert not start.knows(first), "another browser took over"
    for _ in range(founding.MOST_TRIES):
        with pytest.raises(Invalid):
            start.enter("AAAA-AAAA")
    with pytest.raises(TooManyTries):
        start.enter("K7QM-34HW")
    assert start.knows(second)


def test_no_word_and_no_code_is_ever_the_same() -> None:
    assert len({founding.new_word() for _ in range(100)}) == 100


def test_the_owner_is_led_to_the_first_steps_until_they_end_them(tmp_path: Path) -> None:
    master = found(tmp_path / "practice")
    practice = open_practice(tmp_path / "practice", lambda: NOON)
    with pytest.raises(WrongPassphrase):
        practice.vault.unlock("another passphrase")
    practice.vault.keyring.set(master)
    ruth = demo.staff(practice, "ruth")
    assert first_steps.are_waiting(ruth)
    assert first_steps.view(ruth) == first_steps.FirstSteps(people=False, tablet=False, backup=False)
    first_steps.done(ruth)
    first_steps.done(ruth)
    assert not first_steps.are_waiting(ruth)
    practice.vault.close()
