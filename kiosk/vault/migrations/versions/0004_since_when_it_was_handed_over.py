"""since when a visit waits for its tablet, apart from when its client came"""

import sqlalchemy as sa
from alembic import op

import kiosk.vault.tables

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was handed over before: there the arrival counts, which a hand-over set.
    op.add_column('visit', sa.Column('handed_at', kiosk.vault.tables.UtcTime(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
