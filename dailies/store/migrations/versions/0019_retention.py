"""Since when each limit of the rule for old clips is known here, so that nobody loses a clip without a week's notice.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("most", sa.BigInteger, primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
    )
