"""An index of the runs whose task is asked for, so that a library of many finished runs costs a worker nothing.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NOT_ASKED = "'ready', 'sending', 'fetching', 'done', 'failed', 'cancelled', 'unsure', 'unattended', 'expired'"


def upgrade() -> None:
    asked = sa.text(f"due IS NOT NULL AND state NOT IN ({NOT_ASKED})")
    op.create_index("runs_asked", "runs", ["due"], sqlite_where=asked, postgresql_where=asked)
