"""The media of requests: uploads are kept as files, links are fetched.

An upload that cannot be decoded is refused at once. The renderer fetches links later; a link may fail.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.order import Order, Source
from sandbox.refusal import invalid

FETCH_SECONDS = 5.0
FETCH_MOST = 50 * 1024 * 1024


class Shelf:
    """A folder of uploaded media, named by content, so that an order survives a restart.

    `ours` returns the files behind the sandbox's own addresses, films and assets.
    """

    def __init__(self, folder: Path, ours: Callable[[str], Path | None] = lambda at: None) -> None:
        self.folder, self.find_own_file = folder, ours
        folder.mkdir(parents=True, exist_ok=True)

    def settle(self, order: Order) -> Order:
        """Return the order with its uploads and base64 stored as files; raises Refusal for an unreadable one."""
        return replace(order, sources=tuple(self._settle(source) for source in order.sources))

    def _settle(self, source: Source) -> Source:
        if isinstance(source.at, str) and source.at.startswith(("http://", "https://", "asset://", "film:")):
            return source
        payload = source.at if isinstance(source.at, bytes) else decode(source.at, source.field)
        if not is_readable(payload, source.kind):
            raise invalid(source.field, f"the file cannot be read as {source.kind}")
        name = hashlib.sha256(payload).hexdigest()[:32]
        (self.folder / name).write_bytes(payload)
        return replace(source, at=f"file:{name}")

    def load(self, sources: Sequence[Source]) -> list[bytes | None]:
        """Load the bytes of settled sources; None for a link that cannot be fetched or an unknown asset."""
        links = fetch_all([str(s.at) for s in sources if str(s.at).startswith(("http://", "https://"))])
        loaded: list[bytes | None] = []
        for source in sources:
            at = str(source.at)
            if at in links:
                loaded.append(links[at])
                continue
            path = self.folder / at.removeprefix("file:") if at.startswith("file:") else self.find_own_file(at)
            loaded.append(path.read_bytes() if path is not None and path.exists() else None)
        return loaded


def decode(text: str, where: str) -> bytes:
    """Decode a data URI or bare base64; raises Refusal."""
    payload = text
    if text.startswith("data:"):
        head, _, payload = text.partition(",")
        if not head.endswith(";base64"):
            return urllib.parse.unquote_to_bytes(payload)
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error:
        raise invalid(where, "the base64 cannot be decoded") from None


def is_readable(payload: bytes, kind: str) -> bool:
    """Return whether the bytes are a picture, or a container with a stream of the kind."""
    if kind == "image":
        from PIL import Image  # the start does not wait for it

        try:
            with Image.open(io.BytesIO(payload)) as picture:
                picture.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return False
        return True
    import av  # the start does not wait for it

    try:
        with av.open(io.BytesIO(payload)) as container:
            return any(stream.type == kind for stream in container.streams)
    except (av.error.FFmpegError, ValueError):
        return False


def measure_picture(payload: bytes) -> tuple[int, int] | None:
    """Return the size of a picture as it is shown, or None if the bytes are not one."""
    from PIL import Image, ImageOps  # the start does not wait for it

    try:
        with Image.open(io.BytesIO(payload)) as picture:
            return ImageOps.exif_transpose(picture).size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def measure_video(payload: bytes) -> tuple[int, int, int] | None:
    """Return width, height and whole seconds (at least 1) of a video, or None if the bytes are not one."""
    import av  # the start does not wait for it

    try:
        with av.open(io.BytesIO(payload), "r") as container:
            stream, duration = container.streams.video[0], container.duration
            if not duration:  # a picture, to this library a video of one frame
                return None
            return stream.width, stream.height, max(1, round(duration / av.time_base))
    except (av.error.FFmpegError, ValueError, IndexError):
        return None


class OnlyHttp(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) addresses only: links come from outside."""

    def redirect_request(  # noqa: PLR0913, RUF100 (the standard library's signature)
        self,
        req: urllib.request.Request,
        fp: object,
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith(("http://", "https://")):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def fetch_all(urls: Sequence[str]) -> dict[str, bytes | None]:
    """Fetch links in parallel; a link without an answer in time is None or absent.

    Uses daemon threads because a name look-up has no timeout: an unreachable resolver must delay neither the film nor
    the end of the process.
    """
    found: dict[str, bytes | None] = {}

    def fetch(url: str) -> None:
        found[url] = fetch_one(url)

    threads = [threading.Thread(target=fetch, args=(url,), daemon=True) for url in dict.fromkeys(urls)]
    for thread in threads:
        thread.start()
    give_up = time.monotonic() + FETCH_SECONDS + 1
    for thread in threads:
        thread.join(max(0.0, give_up - time.monotonic()))
    return dict(found)


def fetch_one(url: str) -> bytes | None:
    """Fetch one http(s) link within `FETCH_SECONDS` and `FETCH_MOST` bytes; None on failure."""
    opener = urllib.request.build_opener(OnlyHttp())
    try:
        with opener.open(url, timeout=FETCH_SECONDS) as answer:
            payload: bytes = answer.read(FETCH_MOST + 1)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return payload if len(payload) <= FETCH_MOST else None
