"""Refusals: one exception, and the bodies of the gateway's error answers.

The module with the rule decides which request is refused, and the words. Other servers' error bodies are in `shapes/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Origin = Literal["task", "middleware", "path", "content", "asset", "kling"]


@dataclass
class Refusal(Exception):  # noqa: N818 (an answer the gateway gives, not a fault in it)
    """A request answered with an error: HTTP status, the gateway's code, a message, and which part refused it.

    `param` is the path of the field that was refused, or None.
    """

    status: int
    code: str
    message: str
    origin: Origin = "task"
    headers: Mapping[str, str] = field(default_factory=dict)
    param: str | None = None

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    @property
    def kind(self) -> str:
        """The `type` of OpenAI's error object for this status."""
        return KINDS.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")

    def to_body(self, request_id: str) -> dict[str, Any]:
        """Build the gateway's body (new-api: dto/task.go, middleware/utils.go, controller/relay.go).

        A refusal by task handling also has the `error` object that OpenAI's clients read.
        """
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        if self.origin == "task":
            return {"code": self.code, "message": self.message, "data": None, "error": error}
        if self.origin == "middleware":
            message = f"{self.message} (request id: {request_id})"
            return {"error": {"message": message, "type": "new_api_error", "code": self.code}}
        if self.origin == "asset":
            return {"error": {"message": self.message, "type": "new_api_error", "code": self.code}}
        if self.origin == "kling":
            return {"code": int(self.code), "message": self.message, "request_id": request_id}
        if self.origin == "path":
            return {"error": {"message": self.message, "type": "invalid_request_error", "param": "", "code": self.code}}
        return {"error": {"message": self.message, "type": self.code}}


KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def invalid(where: str, what: str, *, code: str = "invalid_request") -> Refusal:
    """Make the refusal of a field; the message starts with the field's path."""
    return Refusal(400, code, f"{where}: {what}", param=where)
