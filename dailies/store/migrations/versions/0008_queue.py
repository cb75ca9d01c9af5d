"""The queue of each gateway: a run's place in it, runs on hold, and gateways whose whole queue is on hold.

Old runs stand in the order in which they were made. A migration never imports the program: it says how the tables
were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("place", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE runs SET place = ranked.place"
        " FROM (SELECT id, row_number() OVER (ORDER BY created, id) AS place FROM runs) AS ranked"
        " WHERE runs.id = ranked.id"
    )
    op.create_index("runs_queue", "runs", ["state", "gateway", "place"])
    op.create_table("held_queues", sa.Column("gateway", sa.Text, primary_key=True))
