"""Sends the creates of the asset library and looks its assets up until the gateway has decided, page or no page.

`gateway.asset_life` decides what an answer means, `store.assets` keeps the records, `due_loop` has the threads.
Several processes may share one database: each claims what is due. Pages learn of a change through the worker's feed.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from dailies.errors import DailiesError, GatewayError, Unreachable
from dailies.gateway import asset_life, assets
from dailies.gateway.asset_life import USUAL, Rhythm
from dailies.gateway.assets import Asset, AssetGroup, AssetState, Item
from dailies.store.assets import AssetStore
from dailies.work.due_loop import DueLoop
from dailies.work.worker import Worker

IDLE = 5.0
"""Longest pause of the loop in seconds; then anything that a dead process left is found."""

CLAIM = timedelta(seconds=15)
"""How long an asset that one process looks up is left alone by the others."""

_log = logging.getLogger(__name__)


class AssetWatch:
    """The asset libraries of a process. Call `start` once and `stop` at the end; call the rest from any thread."""

    def __init__(self, store: AssetStore, worker: Worker, *, rhythm: Rhythm = USUAL, threads: int = 8) -> None:
        """`worker` provides the clients and the clock, and publishes changes."""
        self._store = store
        self._worker = worker
        self._rhythm = rhythm
        self._by_id: set[str] = set()  # gateways whose GetAsset wants the asset's own id
        self._loop = DueLoop("dailies-assets", self._start_due, threads=threads, longest=IDLE)

    def start(self) -> None:
        """Start, and follow what an earlier process left open. A second call does nothing."""
        for entry in self._worker.journal.read():
            item = self._store.get(entry.item)
            if item is not None and item.state in (AssetState.SENDING, AssetState.UNSURE):
                answer = assets.Made(entry.facts["asset"], entry.facts["task"])
                self._keep(item, asset_life.record_created(item, answer, self._worker.clock()))
        self._loop.start()

    def stop(self, grace: float = 5.0) -> None:
        """Stop, giving calls under way `grace` seconds. A create cut off by it becomes `unsure` later."""
        self._loop.stop(grace)

    def create_group(self, group: AssetGroup) -> AssetGroup:
        """Store a new group and create it at its gateway. It is sent once."""
        return self._create(group)

    def import_asset(self, asset: Asset) -> Asset:
        """Store a new asset, import it at its gateway and follow it. It is sent once."""
        return self._create(asset)

    def ask_again(self, asset: str) -> None:
        """Follow an asset again whose look-ups had ended."""
        found = self._store.get(asset)
        if found is not None:
            self._keep(found, asset_life.look_again(found, self._worker.clock()))
            self._loop.wake()

    def forget(self, item: Asset | AssetGroup) -> None:
        """Delete one from this list, not at the gateway. Raises `DailiesError` while its create is under way."""
        if item.state is AssetState.SENDING:
            raise DailiesError("This is being sent. Wait for the answer first.")
        if self._store.forget(item):
            self._worker.feed.publish({item.id}, item.owner)

    # --- the loop ------------------------------------------------------------------------------------------------

    def _start_due(self) -> float:
        """Start what is due; returns the seconds until the next look."""
        under_way, now = self._loop.under_way, self._worker.clock()
        if free := self._loop.free:
            for item in self._store.claim_due(now, now + CLAIM, free, under_way):
                self._loop.run(item.id, partial(self._look, item))
        due = self._store.next_due() if self._loop.free else None  # a full pool wakes us when a task ends
        return IDLE if due is None else (due - self._worker.clock()).total_seconds()

    # --- one call ------------------------------------------------------------------------------------------------

    def _create(self, item: Item) -> Item:
        kept = self._store.add(item)
        self._worker.wake()
        self._loop.run(kept.id, partial(self._send, kept))
        return kept

    def _send(self, item: Item) -> None:
        # Renewed as it leaves: if another process has marked it as abandoned meanwhile, it is not sent.
        if not self._store.put_off(item, self._worker.clock() + asset_life.ANSWER_WITHIN):
            return
        try:
            if isinstance(item, AssetGroup):
                body = self._post(item, assets.CREATE_GROUP, assets.build_group_body(item.name, item.description))
                answer = assets.read_created(body, by_task=False)
            else:
                answer = assets.read_created(self._post(item, assets.CREATE_ASSET, assets.build_asset_body(item)))
        except GatewayError as error:
            self._keep(item, asset_life.record_create_failure(item, error, self._worker.clock()))
            return
        _log.info("%s is %s at the gateway.", item.id, answer.id or answer.task)
        self._worker.journal.note(item.id, {"asset": answer.id, "task": answer.task, "gateway": item.gateway})
        self._loop.persist(lambda: self._keep(item, asset_life.record_created(item, answer, self._worker.clock())))
        self._worker.journal.settle(item.id)

    def _look(self, item: Asset | AssetGroup) -> None:
        # Only an asset is looked up; a group is due only if the process that sent it is gone.
        if isinstance(item, AssetGroup):
            self._keep(item, asset_life.abandon(item, self._worker.clock()))
            return
        if item.state is AssetState.SENDING:
            self._keep(item, asset_life.abandon(item, self._worker.clock()))
            return
        try:
            self._keep(item, asset_life.record_state(item, self._ask(item), self._worker.clock(), self._rhythm))
        except GatewayError as error:
            self._keep(item, asset_life.record_no_answer(item, error, self._worker.clock(), self._rhythm))

    def _ask(self, asset: Asset) -> assets.Seen:
        """Look an asset up. Raises `GatewayError`: the answer to the documented form of the question."""
        by_id = asset.gateway in self._by_id
        bodies = assets.build_look_bodies(asset, by_id=by_id)
        try:
            return assets.read_state(self._post(asset, assets.GET_ASSET, bodies[0]))
        except GatewayError as error:
            if len(bodies) < 2 or not assets.asks_for_other_id(error):
                raise
            complaint = error
        try:
            found = assets.read_state(self._post(asset, assets.GET_ASSET, bodies[1]))
        except GatewayError:
            raise complaint from None
        (self._by_id.discard if by_id else self._by_id.add)(asset.gateway)
        return found

    def _post(self, item: Asset | AssetGroup, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            client = self._worker.client(item.gateway, item.owner)
        except GatewayError:
            raise
        except DailiesError as error:  # the sandbox is not running
            raise Unreachable(str(error)) from None
        try:
            return client.post(path, body, item.credential)
        except GatewayError as error:
            answered = assets.extract_body(error)
            if answered is None:
                raise
            return answered

    def _keep(self, before: Item, after: Item) -> None:
        """Store the new state of one, and publish it if anything that a page shows has changed."""
        if isinstance(before, Asset) and isinstance(after, Asset) and after.due and _looks_like(before, after):
            self._store.put_off(before, after.due, after.misses)
        elif after != before and self._store.save(after) is not None:
            self._worker.wake()  # its loop looks for new revisions and publishes them, other processes' too


def _looks_like(before: Asset, after: Asset) -> bool:
    return asset_life.strip_schedule(before) == asset_life.strip_schedule(after)
