"""when the person of a session last proved who they are"""

import sqlalchemy as sa
from alembic import op

import kiosk.vault.tables

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for sessions that were open before: before a grave act they are asked once more.
    op.add_column('staff_session', sa.Column('proved_at', kiosk.vault.tables.UtcTime(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
