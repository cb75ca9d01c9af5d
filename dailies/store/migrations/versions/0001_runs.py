"""Runs, and the counter that gives every save its revision.

Times are UTC without a zone. A migration never imports the program: it says how the tables were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("gateway", sa.Text, nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
        sa.Column("sent", sa.DateTime),
        sa.Column("finished", sa.DateTime),
        sa.Column("due", sa.DateTime),
        sa.Column("watched", sa.DateTime),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("parent", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("percent", sa.Integer),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("call", sa.JSON, nullable=False),
        sa.Column("route", sa.JSON, nullable=False),
        sa.Column("failure", sa.JSON),
        sa.Column("clip", sa.JSON),
    )
    op.create_index("runs_due", "runs", ["state", "due"])
    op.create_index("runs_revision", "runs", ["revision"])
    op.create_index("runs_listed", "runs", ["owner", "created"])
    op.create_index("runs_model", "runs", ["model", "state"])
    counter = op.create_table(
        "counter", sa.Column("name", sa.String(16), primary_key=True), sa.Column("value", sa.BigInteger, nullable=False)
    )
    op.bulk_insert(counter, [{"name": "revision", "value": 0}])
