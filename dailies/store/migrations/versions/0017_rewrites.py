"""What a chat model made of a run's prompt, and the chat model that a browser uses.

A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("rewrite", sa.JSON))
    op.add_column("browsers", sa.Column("chat", sa.Text))
