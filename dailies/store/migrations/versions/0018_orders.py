"""Indexes in every order that the library offers, so that a page costs the same in a library of any size.

PostgreSQL takes no order from an index over `deleted IS NULL`, but does from a partial one; SQLite counts in an index only
if it holds every column that is asked for. An index serves an expression only if the query writes it the same way, see
`_put_last` in `store/library`. A migration never imports the program: it describes the tables as they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

VALUES = {"seconds": ("-1.0", "1e18"), "wait": ("-1.0", "1e18"), "cost": ("-1", "1000000000000000000")}


def upgrade() -> None:
    for name in ("listed", "family", "model", "gateway", "differs"):
        op.drop_index(f"shelf_{name}", "shelf")
    _index("listed")
    for column in ("family", "model", "state", "gateway", "differs", "starred"):
        _index(column, column)
    for column, (least, most) in VALUES.items():
        _index(f"{column}_falling", sa.text(f"coalesce({column}, {least})"), dated=False)
        _index(f"{column}_rising", sa.text(f"coalesce({column}, {most})"), dated=False)
    op.create_index("shelf_told", "shelf", ["owner", "number"])
    op.create_index("shelf_told_family", "shelf", ["owner", "family", "number"])
    op.drop_index("runs_model", "runs")
    op.create_index("runs_model", "runs", ["model", "state", "finished"])


def _index(name: str, *columns: object, dated: bool = True) -> None:
    """Index the rows of an owner that are not deleted by these columns, then by date and number, or by number alone."""
    whole = op.get_bind().dialect.name == "sqlite"
    order = [*columns, *(["created"] if dated else []), "number"]
    kept = {} if whole else {"postgresql_where": sa.text("deleted IS NULL")}
    op.create_index(f"shelf_{name}", "shelf", ["owner", *(["deleted"] if whole else []), *order], **kept)
