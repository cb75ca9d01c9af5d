"""People who have signed in, sign-outs, and with whom a comparison is shared.

A migration never imports the program: it says how the tables were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )
    op.create_table(
        "signed_out",
        sa.Column("session", sa.String(64), primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "shares",
        sa.Column("comparison", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
    )
