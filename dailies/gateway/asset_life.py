"""The life of an asset group and an asset without I/O: what each becomes when it is sent, answered or looked up.

Owns the moves between the states, the intervals between look-ups, and the words for what went wrong. Pure.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dailies.errors import BadRequest, GatewayError, OutOfCredit, TooFast, Unauthorized, Unreachable, Unreadable, Unsure
from dailies.gateway.assets import Asset, AssetGroup, AssetState, Item, Made, Seen
from dailies.gateway.reasons import moderated, say_no_reason
from dailies.gateway.refusals import proves_no_task
from dailies.text import begin
from dailies.vocabulary import MediaKind

ANSWER_WITHIN = timedelta(minutes=2)
"""After this time without an answer, the process that sent a create is gone; the client waits less long for one."""

REFUSALS = 3
"""After this many refusals in a row an asset is no longer looked up, until a person asks for it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an asset is looked up, and for how long."""

    shortest: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(seconds=5)
    limit: timedelta = timedelta(minutes=30)

    def pause(self, age: timedelta, misses: int) -> timedelta:
        """Return the pause before the next look-up: longer as the asset ages and while no answer comes."""
        usual = min(self.longest, max(self.shortest, age / 4))
        return usual * min(6, 1 + misses)


USUAL = Rhythm()


def create_group(
    gateway: str, name: str, description: str, now: datetime, *, owner: str = "", credential: str = ""
) -> AssetGroup:
    """Create the record of a group that is about to be sent."""
    return AssetGroup(
        id=f"asset-group-{secrets.token_hex(8)}",
        gateway=gateway,
        owner=owner,
        credential=credential,
        name=name,
        description=description,
        state=AssetState.SENDING,
        created=now,
        updated=now,
        due=now + ANSWER_WITHIN,
    )


def create_asset(
    gateway: str,
    group_id: str,
    kind: MediaKind,
    url: str,
    name: str,
    now: datetime,
    *,
    owner: str = "",
    credential: str = "",
) -> Asset:
    """Create the record of an asset that is about to be sent; `group_id` is the gateway's id of its group."""
    return Asset(
        id=f"asset-{secrets.token_hex(8)}",
        gateway=gateway,
        owner=owner,
        credential=credential,
        group_id=group_id,
        name=name,
        kind=kind,
        url=url,
        state=AssetState.SENDING,
        created=now,
        updated=now,
        due=now + ANSWER_WITHIN,
    )


def record_created(item: Item, answer: Made, now: datetime) -> Item:
    """Record that the gateway answered the create with ids."""
    if isinstance(item, AssetGroup):
        return replace(item, state=AssetState.ACTIVE, group_id=answer.id, due=None, updated=now)
    return replace(
        item,
        state=AssetState.PROCESSING,
        task=answer.task,
        asset_id=answer.id,
        watched=now,
        due=now,
        updated=now,
    )


def record_create_failure(item: Item, error: GatewayError, now: datetime) -> Item:
    """Record that the create failed, or that its outcome is unknown."""
    certain = isinstance(error, Unreachable) or proves_no_task(error)
    certain = certain or (isinstance(error, Unauthorized) and error.status is None)  # no key: nothing was sent
    if certain:
        return replace(item, state=AssetState.FAILED, error=str(error), fix=advise(error), due=None, updated=now)
    what = f"The call was sent and its outcome is unknown. {begin(str(error))}"
    fix = "Look at the gateway's own list of assets before you send it again: it may be there."
    return replace(item, state=AssetState.UNSURE, error=what, fix=fix, due=None, updated=now)


def abandon(item: Item, now: datetime) -> Item:
    """Record that the program stopped between sending a create and its answer."""
    return record_create_failure(item, Unsure("The program stopped while the call was under way."), now)


def record_state(asset: Asset, answer: Seen, now: datetime, rhythm: Rhythm) -> Asset:
    """Record the state that the gateway reported."""
    asset = replace(asset, word=answer.word, asset_id=asset.asset_id or answer.asset_id, misses=0, error="", fix="")
    if answer.state is AssetState.FAILED:
        what = answer.error or say_no_reason("the import")
        if moderated(answer.code, answer.error):
            fix = "The review rejected the file: import another one."
        else:
            fix = (
                "Check that the link opens without signing in and that the file is within the limits; import it again."
            )
        label = f"{what} ({answer.code})" if answer.code else what
        return replace(asset, state=AssetState.FAILED, error=label, fix=fix, due=None, updated=now)
    if answer.state is AssetState.ACTIVE and asset.asset_id:
        return replace(asset, state=AssetState.ACTIVE, due=None, updated=now)
    return _ask_again(asset, now, rhythm)


def record_no_answer(asset: Asset, error: GatewayError, now: datetime, rhythm: Rhythm) -> Asset:
    """Record a look-up without a usable answer, which says nothing about the asset itself."""
    what = f"No answer about this asset. {error}"
    asset = replace(asset, misses=asset.misses + 1, error=what, fix=advise(error))
    if isinstance(error, BadRequest) and asset.misses >= REFUSALS:
        return replace(asset, due=None, updated=now)
    asked = error.retry_after if isinstance(error, TooFast) else None
    return _ask_again(asset, now, rhythm, timedelta(seconds=asked) if asked else None)


def look_again(asset: Asset, now: datetime) -> Asset:
    """Look an undecided asset up again because a person asks for it; any other is returned unchanged."""
    if not asset.given_up:
        return asset
    return replace(asset, watched=now, due=now, misses=0, error="", fix="", updated=now)


def strip_schedule(asset: Asset) -> Asset:
    """Return the asset without its schedule, to compare what a page shows."""
    return replace(asset, due=None, misses=0)


def _ask_again(asset: Asset, now: datetime, rhythm: Rhythm, pause: timedelta | None = None) -> Asset:
    age = now - (asset.watched or asset.created)
    if age < rhythm.limit:
        return replace(asset, due=now + (pause or rhythm.pause(age, asset.misses)))
    minutes = round(rhythm.limit.total_seconds() / 60)
    what = asset.error or f"The gateway has not decided within {minutes} minutes."
    return replace(asset, due=None, error=what, fix=asset.fix or "Press Ask again to go on watching it.", updated=now)


def advise(error: GatewayError) -> str:
    """Return the next step after an error of the asset routes."""
    if isinstance(error, Unauthorized):
        return "Open Settings and check the key for this gateway."
    if isinstance(error, OutOfCredit):
        return "Top up the account behind the key, then try again."
    if isinstance(error, TooFast):
        return "Too many calls: try again in a minute."
    if isinstance(error, Unreachable | Unsure):
        return "Check the base URL in Settings and the network."
    if error.code == "access_denied":
        return "The group or asset belongs to another account: use the key it was made with."
    if error.status == 404:
        return "This gateway may have no asset library: check the base URL in Settings."
    if moderated(error.code, error.message):
        return "The review rejected it: change the words or the file."
    if isinstance(error, Unreadable):
        return "The trouble is at the gateway: try again later."
    return "Change what the gateway names, then try again."
