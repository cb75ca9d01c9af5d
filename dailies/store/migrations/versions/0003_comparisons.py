"""Comparisons, the votes on them, and the ballots that were imported.

Times are UTC without a zone. Comparisons share the counter of the runs, so that one revision speaks of every change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("parent", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("idea", sa.JSON, nullable=False),
        sa.Column("lanes", sa.JSON, nullable=False),
        sa.Column("view", sa.JSON, nullable=False),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("comparisons_listed", "comparisons", ["owner", "created"])
    op.create_index("comparisons_revision", "comparisons", ["revision"])
    op.create_table(
        "votes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("comparison", sa.String(64), nullable=False),
        sa.Column("criterion", sa.Text, nullable=False),
        sa.Column("left", sa.Text, nullable=False),
        sa.Column("right", sa.Text, nullable=False),
        sa.Column("left_name", sa.Text, nullable=False),
        sa.Column("right_name", sa.Text, nullable=False),
        sa.Column("voter", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("void", sa.Boolean, nullable=False),
        sa.Column("ballot", sa.Text, nullable=False),
    )
    op.create_index("votes_comparison", "votes", ["comparison"])
    op.create_table(
        "ballots",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("comparison", sa.String(64), nullable=False),
        sa.Column("imported", sa.DateTime, nullable=False),
    )
