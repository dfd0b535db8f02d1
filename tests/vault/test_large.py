"""A large file goes into the store a piece at a time, and is the same there as one that was sealed whole."""

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kiosk.errors import Damaged
from kiosk.vault import Field, Store, Vault, large, tables
from kiosk.vault.cipher import PIECE_BYTES, is_sealed, open_sealed, seal, seal_in_pieces, sealed_size
from tests.vault.small import add_client, small_vault

KEY = bytes(range(32))
HERE = ("ada", Field.DOCUMENT, "a scan")
SIZES = (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with small_vault(tmp_path / "practice") as made:
        add_client(made, "ada")
        yield made


def make_room(store: Store, document_id: str, size: int) -> None:
    row = {"id": document_id, "owner": "ada", "kind": "scan", "media_type": "application/pdf", "mac": "",
           "made_at": store.now, "body_sealed": large.room(store.session, size)}  # fmt: skip
    store.session.execute(insert(tables.Document).values(row))


def holds(sealed: bytes, clear: bytes, *, row: str = "a scan", key: bytes = KEY) -> bool:
    return is_sealed(key, "ada", Field.DOCUMENT, row, clear, io.BytesIO(sealed).read)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_in_pieces_opens_whole_and_the_other_way_round(size: int) -> None:
    clear = os.urandom(size)
    sealed = b"".join(seal_in_pieces(KEY, *HERE, clear))
    assert len(sealed) == sealed_size(clear)
    assert open_sealed(KEY, *HERE, sealed) == clear
    assert holds(seal(KEY, *HERE, clear), clear)


@given(st.binary(max_size=80), st.data())
def test_what_was_changed_or_cut_or_added_to_on_its_way_is_noticed(clear: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, *HERE, clear)
    at, by = data.draw(st.integers(0, len(sealed) - 1)), data.draw(st.integers(1, 255))
    assert holds(sealed, clear)
    assert not holds(sealed[:at] + bytes([sealed[at] ^ by]) + sealed[at + 1 :], clear)
    assert not holds(sealed[:at], clear)
    assert not holds(sealed + b"x", clear)
    assert not holds(sealed, clear + b"x")
    assert not holds(sealed, clear, row="another scan")
    assert not holds(sealed, clear, key=KEY[::-1])


@pytest.mark.parametrize("size", SIZES)
def test_a_document_of_any_size_stands_in_its_row_after_its_transaction(vault: Vault, size: int) -> None:
    clear = os.urandom(size)
    with vault.transaction() as store:
        make_room(store, "a scan", sealed_size(clear))
        store.seal_document("ada", "a scan", clear)
    with vault.transaction() as store:
        row = store.session.get_one(tables.Document, "a scan")
        assert store.open("ada", Field.DOCUMENT, "a scan", row.body_sealed) == clear


def test_a_disk_that_keeps_something_else_is_noticed_while_it_can_be_undone(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = large.write

    def forgetful(session: Session, document_id: str, pieces: Iterable[bytes]) -> None:
        nonce, first, *others = pieces
        write(session, document_id, (nonce, first[:-1] + bytes([first[-1] ^ 1]), *others))

    monkeypatch.setattr(large, "write", forgetful)
    with pytest.raises(Damaged, match="a scan"), vault.transaction() as store:
        make_room(store, "a scan", sealed_size(b"a page"))
        store.seal_document("ada", "a scan", b"a page")
    with vault.transaction() as store:
        assert store.session.get(tables.Document, "a scan") is None


def test_nothing_is_written_past_the_room_that_was_made(vault: Vault) -> None:
    with pytest.raises(ValueError, match="longer"), vault.transaction() as store:
        make_room(store, "a scan", 10)
        store.seal_document("ada", "a scan", b"a page")
