"""How the gateway says no: one exception and its bodies.

Owns the shapes of an error answer. Which request is refused, and with which words, is decided where the rule is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Refusal(Exception):  # noqa: N818 (an answer the gateway gives, not a fault in it)
    """A request that is answered with an error: HTTP status, the gateway's code, words, and the body's shape."""

    status: int
    code: str
    message: str
    shape: str = "task"
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    def body(self, request_id: str) -> dict[str, Any]:
        """`task` for task handling, `middleware` for keys and model routing, `path` for unknown paths, `content`,
        `asset` for the asset library, and `kling` for Kling's own format."""
        if self.shape == "task":
            return {"code": self.code, "message": self.message, "data": None}
        if self.shape == "middleware":
            message = f"{self.message} (request id: {request_id})"
            return {"error": {"message": message, "type": "new_api_error", "code": self.code}}
        if self.shape == "asset":
            return {"error": {"message": self.message, "type": "new_api_error", "code": self.code}}
        if self.shape == "kling":
            return {"code": int(self.code), "message": self.message, "request_id": request_id}
        if self.shape == "path":
            return {"error": {"message": self.message, "type": "invalid_request_error", "param": "", "code": self.code}}
        return {"error": {"message": self.message, "type": self.code}}


def invalid(where: str, what: str, *, code: str = "invalid_request") -> Refusal:
    """A field the request may not carry like this: the message starts with the field's path."""
    return Refusal(400, code, f"{where}: {what}")
