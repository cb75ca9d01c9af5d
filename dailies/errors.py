"""The errors of dailies, one tree. Every message names the thing, the place and the next step; none holds a key.

A generation that failed or was moderated is no error: it is a state of a run.
"""

# ruff: noqa: N818  (the names say what happened; every one of them is an Error by its place in the tree)

from __future__ import annotations


class DailiesError(Exception):
    """Anything dailies has to say about something that went wrong; the text is meant for people."""


class CatalogError(DailiesError):
    """The catalog contradicts itself or the schema: which file, which key, what is wrong."""

    def __init__(self, file: str, key: str, what: str) -> None:
        super().__init__(f"{file}: {key}: {what}" if key else f"{file}: {what}")
        self.file = file
        self.key = key
        self.what = what


class MediaError(DailiesError):
    """Media that cannot be used: what is wrong and what to do about it."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class GatewayError(DailiesError):
    """The gateway could not be reached, or did not answer as expected.

    `status` is the HTTP status, None without an answer; `code` the gateway's error code, "" if it gave none; `raw` the
    answer as text, shortened; `retry_after` in seconds, None if the gateway did not say. `spoken`: `message` comes from
    an error body of the gateway's own shape, so the gateway itself refused, not a proxy in front of it.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str = "",
        code: str = "",
        raw: str = "",
        spoken: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.request_id = request_id
        self.code = code
        self.raw = raw
        self.spoken = spoken
        self.retry_after = retry_after

    def __str__(self) -> str:
        label = " ".join(str(part) for part in (self.status, self.code) if part)
        return f"{self.message} ({label})" if label else self.message


class Unreachable(GatewayError):
    """No connection was made: nothing was sent."""


class Unsure(GatewayError):
    """The connection was lost after something had been sent: what became of it is unknown."""


class Refused(GatewayError):
    """The gateway understood and said no."""


class BadRequest(Refused):
    """The call, its task or its model is not one the gateway takes."""


class Unauthorized(Refused):
    """The key is missing, wrong, or not allowed to do this."""


class OutOfCredit(Refused):
    """The balance behind the key is too small."""


class TooFast(Refused):
    """Too many calls at once or in a short time."""


class Unreadable(GatewayError):
    """A 5xx, or an answer that cannot be decoded; `raw` keeps the text."""
