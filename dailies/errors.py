"""The exceptions of dailies, as one tree. A message names the thing, the place and the next step, and holds no key.

A generation that failed or was moderated is not an exception: it is a state of a run.
"""

# ruff: noqa: N818  (a name says what happened; its place in the tree says that it is an error)

from __future__ import annotations


class DailiesError(Exception):
    """The base of every exception of dailies. Its text is meant for people."""


class CatalogError(DailiesError):
    """A file of the catalog is wrong: `file`, the `key` in it ("" for the file itself), and what is wrong."""

    def __init__(self, file: str, key: str, what: str) -> None:
        super().__init__(f"{file}: {key}: {what}" if key else f"{file}: {what}")
        self.file = file
        self.key = key
        self.what = what


class MediaError(DailiesError):
    """A reference or clip cannot be used: what is wrong, and what to do about it."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class StoreError(DailiesError):
    """The database or its disk cannot be used now. Nothing of the transaction was stored; it can be tried again."""


class DiskFull(DailiesError):
    """This server's disk has no room for a file, or refuses it. It can be tried again when there is room."""


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
        status = self.status if self.status and not 200 <= self.status < 300 else ""  # success would only puzzle
        label = " ".join(str(part) for part in (status, self.code) if part)
        if not label:
            return self.message
        return f"{self.message[:-1]} ({label})." if self.message.endswith(".") else f"{self.message} ({label})"


class Unreachable(GatewayError):
    """There was no connection, so nothing was sent."""


class Unsure(GatewayError):
    """The connection was lost after something was sent. The outcome is unknown."""


class Refused(GatewayError):
    """The gateway understood the call and refused it."""


class BadRequest(Refused):
    """The gateway does not accept the call, its task or its model."""


class Unauthorized(Refused):
    """The key is missing, wrong or not allowed to do this."""


class OutOfCredit(Refused):
    """The balance of the key's account is too low."""


class TooFast(Refused):
    """There were too many calls. `retry_after` says when to try again, if the gateway does."""


class Unreadable(GatewayError):
    """The answer was a 5xx or cannot be decoded. `raw` keeps its text."""
