"""Calls of chat models, and what each was expected to cost. Null: unknown, which is not zero.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_calls",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("cost", sa.BigInteger),  # in millionths of the currency
        sa.Column("currency", sa.String(12)),
    )
    op.create_index("chat_calls_spent", "chat_calls", ["created", "owner"])
