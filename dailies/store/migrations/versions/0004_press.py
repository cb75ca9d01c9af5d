"""The press that a run came of: one press of one button for one request makes one run.

A migration never imports the program: it says how the tables were on its day. Runs of earlier days came of no known
press; nulls do not collide in a unique index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("press", sa.String(128)))
    op.create_index("runs_press", "runs", ["press"], unique=True)
