"""the first schema"""

import sqlalchemy as sa
from alembic import op

import kiosk.vault.tables

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('arrival',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('said_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('done_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival'))
    )
    op.create_table('audit',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('device', sa.String(), nullable=False),
    sa.Column('did', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('object', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('mac', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    op.create_table('backup',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('verified_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup'))
    )
    op.create_table('client',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('profile_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('changed_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client'))
    )
    op.create_table('client_key',
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_client_key'))
    )
    op.create_table('key_wrap',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('parameters', sa.String(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_wrap'))
    )
    op.create_table('miss',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_miss'))
    )
    op.create_table('office_item',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_office_item'))
    )
    op.create_table('staff',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sign_in', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('roles', sa.String(), nullable=False),
    sa.Column('passphrase_hash', sa.String(), nullable=False),
    sa.Column('left_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('sign_in', name=op.f('uq_staff_sign_in'))
    )
    op.create_table('tablet',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('paired_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('revoked_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tablet')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_tablet_token_hash'))
    )
    op.create_table('document',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('mac', sa.String(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['owner'], ['client_key.owner'], name=op.f('fk_document_owner_client_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_owner'), ['owner'], unique=False)

    op.create_table('pairing',
    sa.Column('code_mac', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('tablet_name', sa.String(), nullable=False),
    sa.Column('ends_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_pairing_made_by_staff')),
    sa.PrimaryKeyConstraint('code_mac', name=op.f('pk_pairing'))
    )
    op.create_table('staff_session',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('staff_id', sa.String(), nullable=False),
    sa.Column('device', sa.String(), nullable=False),
    sa.Column('began_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('seen_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_session_staff_id_staff')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_session'))
    )
    op.create_table('visit',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('therapist_id', sa.String(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('arrived_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('code_mac', sa.String(), nullable=True),
    sa.Column('code_from', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('code_until', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('tablet_id', sa.String(), nullable=True),
    sa.Column('help_asked_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('paper_wanted_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_visit_client_id_client')),
    sa.ForeignKeyConstraint(['tablet_id'], ['tablet.id'], name=op.f('fk_visit_tablet_id_tablet')),
    sa.ForeignKeyConstraint(['therapist_id'], ['staff.id'], name=op.f('fk_visit_therapist_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('code_mac', name=op.f('uq_visit_code_mac'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_at', ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_therapist_id'), ['therapist_id'], unique=False)

    op.create_table('draft',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('read_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('skipped', sa.Boolean(), nullable=False),
    sa.Column('changed_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_draft_client_id_client')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_draft_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('visit_id', 'form', name=op.f('uq_draft_visit_id'))
    )
    op.create_table('review',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('staff_id', sa.String(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_review_client_id_client')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_review_staff_id_staff')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_review_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review'))
    )
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_client_id'), ['client_id'], unique=False)

    op.create_table('scan',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('document_id', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('received_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('leased_until', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('duplicate_of', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_scan_document_id_document')),
    sa.ForeignKeyConstraint(['duplicate_of'], ['scan.id'], name=op.f('fk_scan_duplicate_of_scan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scan_state'), ['state'], unique=False)

    op.create_table('shred_batch',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=True),
    sa.Column('method', sa.String(), nullable=True),
    sa.Column('level', sa.String(), nullable=True),
    sa.Column('shredded_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('shredded_by', sa.String(), nullable=True),
    sa.Column('witness', sa.String(), nullable=True),
    sa.Column('certificate_id', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['certificate_id'], ['document.id'], name=op.f('fk_shred_batch_certificate_id_document')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_shred_batch_made_by_staff')),
    sa.ForeignKeyConstraint(['shredded_by'], ['staff.id'], name=op.f('fk_shred_batch_shredded_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shred_batch'))
    )
    op.create_table('sitting',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('tablet_id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=True),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('misses', sa.Integer(), nullable=False),
    sa.Column('began_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('seen_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('known_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('ended_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('signature_sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['tablet_id'], ['tablet.id'], name=op.f('fk_sitting_tablet_id_tablet')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_sitting_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sitting_token_hash'))
    )
    op.create_table('sheet',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('serial', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=True),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('field_map', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('printed_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('confirmed_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=True),
    sa.Column('cleared_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('backup_id', sa.String(), nullable=True),
    sa.Column('batch_id', sa.String(), nullable=True),
    sa.Column('hold_reason', sa.String(), nullable=True),
    sa.Column('cleared_cooling_days', sa.Integer(), nullable=True),
    sa.Column('shredded_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['backup_id'], ['backup.id'], name=op.f('fk_sheet_backup_id_backup')),
    sa.ForeignKeyConstraint(['batch_id'], ['shred_batch.id'], name=op.f('fk_sheet_batch_id_shred_batch')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_sheet_client_id_client')),
    sa.ForeignKeyConstraint(['confirmed_by'], ['staff.id'], name=op.f('fk_sheet_confirmed_by_staff')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_sheet_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet')),
    sa.UniqueConstraint('serial', name=op.f('uq_sheet_serial'))
    )
    with op.batch_alter_table('sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sheet_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sheet_state'), ['state'], unique=False)

    op.create_table('record',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=True),
    sa.Column('sheet_id', sa.String(), nullable=True),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('signed_at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('document_id', sa.String(), nullable=False),
    sa.Column('submission', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_record_client_id_client')),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_record_document_id_document')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_record_sheet_id_sheet')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_record_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record')),
    sa.UniqueConstraint('sheet_id', name=op.f('uq_record_sheet_id')),
    sa.UniqueConstraint('submission', name=op.f('uq_record_submission'))
    )
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_record_client_id'), ['client_id'], unique=False)

    op.create_table('scan_page',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('scan_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.Column('problem_kind', sa.String(), nullable=True),
    sa.Column('image_id', sa.String(), nullable=True),
    sa.Column('sheet_id', sa.String(), nullable=True),
    sa.Column('sheet_page', sa.Integer(), nullable=True),
    sa.Column('viewed_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_scan_page_decided_by_staff')),
    sa.ForeignKeyConstraint(['image_id'], ['document.id'], name=op.f('fk_scan_page_image_id_document')),
    sa.ForeignKeyConstraint(['scan_id'], ['scan.id'], name=op.f('fk_scan_page_scan_id_scan')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_scan_page_sheet_id_sheet')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan_page')),
    sa.UniqueConstraint('scan_id', 'number', name=op.f('uq_scan_page_scan_id'))
    )
    with op.batch_alter_table('scan_page', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scan_page_sheet_id'), ['sheet_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scan_page_state'), ['state'], unique=False)

    op.create_table('reading',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sheet_id', sa.String(), nullable=False),
    sa.Column('page_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('read_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('crop_id', sa.String(), nullable=False),
    sa.Column('seen_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('confirmed_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=True),
    sa.Column('confirmed_at', kiosk.vault.tables.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['confirmed_by'], ['staff.id'], name=op.f('fk_reading_confirmed_by_staff')),
    sa.ForeignKeyConstraint(['crop_id'], ['document.id'], name=op.f('fk_reading_crop_id_document')),
    sa.ForeignKeyConstraint(['page_id'], ['scan_page.id'], name=op.f('fk_reading_page_id_scan_page')),
    sa.ForeignKeyConstraint(['sheet_id'], ['sheet.id'], name=op.f('fk_reading_sheet_id_sheet')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading')),
    sa.UniqueConstraint('sheet_id', 'question', 'part', name=op.f('uq_reading_sheet_id'))
    )
    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reading_sheet_id'), ['sheet_id'], unique=False)

    op.create_table('withdrawal',
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['record.id'], name=op.f('fk_withdrawal_record_id_record')),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_withdrawal'))
    )



def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
