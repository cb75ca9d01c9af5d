"""The library's shelf: what runs are listed and found by, and what a person keeps about them; how runs are related.

The database itself keeps the full text in step. A migration never imports the program: it describes the tables as they
were on its day. `differs` stays empty for earlier clips; the housekeeping judges them.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WORD = re.compile(r"[^\W_]+")
_ALONE = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")

_SQLITE = (
    "CREATE VIRTUAL TABLE shelf_words USING fts5("
    "words, kept_words, content='shelf', content_rowid='number', prefix='2 3')",
    "CREATE TRIGGER shelf_laid AFTER INSERT ON shelf BEGIN "
    "INSERT INTO shelf_words(rowid, words, kept_words) VALUES (new.number, new.words, new.kept_words); END",
    "CREATE TRIGGER shelf_taken AFTER DELETE ON shelf BEGIN "
    "INSERT INTO shelf_words(shelf_words, rowid, words, kept_words) "
    "VALUES ('delete', old.number, old.words, old.kept_words); END",
    "CREATE TRIGGER shelf_changed AFTER UPDATE OF words, kept_words ON shelf "
    "WHEN old.words IS NOT new.words OR old.kept_words IS NOT new.kept_words BEGIN "
    "INSERT INTO shelf_words(shelf_words, rowid, words, kept_words) "
    "VALUES ('delete', old.number, old.words, old.kept_words); "
    "INSERT INTO shelf_words(rowid, words, kept_words) VALUES (new.number, new.words, new.kept_words); END",
)
_POSTGRESQL = (
    "ALTER TABLE shelf ADD COLUMN search tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple', words || ' ' || kept_words)) STORED",
    "CREATE INDEX shelf_search ON shelf USING gin (search)",
)


def upgrade() -> None:
    op.add_column("runs", sa.Column("kinship", sa.String(16)))
    op.add_column("runs", sa.Column("frame", sa.Float))
    shelf = op.create_table(
        "shelf",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("run", sa.String(64), nullable=False, unique=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("owner", "gateway", "family", "model", "mode", "state", "parent", "prompt")
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("clip", "played", "poster", "words", "note", "kept_words")),
        sa.Column("differs", sa.Text),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("wait", sa.Float),
        sa.Column("cost", sa.BigInteger),
        sa.Column("currency", sa.String(12)),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("deleted", sa.DateTime),
        sa.Column("starred", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("shelf_listed", "shelf", ["owner", "deleted", "created", "number"])
    op.create_index("shelf_family", "shelf", ["owner", "family", "deleted", "created", "number"])
    for column in ("model", "gateway", "differs"):
        op.create_index(f"shelf_{column}", "shelf", ["owner", "deleted", column])
    op.create_index("shelf_parent", "shelf", ["parent"])
    op.create_index("shelf_revision", "shelf", ["revision"])
    op.create_table("tags", *(sa.Column(name, sa.String(64), primary_key=True) for name in ("run", "tag")))
    op.create_index("tags_tag", "tags", ["tag"])
    op.create_table(
        "collections",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_table("collected", *(sa.Column(name, sa.String(64), primary_key=True) for name in ("collection", "run")))
    op.create_index("collected_run", "collected", ["run"])
    _fill(op.get_bind(), shelf)
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
    if op.get_bind().dialect.name != "postgresql":
        op.execute("INSERT INTO shelf_words(shelf_words) VALUES ('rebuild')")
    op.drop_column("runs", "words")


def _fill(connection: sa.Connection, shelf: sa.Table) -> None:
    runs = sa.table(
        "runs",
        *(sa.column(name) for name in ("id", "owner", "gateway", "family", "model", "mode", "state", "parent", "task")),
        *(sa.column(name) for name in ("cost", "currency", "revision")),
        *(sa.column(name, sa.DateTime) for name in ("created", "sent", "finished")),
        *(sa.column(name, sa.JSON) for name in ("request", "clip")),
    )
    plain = ("owner", "gateway", "family", "model", "mode", "state", "parent", "cost", "currency", "created")
    batch = []
    for run in connection.execute(sa.select(runs)).mappings():
        prompt, clip = str((run["request"] or {}).get("prompt", "")), run["clip"] or {}
        done = run["state"] == "done" and run["sent"] and run["finished"]
        batch.append(
            {name: run[name] for name in plain}
            | {
                "number": run["revision"],
                "run": run["id"],
                "prompt": prompt[:240],
                "words": " ".join(_split(" ".join((prompt, run["model"], run["family"], run["task"], run["id"])))),
                "clip": clip.get("file", ""),
                "played": clip.get("preview") or clip.get("file", ""),
                "poster": clip.get("poster", ""),
                "width": clip.get("width", 0),
                "height": clip.get("height", 0),
                "seconds": clip.get("seconds"),
                "wait": (run["finished"] - run["sent"]).total_seconds() if done else None,
                "starred": False,
                "note": "",
                "kept_words": "",
                "revision": 0,
            }
        )
    for start in range(0, len(batch), 500):
        connection.execute(shelf.insert(), batch[start : start + 500])


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in plain if unicodedata.combining(sign) == 0)
    return _WORD.findall(_ALONE.sub(r" \1 ", unicodedata.normalize("NFC", bare)))
