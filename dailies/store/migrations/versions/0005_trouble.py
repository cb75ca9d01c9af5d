"""What holds a run up, as a word that the program decides by; the note says the same to people.

A migration never imports the program: it describes the tables as they were on its day. Earlier runs have no trouble
on record; the next look finds out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("trouble", sa.String(16), nullable=False, server_default=""))
