"""Each migration, tried on rows of the version before it."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from kiosk.vault import migrations
from kiosk.vault.engine import make_engine

AT = "2026-11-23 18:00:00.000000"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'practice.db'}"


def upgrade_to(url: str, revision: str) -> None:
    engine = make_engine(url, foreign_keys=False)
    command.upgrade(migrations._config(engine), revision)
    engine.dispose()


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            found = connection.execute(text(statement))
        rows = [tuple(row) for row in found] if found.returns_rows else []
    engine.dispose()
    return rows


def a_record(name: str) -> str:
    return (
        "insert into record (id, client_id, form, version, channel, signed_at, body_sealed, document_id, "
        f"submission) values ('{name}', 'c', 'emergency_contact', 1, 'tablet', '{AT}', x'00', 'd', '{name}')"
    )


def test_what_was_taken_back_before_is_still_taken_back_and_nothing_else(url: str) -> None:
    upgrade_to(url, "0001")
    run(
        url,
        f"insert into client_key (owner, wrapped, made_at) values ('c', x'00', '{AT}')",
        f"insert into client (id, profile_sealed, made_at, changed_at) values ('c', x'00', '{AT}', '{AT}')",
        "insert into document (id, owner, kind, media_type, mac, body_sealed, made_at) "
        f"values ('d', 'c', 'record', 'application/pdf', 'm', x'00', '{AT}')",
        a_record("stands"),
        a_record("ended"),
        f"insert into withdrawal (record_id, at, by) values ('ended', '{AT}', 'staff')",
    )
    migrations.upgrade(url)
    assert run(url, "select record_id, question, how, at, by from ending") == [
        ("ended", "", "taken_back", AT, "staff")
    ]
    assert run(url, "select id, signer, until from record order by id") == [
        ("ended", "client", None),
        ("stands", "client", None),
    ]


def test_a_visit_that_was_handed_over_before_keeps_when_its_client_came(url: str) -> None:
    upgrade_to(url, "0003")
    run(
        url,
        f"insert into client (id, profile_sealed, made_at, changed_at) values ('c', x'00', '{AT}', '{AT}')",
        "insert into staff (id, sign_in, name, roles, passphrase_hash, may_open) "
        "values ('s', 's', 'S', 'therapist', '', false)",
        "insert into visit (id, client_id, therapist_id, at, minutes, state, arrived_at) "
        f"values ('v', 'c', 's', '{AT}', 50, 'on_tablet', '{AT}')",
    )
    migrations.upgrade(url)
    assert run(url, "select id, arrived_at, handed_at from visit") == [("v", AT, None)]


def test_whoever_was_signed_in_before_has_proved_nothing_yet_and_stays_signed_in(url: str) -> None:
    upgrade_to(url, "0004")
    run(
        url,
        "insert into staff (id, sign_in, name, roles, passphrase_hash, may_open) "
        "values ('s', 's', 'S', 'owner', '', false)",
        "insert into staff_session (token_hash, id, staff_id, device, began_at, seen_at, stage) "
        f"values ('t', 'i', 's', 'd', '{AT}', '{AT}', 'open')",
    )
    migrations.upgrade(url)
    assert run(url, "select id, stage, proved_at from staff_session") == [("i", "open", None)]


def test_a_store_that_was_brought_up_has_the_same_columns_as_a_new_one(url: str, tmp_path: Path) -> None:
    upgrade_to(url, "0001")
    migrations.upgrade(url)
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    migrations.upgrade(fresh)
    names = "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c order by 1, 2"
    assert run(url, names) == run(fresh, names)
