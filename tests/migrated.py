"""New databases of the tests are copies of one that was migrated once per process.

A run of all migrations costs 50 ms, and the suite opens hundreds of new databases. Tests of the migrations replace
`command.upgrade`, and then nothing is copied.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dailies.store import upgrade as migrations
from dailies.store.database import Database

_migrate = Database._migrate
_upgrade = migrations.command.upgrade


@contextmanager
def copying(folder: Path) -> Iterator[None]:
    """Open every new SQLite database of this process as a copy of one in `folder`."""
    template = folder / "migrated.db"
    Database(f"sqlite:///{template}").close()

    def migrate(opened: Database) -> None:
        if migrations.command.upgrade is not _upgrade or not _copied(template, opened._file):
            _migrate(opened)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_migrate", migrate)
        yield


def _copied(template: Path, file: Path | None) -> bool:
    """Put a copy at `file` if nothing is there yet, also if another thread tries the same; False if not."""
    if file is None or file.exists():
        return False
    copy = file.with_name(f"{secrets.token_hex(8)}.db")
    try:
        shutil.copyfile(template, copy)
        os.link(copy, file)
    except OSError:  # a folder that cannot be written to, or a thread that was faster: as in the program
        return False
    finally:
        with suppress(OSError):
            copy.unlink()
    return True
