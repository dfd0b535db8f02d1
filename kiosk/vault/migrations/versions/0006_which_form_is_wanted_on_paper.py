"""which form is wanted on paper is said by its own draft, and no more by the visit"""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # It never said which form. Whoever asked on the day of the update has that form left for later.
    op.drop_column('visit', 'paper_wanted_at')


def downgrade() -> None:
    raise RuntimeError("a store goes forward only: restore a backup instead")
