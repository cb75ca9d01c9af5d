"""The press that a comparison came of: one press of one button makes one comparison with its runs.

What a lane announced is called `announced`. A migration never imports the program: it says how the tables were on its
day. Comparisons of earlier days came of no known press; nulls do not collide in a unique index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_comparisons = sa.Table("comparisons", sa.MetaData(), sa.Column("id", sa.String(64)), sa.Column("lanes", sa.JSON))


def upgrade() -> None:
    op.add_column("comparisons", sa.Column("press", sa.String(128)))
    op.create_index("comparisons_press", "comparisons", ["press"], unique=True)
    connection = op.get_bind()
    for row in connection.execute(sa.select(_comparisons)).all():
        lanes = [{"announced" if name == "said" else name: fact for name, fact in lane.items()} for lane in row.lanes]
        connection.execute(_comparisons.update().where(_comparisons.c.id == row.id).values(lanes=lanes))
