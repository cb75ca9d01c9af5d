"""Keys of people for workers on other machines: sealed, and only while a run needs them.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_keys",
        sa.Column("handle", sa.String(64), primary_key=True),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("saved", sa.DateTime, nullable=False),
    )
