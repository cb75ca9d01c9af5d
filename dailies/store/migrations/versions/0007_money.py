"""What a run was expected to cost when it was stored. Null: unknown, which is not zero.

A migration never imports the program: it says how the tables were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("cost", sa.BigInteger))  # in millionths of the currency
    op.add_column("runs", sa.Column("currency", sa.String(12)))
    op.create_index("runs_spent", "runs", ["created", "owner"])
