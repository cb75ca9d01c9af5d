"""The gateway-side asset library: groups and assets, the calls about them, and what the answers mean.

Owns the two nouns, the bodies of the three routes, the reading of their envelope, and the checks before anything is
sent. Pure. Their life is in `asset_life`; `work.asset_watch` performs it; `store.assets` keeps them.
Source: the gateway's pages on the Seedance 2 asset routes.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from dailies.domain import Problem
from dailies.errors import BadRequest, GatewayError, Unreadable
from dailies.gateway import refusals
from dailies.gateway.body import parse
from dailies.vocabulary import MediaKind

# One set of routes for every model that takes assets, so it stands here and in no family's file.
_ROUTES = "/v1/seedance/asset"
CREATE_GROUP = f"{_ROUTES}/CreateAssetGroup"
CREATE_ASSET = f"{_ROUTES}/CreateAsset"
GET_ASSET = f"{_ROUTES}/GetAsset"

NAME_CHARS = 64
"""Longest name. Documented for groups; inferred for assets."""

DESCRIPTION_CHARS = 300


class AssetState(StrEnum):
    """The life of a group or an asset. A group goes from `sending` straight to `active`."""

    SENDING = "sending"
    PROCESSING = "processing"  # imported, pulled and reviewed by the gateway
    ACTIVE = "active"
    FAILED = "failed"
    UNSURE = "unsure"  # the create was sent, its outcome is unknown


@dataclass(frozen=True, slots=True)
class AssetGroup:
    """A folder of assets at one gateway. `id` is ours, `group_id` the gateway's. Times are aware UTC datetimes."""

    id: str
    gateway: str
    owner: str
    credential: str
    name: str
    description: str
    state: AssetState
    created: datetime
    updated: datetime
    due: datetime | None = None  # while sending: when the sending process counts as gone
    group_id: str = ""
    error: str = ""
    fix: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Asset:
    """A file in the gateway's library. `id` is ours; `task`, `asset_id` and its group's `group_id` are the gateway's.

    `word` is the gateway's own status word. `error` and `fix` say what is wrong and what to do, also while only the
    look-ups fail. `due` is the next look-up, None if there is none; `watched` is when the look-ups began.
    """

    id: str
    gateway: str
    owner: str
    credential: str
    group_id: str
    name: str
    kind: MediaKind
    url: str
    state: AssetState
    created: datetime
    updated: datetime
    watched: datetime | None = None
    due: datetime | None = None
    task: str = ""
    asset_id: str = ""
    word: str = ""
    error: str = ""
    fix: str = ""
    misses: int = 0
    revision: int = 0

    @property
    def address(self) -> str:
        """The address that a model takes instead of a link."""
        return f"asset://{self.asset_id}" if self.asset_id else ""

    @property
    def given_up(self) -> bool:
        """Whether the look-ups ended before the gateway had decided."""
        return self.state is AssetState.PROCESSING and self.due is None


Item = TypeVar("Item", AssetGroup, Asset)


@dataclass(frozen=True, slots=True)
class Made:
    """The answer to a create: the gateway's id, and for an asset the task by which it is looked up."""

    id: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer of GetAsset: the state, the gateway's word for it, and why it failed."""

    state: AssetState
    word: str
    asset_id: str = ""
    error: str = ""
    code: str = ""


# --- what is asked -----------------------------------------------------------------------------------------------


def build_group_body(name: str, description: str = "") -> dict[str, Any]:
    """Build the body of CreateAssetGroup; an empty description is left out."""
    return {"Name": name, "Description": description} if description else {"Name": name}


def build_asset_body(asset: Asset) -> dict[str, Any]:
    """Build the body of CreateAsset."""
    return {"GroupId": asset.group_id, "URL": asset.url, "AssetType": asset.kind.value.title(), "Name": asset.name}


def build_look_bodies(asset: Asset, *, by_id: bool = False) -> tuple[dict[str, Any], ...]:
    """Build the bodies of GetAsset, best first: by the documented `task_id`, and by `Id` as other deployments do."""
    task = {"task_id": asset.task} if asset.task else None
    own = {"Id": asset.asset_id} if asset.asset_id else None
    return tuple(body for body in ((own, task) if by_id else (task, own)) if body)


def asks_for_other_id(error: GatewayError) -> bool:
    """Whether to try GetAsset with the other id. Codes and words differ by deployment, and a look-up is free."""
    return isinstance(error, BadRequest) and error.status in (200, 400)


# --- checks before anything is sent ------------------------------------------------------------------------------


def check_group(name: str, description: str = "") -> tuple[Problem, ...]:
    """List what keeps a group from being created."""
    return (*_text_problems("Name", name, NAME_CHARS), *_long("Description", description, DESCRIPTION_CHARS))


def check_asset(group: str, url: str, name: str, base_url: str) -> tuple[Problem, ...]:
    """List what keeps a file from being imported through the gateway at `base_url`."""
    problems: list[Problem] = []
    if not group:
        problems.append(Problem("Group", "is not chosen", "Choose a group, or create one first."))
    problems += _url_problems(url, local=is_local(urlsplit(base_url).hostname or ""))
    return (*problems, *_text_problems("Name", name, NAME_CHARS))


def is_local(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _text_problems(where: str, text: str, most: int) -> tuple[Problem, ...]:
    return _long(where, text, most) if text else (Problem(where, "is empty", "Write a few words to find it by."),)


def _long(where: str, text: str, most: int) -> tuple[Problem, ...]:
    if len(text) <= most:
        return ()
    return (Problem(where, f"has {len(text)} characters of at most {most}", "Shorten it."),)


def _url_problems(url: str, *, local: bool) -> list[Problem]:
    """List what is wrong with a link. `local`: the gateway is on this machine and reaches what we reach."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not url:
        return [Problem("Link", "is empty", "Paste the public https:// link of the file.")]
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url):
        return [Problem("Link", "is not a web address", "Paste a link that begins with https://.")]
    if parts.username or parts.password:
        return [Problem("Link", "holds a user name or password", "Use a link that opens without signing in.")]
    if local:
        return []
    if parts.scheme != "https":
        return [Problem("Link", "begins with http://", "The gateway takes public https:// links only.")]
    if not _public(host):
        what = f"leads to {host}, which the gateway cannot reach"
        return [Problem("Link", what, "Put the file on a public web server and paste that link.")]
    return []


def _public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        private = (".local", ".internal", ".lan", ".home.arpa")
        return "." in host.strip(".") and not is_local(host) and not host.lower().endswith(private)


# --- what is answered --------------------------------------------------------------------------------------------


def extract_body(error: GatewayError) -> dict[str, Any] | None:
    """Return the body of a 2xx answer that was read as a refusal, None for any other error.

    The answer about a failed asset holds a filled `Error` and is still a good answer.
    """
    if error.status is None or not 200 <= error.status < 300:
        return None
    decoded = parse(error.raw)
    return decoded if isinstance(decoded, dict) else None


def read_created(body: Mapping[str, Any], *, by_task: bool = True) -> Made:
    """Read the ids in the answer to a create; `by_task`: a task id alone is enough.

    Raises a `GatewayError` for a refusal, `Unreadable` if there is no id.
    """
    data = _data(body)
    made = Made(_text(data, "Id", "id"), _text(data, "task_id", "TaskId"))
    if not made.id and not (by_task and made.task):
        raise Unreadable("The gateway accepted the call and its answer names no id.", raw=_raw(body))
    return made


def read_state(body: Mapping[str, Any]) -> Seen:
    """Read the state in an answer of GetAsset. Raises a `GatewayError` for a refusal or an answer without a status.

    An undocumented word counts as still processing; the time limit of the look-ups bounds it.
    """
    data = _data(body)
    word = _text(data, "Status", "status")
    if not word:
        raise Unreadable("The gateway's answer names no state of the asset.", raw=_raw(body))
    known = {"active": AssetState.ACTIVE, "failed": AssetState.FAILED}
    state = known.get(word.lower(), AssetState.PROCESSING)
    error = data.get("Error")
    if isinstance(error, Mapping):
        return Seen(state, word, _text(data, "Id"), _text(error, "Message", "message"), _text(error, "Code", "code"))
    return Seen(state, word, _text(data, "Id"), _text(data, "Error"))


def _data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the content of the envelope. Raises the `GatewayError` in it, even if `state` is 1."""
    data = body.get("data")
    found: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    refusal = bool(_text(found, "Code")) and not _text(found, "Id", "task_id")
    if body.get("error") or body.get("state", 1) not in (1, "1") or refusal:
        raise refusals.read_error(200, json.dumps(body), "application/json")
    return found


def _text(body: Mapping[str, Any], *places: str) -> str:
    found = (body.get(place) for place in places)
    return next((text.strip() for text in found if isinstance(text, str) and text), "")


def _raw(body: Mapping[str, Any]) -> str:
    return refusals.shorten(json.dumps(body, ensure_ascii=False))
