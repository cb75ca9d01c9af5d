"""The life of a group and an asset without I/O: what each becomes when it is sent, answered, asked about or forgotten.

Owns the moves between the states, the rhythm of the asking, and the words for what went wrong. Pure.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dailies.errors import BadRequest, GatewayError, OutOfCredit, TooFast, Unauthorized, Unreachable, Unreadable, Unsure
from dailies.gateway import replies
from dailies.gateway.assets import Asset, AssetGroup, AssetState, Item, Made, Seen
from dailies.gateway.failures import moderated
from dailies.vocabulary import MediaKind

ANSWER_WITHIN = timedelta(minutes=2)
"""A create without an answer for so long has lost its sender: longer than the client waits for one."""

REFUSALS = 3
"""After so many refusals in a row nobody asks about an asset any more, until a person does."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an asset is asked about, and for how long."""

    shortest: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(seconds=5)
    limit: timedelta = timedelta(minutes=30)

    def pause(self, age: timedelta, misses: int) -> timedelta:
        """The pause before the next look: longer as the asset ages, and longer still while no answer comes."""
        usual = min(self.longest, max(self.shortest, age / 4))
        return usual * min(6, 1 + misses)


USUAL = Rhythm()


def new_group(
    gateway: str, name: str, description: str, now: datetime, *, owner: str = "", credential: str = ""
) -> AssetGroup:
    """A group that is about to be made."""
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


def new_asset(
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
    """An asset that is about to be imported into the group with the gateway's id `group_id`."""
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


def made(item: Item, answer: Made, now: datetime) -> Item:
    """The create was answered with ids."""
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


def not_made(item: Item, error: GatewayError, now: datetime) -> Item:
    """The create came to nothing, or nobody knows what it came to."""
    certain = isinstance(error, Unreachable) or replies.no_task_made(error)
    certain = certain or (isinstance(error, Unauthorized) and error.status is None)  # no key: nothing was sent
    if certain:
        return replace(item, state=AssetState.FAILED, error=_words(error), fix=advice(error), due=None, updated=now)
    what = f"The call was sent and its outcome is unknown. {_words(error)}"
    fix = "Look into the gateway's own list of assets before you send it again: it may be there."
    return replace(item, state=AssetState.UNSURE, error=what, fix=fix, due=None, updated=now)


def abandoned(item: Item, now: datetime) -> Item:
    """The program ended between sending a create and its answer."""
    return not_made(item, Unsure("The program stopped while the call was under way."), now)


def seen(asset: Asset, answer: Seen, now: datetime, rhythm: Rhythm) -> Asset:
    """The gateway said how the asset is."""
    asset = replace(asset, word=answer.word, asset_id=asset.asset_id or answer.asset_id, misses=0, error="", fix="")
    if answer.state is AssetState.FAILED:
        what = answer.error or "The gateway says that the import failed, and not why."
        if moderated(answer.code, answer.error):
            fix = "The review refused the file: import another one."
        else:
            fix = (
                "Check that the link opens without signing in and that the file is within the limits; import it again."
            )
        label = f"{what} ({answer.code})" if answer.code else what
        return replace(asset, state=AssetState.FAILED, error=label, fix=fix, due=None, updated=now)
    if answer.state is AssetState.ACTIVE and asset.asset_id:
        return replace(asset, state=AssetState.ACTIVE, due=None, updated=now)
    return _ask_again(asset, now, rhythm)


def missed(asset: Asset, error: GatewayError, now: datetime, rhythm: Rhythm) -> Asset:
    """A look had no answer that says how the asset is; the asset itself is not concerned."""
    what = f"No answer about this asset. {_words(error)}"
    asset = replace(asset, misses=asset.misses + 1, error=what, fix=advice(error))
    if isinstance(error, BadRequest) and asset.misses >= REFUSALS:
        return replace(asset, due=None, updated=now)
    asked = error.retry_after if isinstance(error, TooFast) else None
    return _ask_again(asset, now, rhythm, timedelta(seconds=asked) if asked else None)


def look_again(asset: Asset, now: datetime) -> Asset:
    """A person wants an asset asked about anew; any but an undecided one stays as it is."""
    if not asset.given_up:
        return asset
    return replace(asset, watched=now, due=now, misses=0, error="", fix="", updated=now)


def at_rest(asset: Asset) -> Asset:
    """The asset without what only the asking is concerned with."""
    return replace(asset, due=None, misses=0)


def _ask_again(asset: Asset, now: datetime, rhythm: Rhythm, pause: timedelta | None = None) -> Asset:
    age = now - (asset.watched or asset.created)
    if age < rhythm.limit:
        return replace(asset, due=now + (pause or rhythm.pause(age, asset.misses)))
    minutes = round(rhythm.limit.total_seconds() / 60)
    what = asset.error or f"The gateway has not decided within {minutes} minutes."
    return replace(asset, due=None, error=what, fix=asset.fix or "Press Ask again to go on watching it.", updated=now)


def _words(error: GatewayError) -> str:
    """The error for people; a status that says success would only puzzle them."""
    return str(error) if not error.code or error.status != 200 else f"{error.message} ({error.code})"


def advice(error: GatewayError) -> str:
    """The next step after an error of the asset routes."""
    if isinstance(error, Unauthorized):
        return "Open Settings and check the key for this gateway."
    if isinstance(error, OutOfCredit):
        return "Top up the account behind the key, then try again."
    if isinstance(error, TooFast):
        return "The gateway asks for fewer calls: try again in a minute."
    if isinstance(error, Unreachable | Unsure):
        return "Check the base URL in Settings and the network."
    if error.code == "access_denied":
        return "The group or asset belongs to another account: use the key it was made with."
    if error.status == 404:
        return "This gateway may have no asset library: check the base URL in Settings."
    if moderated(error.code, error.message):
        return "The review refused it: change the words or the file."
    if isinstance(error, Unreadable):
        return "The trouble is at the gateway: try again later."
    return "Change what the gateway complains about, then try again."
