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
    """The gateway could not be asked, or answered something else than what was asked for.

    `status` is the HTTP status, None where no answer came; `code` the gateway's error code, "" where it gave none;
    `raw` the answer as text, shortened. `spoken` says that `message` was read from an error body of the gateway's own
    shape: the gateway itself refused, not some machine in front of it.
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
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.request_id = request_id
        self.code = code
        self.raw = raw
        self.spoken = spoken

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
    """Too many calls. `retry_after` in seconds, None where the gateway does not say."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        request_id: str = "",
        code: str = "",
        raw: str = "",
        spoken: bool = False,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id, code=code, raw=raw, spoken=spoken)
        self.retry_after = retry_after


class Unreadable(GatewayError):
    """A 5xx, or an answer that cannot be decoded; `raw` keeps the text."""
