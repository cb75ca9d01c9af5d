"""What is remembered for a browser: the gateway in use, and the form of each page as it was left.

A migration never imports the program: it says how the tables were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "browsers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("keyed", sa.Boolean, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("browser", sa.String(64), primary_key=True),
        sa.Column("form", sa.String(64), primary_key=True),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("saved", sa.DateTime, nullable=False),
    )
