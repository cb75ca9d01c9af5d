"""Everything that survives a restart: runs, comparisons, votes and assets in a database, media in files.

The only importer of SQLAlchemy and Alembic. `runs` with its `queue` and `library`, `comparisons`, `assets`, `browsers`,
`people`, `prompts`, `spending` and `keys` are peers on one `database`; `files` holds references and clips; `records`
converts runs to rows and back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from dailies.compare.nouns import Comparison
from dailies.home import open_home
from dailies.people import Person
from dailies.store.assets import AssetStore
from dailies.store.browsers import BrowserStore
from dailies.store.clock import Clock
from dailies.store.comparisons import ComparisonStore
from dailies.store.database import Database
from dailies.store.expendable import ExpendableStore
from dailies.store.files import Files
from dailies.store.keys import KeyStore, Seal
from dailies.store.library import LibraryStore
from dailies.store.moving import MovingStore
from dailies.store.people import PeopleStore
from dailies.store.prompts import PromptStore
from dailies.store.queue import QueueStore
from dailies.store.runs import RunStore
from dailies.store.spending import SpendingStore


class Store:
    """The records and files of one home folder; the database may be elsewhere."""

    def __init__(self, home: Path, url: str | None = None, *, media_url: str = "", seal: Seal | None = None) -> None:
        """Open the store and migrate its tables. `url` is a SQLAlchemy address, by default `<home>/dailies.db`.
        `media_url` is the bucket for files, by default the home.

        `seal` seals the keys of runs for other processes; it is called only where the database is shared.

        Raises `DailiesError` if the home or the database cannot be opened.
        """
        open_home(home)
        self.home = home
        self.files = Files(home, media_url)
        self._database = Database(url or f"sqlite:///{home / 'dailies.db'}")
        self.clock = Clock(self._database)
        self.shared, self.listen, self.alone = self._database.shared, self._database.listen, self._database.alone
        self.keys = KeyStore(self._database, seal if self.shared else None)
        self.runs = RunStore(self._database, self.files, self.keys)
        self.library = LibraryStore(self._database)
        self.expendable = ExpendableStore(self._database)
        self.queue = QueueStore(self._database)
        self.comparisons = ComparisonStore(self._database, self.runs)
        self.moving = MovingStore(self._database, self.runs, self.library, self.comparisons)
        self.assets = AssetStore(self._database, self.keys)
        self.browsers = BrowserStore(self._database)
        self.people = PeopleStore(self._database)
        self.prompts = PromptStore(self._database)
        self.spending = SpendingStore(self._database)

    def close(self) -> None:
        self._database.close()

    def analyse(self) -> None:
        """Bring the database's statistics up to date after many changes at once; see `Database.analyse`."""
        self._database.analyse()

    def revision(self) -> int:
        """Return the newest revision of anything: whatever is read after this holds every save up to it."""
        return self._database.revision()

    def changed_since(self, revision: int) -> tuple[int, dict[str, int]]:
        """Return (latest revision, {id: revision}) of everything that any process saved after `revision`."""
        with self._database.reading() as connection:
            newest = self._database.read_revision(connection)
            if newest <= revision:
                return revision, {}
            changed = self.runs.changed(connection, revision)
            for peer in (self.library, self.comparisons, self.assets):
                for changed_id, saved in peer.changed(connection, revision).items():
                    changed[changed_id] = max(saved, changed.get(changed_id, 0))
        return max(newest, max(changed.values(), default=0)), changed

    def list_clip_stems(self, deleted: datetime | None = None) -> set[str]:
        """List the names, up to the first dot, of all clips that a run or a lane names; their pictures share them.

        Runs that were deleted before `deleted` name none, unless a comparison has them.
        """
        kept = self.comparisons.list_runs() if deleted else ()
        files = self.runs.list_clip_files(kept, deleted) | self.comparisons.list_clip_files()
        return {file.split(".")[0] for file in files}

    def select_visible(self, ids: Collection[str], person: Person) -> set[str]:
        """Select the ids of runs, comparisons and assets that a person owns or that are shared with them."""
        own = self.runs.select_owned(ids, person.id) | self.assets.select_owned(ids, person.id)
        shared = {lane.run for comparison in self._list_shared(person) for lane in comparison.lanes}
        return own | self.comparisons.select_visible(ids, person) | (shared & set(ids))

    def _list_shared(self, person: Person) -> Sequence[Comparison]:
        return self.comparisons.list_shared(person, limit=1000) if person.id else []
