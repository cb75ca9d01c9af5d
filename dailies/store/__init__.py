"""What a restart must not lose: runs, comparisons, votes and assets in a database, bytes in files.

The only importer of SQLAlchemy and Alembic. `runs`, `comparisons`, `assets` and `browsers` are peers over one
`database`; `files` holds references and clips; `records` is the written form of a run.
"""

from __future__ import annotations

from pathlib import Path

from dailies.store.assets import AssetStore
from dailies.store.browsers import BrowserStore
from dailies.store.comparisons import ComparisonStore
from dailies.store.database import Database
from dailies.store.files import Files
from dailies.store.runs import RunStore


class Store:
    """Everything kept in one home, or in one database with its files in a home."""

    def __init__(self, home: Path, url: str | None = None) -> None:
        """Open, and bring the tables up to date. `url` is a SQLAlchemy address; without one `<home>/dailies.db`.

        Raises `DailiesError` where the database cannot be opened.
        """
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        self.home = home
        self.files = Files(home)
        self._database = Database(url or f"sqlite:///{home / 'dailies.db'}")
        self.runs = RunStore(self._database, self.files)
        self.comparisons = ComparisonStore(self._database)
        self.assets = AssetStore(self._database)
        self.browsers = BrowserStore(self._database)

    def close(self) -> None:
        self._database.close()

    def changed_since(self, revision: int) -> tuple[int, dict[str, int]]:
        """(latest revision, {id: its revision}) of everything saved after `revision`, by whatever process."""
        with self._database.reading() as connection:
            changed = {
                changed_id: saved
                for peer in (self.runs, self.comparisons, self.assets)
                for changed_id, saved in peer.changed(connection, revision).items()
            }
        return max(changed.values(), default=revision), changed
