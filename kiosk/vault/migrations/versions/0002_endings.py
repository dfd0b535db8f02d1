"""what a record allows may end in part; who signed in which capacity; what a guardian brings along"""

import sqlalchemy as sa
from alembic import op

import kiosk.vault.tables

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ending',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('said', sa.String(), nullable=False),
    sa.Column('at', kiosk.vault.tables.UtcTime(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['record.id'], name=op.f('fk_ending_record_id_record')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ending')),
    sa.UniqueConstraint('record_id', 'question', name=op.f('uq_ending_record_id'))
    )
    op.create_index(op.f('ix_ending_record_id'), 'ending', ['record_id'], unique=False)
    # A record's id names its withdrawal too: it was one a record, and of the whole of it.
    op.execute("insert into ending (id, record_id, question, how, said, at, by) "
               "select record_id, record_id, '', 'taken_back', 'in_person', at, by from withdrawal")
    op.drop_table('withdrawal')
    with op.batch_alter_table('record') as record:
        record.add_column(sa.Column('signer', sa.String(), nullable=False, server_default='client'))
        record.add_column(sa.Column('until', sa.Date(), nullable=True))
    with op.batch_alter_table('record') as record:
        record.alter_column('signer', server_default=None)
    with op.batch_alter_table('sitting') as sitting:
        sitting.add_column(sa.Column('carried_sealed', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
