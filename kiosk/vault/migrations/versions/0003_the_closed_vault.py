"""keys that end; second factors and machines; erasure, declared access, archives, day heads"""

import secrets

import sqlalchemy as sa
from alembic import op

import kiosk.vault.tables

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def fill_ids(table: str, key: str) -> None:
    """A random id for each row there is, before the column may not be empty."""
    connection = op.get_bind()
    for (value,) in connection.execute(sa.text(f"select {key} from {table}")).all():
        connection.execute(sa.text(f"update {table} set id = :id where {key} = :key"),
                           {"id": secrets.token_urlsafe(16), "key": value})


def upgrade() -> None:
    time = kiosk.vault.tables.UtcTime
    with op.batch_alter_table('key_wrap') as batch:
        batch.add_column(sa.Column('staff_id', sa.String(), nullable=True))
        batch.create_foreign_key('fk_key_wrap_staff_id_staff', 'staff', ['staff_id'], ['id'])
    for table, key in (('client_key', 'owner'), ('staff_session', 'token_hash')):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column('id', sa.String(), nullable=True))
        fill_ids(table, key)
        with op.batch_alter_table(table) as batch:
            batch.alter_column('id', nullable=False)
            batch.create_unique_constraint(f'uq_{table}_id', ['id'])
    with op.batch_alter_table('client_key') as batch:
        batch.add_column(sa.Column('destroyed_at', time(), nullable=True))
    with op.batch_alter_table('staff_session') as batch:
        batch.add_column(sa.Column('machine_hash', sa.String(), nullable=True))
        batch.add_column(sa.Column('stage', sa.String(), nullable=False, server_default='open'))
    op.create_index('ix_staff_session_machine_hash', 'staff_session', ['machine_hash'])
    with op.batch_alter_table('staff') as batch:
        batch.add_column(sa.Column('pin_mac', sa.String(), nullable=True))
        batch.add_column(sa.Column('totp_sealed', sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column('totp_counter', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('may_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('client') as batch:
        batch.add_column(sa.Column('held_at', time(), nullable=True))
        batch.add_column(sa.Column('held_by', sa.String(), nullable=True))
        batch.add_column(sa.Column('erased_at', time(), nullable=True))
        batch.add_column(sa.Column('visited_at', time(), nullable=True))
        batch.create_foreign_key('fk_client_held_by_staff', 'staff', ['held_by'], ['id'])
    with op.batch_alter_table('backup') as batch:
        batch.add_column(sa.Column('place', sa.String(), nullable=False, server_default=''))
        batch.add_column(sa.Column('by_hand', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('percent', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('keys_made_at', time(), nullable=True))
        batch.add_column(sa.Column('keys_destroyed_at', time(), nullable=True))
        batch.add_column(sa.Column('deleted_at', time(), nullable=True))
    op.execute('update backup set keys_made_at = made_at')
    with op.batch_alter_table('backup') as batch:
        batch.alter_column('place', server_default=None)
        batch.alter_column('by_hand', server_default=None)
        batch.alter_column('keys_made_at', nullable=False)
    with op.batch_alter_table('draft') as batch:
        batch.add_column(sa.Column('owner', sa.String(), nullable=True))
        batch.add_column(sa.Column('marked_at', time(), nullable=True))
    op.execute("update draft set owner = client_id")  # they are still sealed so
    with op.batch_alter_table('draft') as batch:
        batch.alter_column('owner', nullable=False)
        batch.create_foreign_key('fk_draft_owner_client_key', 'client_key', ['owner'], ['owner'])
        batch.create_index('ix_draft_owner', ['owner'])
        batch.create_index('ix_draft_client_id', ['client_id'])
    op.create_table('archive',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.Column('destroyed_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive'))
    )
    op.create_table('day_head',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('head', sa.String(), nullable=False),
    sa.Column('seal', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('document_id', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_day_head_document_id_document')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_day_head'))
    )
    for column in ('at', 'actor', 'did', 'object', 'outcome'):
        op.create_index(f'ix_audit_{column}', 'audit', [column, 'seq'])
    op.create_index('ix_audit_actor_did', 'audit', ['actor', 'did', 'seq'])
    op.create_table('machine',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('staff_id', sa.String(), nullable=False),
    sa.Column('proved_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_machine_staff_id_staff')),
    sa.PrimaryKeyConstraint('token_hash', 'staff_id', name=op.f('pk_machine'))
    )
    op.create_table('staff_code',
    sa.Column('code_mac', sa.String(), nullable=False),
    sa.Column('staff_id', sa.String(), nullable=False),
    sa.Column('used_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_code_staff_id_staff')),
    sa.PrimaryKeyConstraint('code_mac', name=op.f('pk_staff_code'))
    )
    with op.batch_alter_table('staff_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_code_staff_id'), ['staff_id'], unique=False)

    op.create_table('superseded_key',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('ended_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['owner'], ['client_key.owner'], name=op.f('fk_superseded_key_owner_client_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_superseded_key'))
    )
    with op.batch_alter_table('superseded_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_superseded_key_owner'), ['owner'], unique=False)

    op.create_table('archived_client',
    sa.Column('archive_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['archive_id'], ['archive.id'], name=op.f('fk_archived_client_archive_id_archive')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_archived_client_client_id_client')),
    sa.PrimaryKeyConstraint('archive_id', 'client_id', name=op.f('pk_archived_client'))
    )
    op.create_table('declared_access',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('staff_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('until', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('seen_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('seen_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_declared_access_client_id_client')),
    sa.ForeignKeyConstraint(['seen_by'], ['staff.id'], name=op.f('fk_declared_access_seen_by_staff')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_declared_access_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declared_access'))
    )
    with op.batch_alter_table('declared_access', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_declared_access_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_declared_access_staff_id'), ['staff_id'], unique=False)

    op.create_table('erasure',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('asked_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('agreed_by', sa.String(), nullable=True),
    sa.Column('called_off_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('done_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['agreed_by'], ['staff.id'], name=op.f('fk_erasure_agreed_by_staff')),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_erasure_asked_by_staff')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_erasure_client_id_client')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasure_client_id'), ['client_id'], unique=False)


def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
