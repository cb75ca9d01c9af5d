"""Brings a database up to this version's tables.

Imported only for a database that needs it: Alembic is a tenth of what a start loads.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Connection

__all__ = ["CommandError", "upgrade"]


def upgrade(connection: Connection, migrations: Path) -> None:
    """Run the missing migrations in a transaction that has begun. Raises `CommandError` for a newer database."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
