"""The three asset routes below `/v1/seedance/asset/` and their envelope.

The gateway refuses with an HTTP error. The asset library behind it refuses inside a successful answer, with `Code` and
`Message`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.assets import KINDS, Asset, Library
from sandbox.body import Body, Fields, read_body
from sandbox.refusal import Refusal

NAME_MOST = 64
DESCRIPTION_MOST = 300


class Declined(Exception):  # noqa: N818 (an answer of the library, not a fault)
    """A refusal by the library, sent as the data of a successful answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = {"Code": code, "Message": message, "Data": None}


class AssetDesk:
    """`CreateAssetGroup`, `CreateAsset` and `GetAsset` over one library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.actions: dict[str, Callable[[Fields], dict[str, Any]]] = {
            "CreateAssetGroup": self.create_group,
            "CreateAsset": self.create_asset,
            "GetAsset": self.get_asset,
        }

    async def act(self, request: Request) -> Response:
        """Run the action that the path names."""
        name = request.path_params["action"]
        action = self.actions.get(name)
        if action is None:
            raise Refusal(404, "invalid_request", f"unknown action {name}", origin="asset")
        try:
            fields = Fields(read_json(await read_body(request)))
            data = action(fields)
        except Declined as declined:
            data = declined.answer
        except Refusal as refusal:
            raise Refusal(refusal.status, refusal.code, refusal.message, origin="asset") from None
        return JSONResponse({"state": 1, "data": data, "error": None})

    def create_group(self, fields: Fields) -> dict[str, Any]:
        """Create a group from `Name` and `Description`; the answer holds its `Id`."""
        name, description = fields.text("Name"), fields.text("Description") or ""
        fields.finish()
        check_name(name)
        if len(description) > DESCRIPTION_MOST:
            raise Declined("InvalidParameter", f"Description: at most {DESCRIPTION_MOST} characters")
        return {"Id": self.library.add_group(name or "", description)}

    def create_asset(self, fields: Fields) -> dict[str, Any]:
        """Start the import of a file from `URL` into a group; the answer holds `Id` and `task_id`."""
        group_id = fields.required("GroupId")
        url, kind, name = fields.text("URL") or "", fields.text("AssetType") or "", fields.text("Name")
        fields.finish()
        if not self.library.has_group(group_id):
            raise Refusal(403, "access_denied", f"GroupId: {group_id} is not a group of this account")
        check_name(name)
        if not url.startswith(("http://", "https://")):
            raise Declined("InvalidParameter", f"URL: must be a public URL, not {url[:60]!r}")
        if kind not in KINDS:
            raise Declined("InvalidParameter", f"AssetType: {kind!r} is not allowed; allowed: {', '.join(KINDS)}")
        asset = self.library.add(group_id, name or "", url, kind)
        return {"Id": asset.id, "task_id": asset.task_id}

    def get_asset(self, fields: Fields) -> dict[str, Any]:
        """Describe one asset, by `task_id` as documented or by `Id` as other deployments of the gateway do."""
        name = fields.text("task_id") or fields.text("Id")
        fields.skip(["task_id", "Id"])
        fields.finish()
        if not name:
            raise Refusal(400, "invalid_request", "task_id: task_id is required")
        asset = self.library.find(name)
        if asset is None:
            raise Refusal(403, "access_denied", f"task_id: {name} is not an asset of this account")
        return describe_asset(asset, self.library.clock())


def read_json(body: Body) -> dict[str, Any]:
    """Return the values of a JSON body; raises Refusal for a form."""
    if body.kind != "json":
        raise Refusal(400, "invalid_json", "Content-Type: this route takes application/json")
    return dict(body.values)


def check_name(name: str | None) -> None:
    """Raise Declined unless the name has 1 to `NAME_MOST` characters."""
    if not name or not name.strip():
        raise Declined("MissingParameter", "Name: Name is required")
    if len(name) > NAME_MOST:
        raise Declined("InvalidParameter", f"Name: {len(name)} characters; allowed: at most {NAME_MOST}")


def describe_asset(asset: Asset, now: float) -> dict[str, Any]:
    """Build the library's own object of an asset at the Unix time `now`."""
    status = asset.status(now)
    changed = asset.created if status == "Processing" or asset.ends is None else asset.ends
    return {
        "Id": asset.id,
        "Name": asset.name,
        "URL": asset.url,
        "AssetType": asset.asset_type,
        "GroupId": asset.group_id,
        "Status": status,
        "CreateTime": format_time(asset.created),
        "UpdateTime": format_time(changed),
        "Error": {"Code": "InvalidAsset", "Message": asset.error} if status == "Failed" else None,
    }


def format_time(moment: float) -> str:
    """Format a Unix time as RFC 3339 in UTC, in whole seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
