"""Refusals: one exception, and the bodies of its answers.

Owns the shapes of error answers. The module with the rule decides which request is refused, and the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Refusal(Exception):  # noqa: N818 (an answer the gateway gives, not a fault in it)
    """A request answered with an error: HTTP status, the gateway's code, a message, and the shape of the body."""

    status: int
    code: str
    message: str
    shape: str = "task"
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    def body(self, request_id: str) -> dict[str, Any]:
        """Build the body.

        The shape is `task` for task handling, `middleware` for keys and model routing, `path` for unknown paths,
        `content` for files, `asset` for the asset library, or `kling` for Kling's own format.
        """
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
    """Make the refusal of a field; the message starts with the field's path."""
    return Refusal(400, code, f"{where}: {what}")
