"""Keys apart from backups: a backup is kept for years, and tells nothing about whoever was erased since."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from kiosk.errors import CannotRestore, Damaged, ErasedListChanged, KioskError, NoKeys, WrongPassphrase
from kiosk.vault import Vault, backup_file, erased, key_files, keys, tables
from kiosk.vault.backup import backup, restore
from kiosk.vault.cipher import Field, seal
from kiosk.vault.engine import DATABASE_FILE, make_engine
from kiosk.vault.key_files import beside
from kiosk.vault.tombstone import erase
from tests.practices import NOON, PASSPHRASE, People
from tests.vault.small import SETTINGS, add_client, body_of, names, reopened, small_vault
from tests.vault.test_migrations import AT, upgrade_to


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with small_vault(tmp_path / "practice") as made:
        add_client(made, "ada")
        yield made


def backed_up(vault: Vault, file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    report = backup(vault, file)
    assert report.verified, report.problem
    return file


def erased_from(vault: Vault, owner: str, *, noted: bool = True) -> tuple[str, ...]:
    with vault.transaction() as store:
        ids = erase(store.session, owner, store.now)
    if noted:
        erased.note(vault, ids, vault.clock())
    return ids


def came_back(tmp_path: Path, file: Path, **more: object) -> tuple[list[str], int]:
    """Who is found in the restored practice, and how many stayed erased."""
    report = restore(file, tmp_path / "back", PASSPHRASE, NOON, **more)  # type: ignore[arg-type]
    with reopened(tmp_path / "back") as back:
        assert back.verify_audit().ok
        return names(back), report.still_erased


def clear_database(file: Path, vault: Vault) -> bytes:
    head, key = backup_file.read_head(file), vault.keyring.key("backup")
    with file.open("rb") as source:
        source.seek(head.size)
        return b"".join(backup_file._opened_chunks(source, file.stat().st_size, key, head.bound))


def test_a_backup_holds_no_key_and_its_key_file_holds_no_client(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "b")
    inside = clear_database(file, vault)
    with vault.transaction() as store:
        wrapped = list(store.session.scalars(select(tables.ClientKey.wrapped)))
        ways = list(store.session.scalars(select(tables.KeyWrap.wrapped)))
        sealed = store.session.scalars(select(tables.Document.body_sealed)).one()
    assert sealed in inside
    assert len(wrapped) == 2
    assert not [kept for kept in (*wrapped, *ways) if kept in inside or kept in file.read_bytes()]
    assert not [word for word in (b"practice_name", b"argon2", b"Client ada") if word in file.read_bytes()]
    assert sealed not in beside(file).read_bytes()
    assert b"Client ada" not in beside(file).read_bytes()


def test_a_backup_without_its_keys_says_what_is_missing(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    beside(file).unlink()
    with pytest.raises(NoKeys, match=r"no b\.keys.*name one with --keys"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("named", [True, False])
def test_a_newer_key_file_opens_an_older_backup(vault: Vault, tmp_path: Path, named: bool) -> None:
    old = backed_up(vault, tmp_path / "old")
    add_client(vault, "ben")
    new = backed_up(vault, tmp_path / "elsewhere" / "new" if named else tmp_path / "new")
    beside(old).unlink()
    assert came_back(tmp_path, old, keys_file=beside(new) if named else None) == (["Client ada"], 0)


def test_an_older_key_file_does_not_open_a_newer_backup(vault: Vault, tmp_path: Path) -> None:
    old = backed_up(vault, tmp_path / "old")
    add_client(vault, "ben")
    new = backed_up(vault, tmp_path / "new")
    with pytest.raises(NoKeys, match="older than this backup"):
        restore(new, tmp_path / "back", PASSPHRASE, NOON, keys_file=beside(old))
    assert not (tmp_path / "back").exists()


def test_another_practice_s_key_file_is_not_taken(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "b")
    with small_vault(tmp_path / "other", copied=False) as other:
        theirs = beside(backed_up(other, tmp_path / "theirs"))
    with pytest.raises(NoKeys, match="not a key file of this practice"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON, keys_file=theirs)
    beside(file).unlink()
    with pytest.raises(NoKeys, match="are missing"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)


@pytest.mark.parametrize("place", [0, 21, 40, 140, 400, -40, -1, None])
def test_a_changed_or_cut_key_file_is_refused(vault: Vault, tmp_path: Path, place: int | None) -> None:
    file = backed_up(vault, tmp_path / "b")
    data = bytearray(beside(file).read_bytes())
    if place is None:
        del data[-7:]
    else:
        data[place] ^= 1
    beside(file).write_bytes(data)
    with pytest.raises((CannotRestore, WrongPassphrase)):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (rb"\"passes\"", rb"\"passez\""),
        (rb"argon2id", rb"argon2ix"),
        (rb"\"memory_kib\": 8", rb"\"memory_kib\":9e"),
        (rb"\"lanes\": 1", rb"\"lanes\": 0"),
    ],
)
def test_a_key_file_whose_derivation_was_changed_is_refused(
    vault: Vault, tmp_path: Path, was: bytes, becomes: bytes
) -> None:
    file = backed_up(vault, tmp_path / "b")
    data = beside(file).read_bytes()
    assert was in data
    beside(file).write_bytes(data.replace(was, becomes))
    with pytest.raises((CannotRestore, WrongPassphrase)):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)


def test_a_hostile_key_file_does_not_keep_a_computer_busy_for_ever() -> None:
    costly = json.dumps(
        {"name": "argon2id", "salt": "00" * 16, "memory_kib": 1 << 25, "passes": 9, "lanes": 4}
    )
    with pytest.raises(Damaged):
        keys.unwrap_any([keys.Wrap(costly, bytes(60))], PASSPHRASE)


def test_one_broken_key_file_does_not_stand_in_the_way_of_a_whole_one(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "b")
    broken = tmp_path / "broken.keys"
    key_files.write(vault, broken)
    broken.write_bytes(broken.read_bytes()[:-3])
    assert came_back(tmp_path, file) == (["Client ada"], 0)


def test_who_was_erased_stays_so_by_the_list_beside_the_backup(vault: Vault, tmp_path: Path) -> None:
    add_client(vault, "ben")
    file = backed_up(vault, tmp_path / "out" / "b")  # and its key file still holds the key
    erased_from(vault, "ada")
    lists = tmp_path / "out" / erased.FILE
    lists.write_bytes((vault.settings.instance / erased.FILE).read_bytes())
    assert came_back(tmp_path, file) == (["Client ben"], 1)
    assert (tmp_path / "back" / erased.FILE).exists()
    with reopened(tmp_path / "back") as back:
        with back.transaction() as store:
            row = store.session.get_one(tables.Document, "of-ada")
            key = store.session.get_one(tables.ClientKey, "ada")
            assert (row.body_sealed, row.mac, key.wrapped, key.destroyed_at) == (b"", "", b"", NOON)
        assert body_of(back, "of-ben") == b"a page"


def test_who_was_erased_stays_so_by_a_newer_key_file_alone(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    erased_from(vault, "ada", noted=False)
    fresh = tmp_path / "fresh.keys"
    key_files.write(vault, fresh)
    assert came_back(tmp_path, file, keys_file=fresh) == ([], 1)


def test_who_was_erased_stays_so_by_a_list_that_is_named(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    erased_from(vault, "ada")
    (tmp_path / "out" / erased.FILE).write_text("not a list\n", encoding="utf-8")
    with pytest.raises(ErasedListChanged, match="--erased"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)
    assert not (tmp_path / "back").exists()
    named = vault.settings.instance / erased.FILE
    assert came_back(tmp_path, file, erased_files=[named]) == ([], 1)


def changed(lines: list[str], how: str) -> list[str]:
    match how:
        case "a line taken out":
            return [*lines[:2], *lines[3:]]
        case "a line put in":
            return [*lines[:2], f"another {NOON.isoformat()}", *lines[2:]]
        case "a time changed":
            return [line.replace("2026", "2027") for line in lines]
        case "another practice":
            return [lines[0], "practice 0", *lines[2:]]
        case _:
            return lines[:-1]


@pytest.mark.parametrize(
    "how", ["a line taken out", "a line put in", "a time changed", "another practice", "its end cut off"]
)
def test_nobody_adds_or_removes_a_line_unnoticed(vault: Vault, how: str) -> None:
    ids = erased_from(vault, "ada")
    file = vault.settings.instance / erased.FILE
    with vault.transaction() as store:
        assert set(erased.read(file, store)) == {"ada", *ids}
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join((*changed(lines, how), "")), encoding="utf-8")
    with vault.transaction() as store:
        if how == "another practice":
            assert erased.read(file, store) == {}
        else:
            with pytest.raises(ErasedListChanged):
                erased.read(file, store)


def test_lists_in_several_places_come_to_one_state_and_the_database_with_them(
    vault: Vault, tmp_path: Path
) -> None:
    add_client(vault, "ben")
    erased_from(vault, "ada")
    file = backed_up(vault, tmp_path / "b")
    erased_from(vault, "ben")
    here, there, spoilt = vault.settings.instance, tmp_path / "there", tmp_path / "spoilt"
    for folder in (there, spoilt):
        folder.mkdir()
    (spoilt / erased.FILE).write_text("x", encoding="utf-8")
    # What a restore without the newer list brings back, and then the disk with that list is plugged in.
    restore(file, tmp_path / "back", PASSPHRASE, NOON)
    with reopened(tmp_path / "back") as back:
        assert names(back) == ["Client ben"]
        with back.transaction() as store:
            instance = back.settings.instance
            united = erased.unite(store, [instance, here, there, spoilt])
            assert united == erased.United((spoilt / erased.FILE,), ("ben",))
        assert names(back) == []
        lists = {(folder / erased.FILE).read_bytes() for folder in (instance, here, there, spoilt)}
        assert len(lists) == 1


def test_older_key_files_are_destroyed_and_the_fresh_one_stays(vault: Vault, tmp_path: Path) -> None:
    old, new = backed_up(vault, tmp_path / "old"), backed_up(vault, tmp_path / "new")
    other = tmp_path / "other.keys"
    other.write_bytes(b"somebody else's file")
    with vault.transaction() as store:
        known = key_files.known(vault, store)
    key_files.destroy_older(tmp_path, known, NOON, None)
    assert beside(old).exists()
    key_files.destroy_older(tmp_path, known, NOON + timedelta(days=1), beside(new))
    assert not beside(old).exists()
    assert other.exists()
    key_files.renew(vault, beside(new))
    key_files.destroy_older(tmp_path, known, None, beside(new))
    assert sorted(path.name for path in tmp_path.glob("*.keys")) == ["new.keys", "other.keys"]
    assert came_back(tmp_path, old) == (["Client ada"], 0)


def a_backup_of_the_first_kind(tmp_path: Path) -> Path:
    """Written as it was then: a database of that schema with its keys in it, and no name for a key."""
    folder, master = tmp_path / "then", keys.new_master_key()
    folder.mkdir()
    url = f"sqlite:///{folder / DATABASE_FILE}"
    upgrade_to(url, "0002")
    kept = keys.wrap(master, PASSPHRASE, keys.KeyCosts(8, 1, 1))
    engine = make_engine(url)
    own = {owner: bytes([number]) * 32 for number, owner in enumerate(("office", "ada"))}
    profile = json.dumps({"name": "Client ada", "born": None, "places": {}}).encode()
    put_key = text("insert into client_key values (:o, :w, :a)")
    put_wrap = text("insert into key_wrap values ('w', 'passphrase', :p, :w, :a)")
    put_client = text("insert into client values ('ada', :p, :a, :a)")
    with engine.begin() as connection:
        for owner, key in own.items():
            wrapped = seal(keys.subkey(master, "wrap"), owner, Field.CLIENT_KEY, owner, key)
            connection.execute(put_key, {"o": owner, "w": wrapped, "a": AT})
        connection.execute(put_wrap, {"p": kept.parameters, "w": kept.wrapped, "a": AT})
        sealed_profile = seal(own["ada"], "ada", Field.PROFILE, "ada", profile)
        connection.execute(put_client, {"p": sealed_profile, "a": AT})
    engine.dispose()
    wraps = [{"parameters": kept.parameters, "wrapped": kept.wrapped.hex()}]
    head = json.dumps({"wraps": wraps, "settings": SETTINGS}).encode()
    key, bound = keys.subkey(master, "backup"), backup_file.hashlib.sha256(head).hexdigest()
    file = tmp_path / "then.kiosk-backup"
    with (folder / DATABASE_FILE).open("rb") as source:
        parts = [
            seal(key, bound, Field.BACKUP, backup_file._place(number, last), chunk)
            for number, chunk, last in backup_file._chunks(source)
        ]
    sealed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    file.write_bytes(backup_file.SELF_CONTAINED + len(head).to_bytes(4, "big") + head + sealed)
    return file


def test_a_backup_from_before_there_were_key_files_is_restored(tmp_path: Path) -> None:
    file = a_backup_of_the_first_kind(tmp_path)
    with pytest.raises(WrongPassphrase):
        restore(file, tmp_path / "back", "not this passphrase", NOON)
    assert came_back(tmp_path, file) == (["Client ada"], 0)


def test_who_was_erased_since_a_backup_of_the_first_kind_stays_so(tmp_path: Path) -> None:
    """Its keys have no ids yet: the list also says whose they were."""
    file = a_backup_of_the_first_kind(tmp_path)
    restore(file, tmp_path / "first", PASSPHRASE, NOON)
    with reopened(tmp_path / "first") as practice:
        erased_from(practice, "ada")
    assert came_back(tmp_path, file, erased_files=[tmp_path / "first" / erased.FILE]) == ([], 1)


def test_nothing_is_restored_while_another_database_is_named(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(vault, tmp_path / "b")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with pytest.raises(KioskError, match="DATABASE_URL"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON)
    assert not (tmp_path / "back").exists()


def test_only_one_backup_is_made_at_a_time(vault: Vault, tmp_path: Path) -> None:
    from kiosk.vault import lockfile

    with (
        lockfile.hold(vault.settings.instance, lockfile.BACKING_UP),
        pytest.raises(KioskError, match="made already"),
    ):
        backup(vault, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_key_file_with_keys_that_nobody_else_has_is_spared(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    add_client(vault, "ben")
    newer = tmp_path / "out" / "newer.keys"
    key_files.write(vault, newer)
    restore(file, tmp_path / "back", PASSPHRASE, NOON, keys_file=beside(file))
    with reopened(tmp_path / "back") as back:
        assert [one.path for one in spared_by(back, tmp_path / "out")] == [newer]
        assert not beside(file).exists()
        erased.note(back, [key_of(vault, "ben")], NOON)
        assert spared_by(back, tmp_path / "out") == (), "its one more key was destroyed"
    assert not newer.exists()


def test_a_key_file_that_the_practice_cannot_open_is_spared(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    rotated = tmp_path / "out" / "rotated.keys"
    vault.rotate_master_key("another long passphrase")
    key_files.write(vault, rotated)
    restore(file, tmp_path / "back", PASSPHRASE, NOON, keys_file=beside(file))
    with reopened(tmp_path / "back") as back:
        assert [one.path for one in spared_by(back, tmp_path / "out")] == [rotated]
    assert not beside(file).exists()
    assert spared_by(vault, tmp_path / "out") == (), "for whoever was rotated it is an own one"


def test_a_key_file_from_before_a_rotation_is_known(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    vault.rotate_master_key("another long passphrase")
    assert spared_by(vault, tmp_path / "out") == ()
    assert not beside(file).exists()


def spared_by(vault: Vault, folder: Path) -> tuple[key_files.KeyFileHead, ...]:
    with vault.transaction() as store:
        known = key_files.known(vault, store)
    key_files.destroy_older(folder, known, None, None)
    return key_files.beyond(folder, known)


def key_of(vault: Vault, owner: str) -> str:
    with vault.transaction() as store:
        return store.session.get_one(tables.ClientKey, owner).id


def test_two_practices_on_one_disk_keep_a_list_each(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with (
        small_vault(tmp_path / "first", copied=False) as first,
        small_vault(tmp_path / "second", copied=False) as second,
    ):
        add_client(first, "ada")
        file = backed_up(first, disk / "b")
        kept = (disk / "b.keys").read_bytes()
        for vault, owner in ((first, "ada"), (second, "ben"), (first, "cid"), (second, "dot")):
            if owner != "ada":
                add_client(vault, owner)
            erased_from(vault, owner)
            with vault.transaction() as store:
                assert erased.unite(store, [disk]) == erased.United((), ())
        for vault, owners in ((first, {"ada", "cid"}), (second, {"ben", "dot"})):
            with vault.transaction() as store:
                assert set(erased.read_in(disk, store)) & {"ada", "ben", "cid", "dot"} == owners
        (disk / "b.keys").write_bytes(kept)
        assert came_back(tmp_path, file) == ([], 1)
        # A list with the longer name that somebody changed is mended too, and the other one stays what it is.
        plain = (disk / erased.FILE).read_bytes()
        with second.transaction() as store:
            (longer,) = erased.lists_of(disk, store.practice_id())
            longer.write_bytes(longer.read_bytes().replace(b"2026", b"2025"))
            assert len(erased.unite(store, [second.settings.instance, disk]).changed) == 1
            assert {"ben", "dot"} <= set(erased.read_in(disk, store))
        assert (disk / erased.FILE).read_bytes() == plain


def test_a_named_list_of_another_practice_is_refused(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    erased_from(vault, "ada")
    with small_vault(tmp_path / "other", copied=False) as other:
        add_client(other, "ben")
        erased_from(other, "ben")
    wrong = tmp_path / "other" / erased.FILE
    with pytest.raises(CannotRestore, match="another practice's list of the erased"):
        restore(file, tmp_path / "back", PASSPHRASE, NOON, erased_files=[wrong])
    assert not (tmp_path / "back").exists()


def test_a_restore_says_that_no_list_of_the_erased_lay_there(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "out" / "b")
    erased_from(vault, "ada")
    own = vault.settings.instance / erased.FILE
    with small_vault(tmp_path / "other", copied=False) as other:
        add_client(other, "ben")
        erased_from(other, "ben")
    beside_it = tmp_path / "out" / erased.FILE
    beside_it.write_bytes((tmp_path / "other" / erased.FILE).read_bytes())
    assert restore(file, tmp_path / "one", PASSPHRASE, NOON).without_list, "another practice's is none"
    assert not restore(file, tmp_path / "two", PASSPHRASE, NOON, erased_files=[own]).without_list
    beside_it.write_bytes(own.read_bytes())
    assert not restore(file, tmp_path / "three", PASSPHRASE, NOON).without_list


def test_who_may_not_open_the_practice_any_more_does_not_by_an_older_key_file(
    people: People, tmp_path: Path
) -> None:
    vault = people.practice.vault
    jean = people._staff("jean").id
    for may in (True, False):
        with vault.transaction() as store:
            store.session.get_one(tables.Staff, jean).may_open = may
            if not may:
                store.session.execute(delete(tables.KeyWrap).where(tables.KeyWrap.staff_id == jean))
        if may:
            vault.wrap_for_staff(jean, "jean's own passphrase")
        backed_up(vault, tmp_path / "out" / str(may))
    restore(
        tmp_path / "out" / "True", tmp_path / "before", PASSPHRASE, NOON, keys_file=tmp_path / "out/True.keys"
    )
    restore(
        tmp_path / "out" / "False", tmp_path / "back", PASSPHRASE, NOON, keys_file=tmp_path / "out/True.keys"
    )
    for folder, wraps in (("before", 1), ("back", 0)):
        with reopened(tmp_path / folder) as back, back.transaction() as store:
            theirs = select(tables.KeyWrap).where(tables.KeyWrap.staff_id == jean)
            assert len(store.session.scalars(theirs).all()) == wraps


def test_a_key_file_of_nobody_does_not_outlive_a_fresh_one(vault: Vault, tmp_path: Path) -> None:
    file = backed_up(vault, tmp_path / "b")
    beside(file).write_bytes(b"its beginning was changed")
    key_files.renew(vault, beside(file))
    assert [path.name for path in tmp_path.glob("*.keys")] == ["b.keys"]
    assert came_back(tmp_path, file) == (["Client ada"], 0)
