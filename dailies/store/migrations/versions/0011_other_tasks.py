"""Further ids that a create's answer gave: some gateways answer only to the second one.

A migration never imports the program: it describes the tables as they were on its day. Earlier runs have none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("other_tasks", sa.JSON))
