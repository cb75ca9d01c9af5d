"""What the gateway says a run has used or cost. Earlier runs have none: nobody read it.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("usage", sa.Text))
