"""Brings the bytes of a clip into a file, from whatever an address answers with: bytes, a link, a clip inside JSON.

Bytes go before labels: what begins as a video is one, whatever its content type says. `client` opens the address and
reads its words; a half file is refused.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urljoin, urlsplit

import httpx

from dailies.errors import DailiesError, DiskFull, GatewayError, Unreadable, Unsure
from dailies.formats import DASH, HLS, detect
from dailies.gateway import replies
from dailies.gateway.fallbacks import is_video
from dailies.gateway.reasons import end
from dailies.gateway.refusals import read_error, read_link_error, shorten

MAX_CLIP = 4_000_000_000
"""Bytes of a clip that are taken at most."""

ROOM = 64 * 1024 * 1024
"""Bytes that a clip leaves free on the disk: the database goes on."""

_PROBE = 1024
"""Bytes by which an answer is known as a video or as text; servers may send them one by one."""

_LOOK_AFTER = 16 * 1024 * 1024
"""Bytes after which the free disk is looked at again."""

Opener = Callable[[str], httpx.Response]
"""Opens an address; the answer is not read yet."""

Reader = Callable[[bytes, Iterator[bytes], httpx.Response], str]
"""Reads what is left of an answer as text."""


@dataclass(slots=True)
class Rate:
    """The least rate of a download: `least` bytes a second, on average over each `span` seconds."""

    least: float = 8_000.0
    span: float = 30.0
    _since: float = field(default_factory=monotonic)
    _counted: int = 0

    def check(self, received: int) -> None:
        """Raise `Unsure` if the last span brought too little; `received` are all bytes until now."""
        seconds = monotonic() - self._since
        if seconds < self.span:
            return
        if received - self._counted < self.least * seconds:
            raise Unsure(f"Less than {self.least / 1e3:g} kB a second came, too slow to wait for the clip.")
        self._since, self._counted = monotonic(), received


def download(
    url: str, target: Path, opener: Opener, reader: Reader, rate: Rate, *, is_link: bool, follow: bool = True
) -> None:
    """Write the clip at an address to `target`. A link that comes instead of the clip is followed once.

    `is_link`: the address came with a reply, so an error is the link's own. Raises `GatewayError`, `DiskFull` and
    httpx's errors.
    """
    with closing(opener(url)) as response:
        head, chunks = peek(response.iter_bytes())
        status, kind = response.status_code, response.headers.get("content-type", "").lower()
        if not 200 <= status < 300:
            text = reader(head, chunks, response)
            read = read_link_error if is_link else read_error
            raise read(status, text, kind, response.headers)
        if status == 206 and not _is_whole(response):
            raise Unreadable("Only a part of the file came.", status=status)
        if is_video(head) or not _is_text(head):
            write(response, head, chunks, target, rate)
            return
        known = detect(head)
        if known in (HLS, DASH) or (known and known.kind is not None):
            raise Unreadable(f"{known.title[0].upper()}{known.title[1:]} came instead of the clip.", status=status)
        text = reader(head, chunks, response)
    if (clip := replies.read_clip(text)) is not None:
        target.write_bytes(clip)
        return
    link = replies.read_link(text, kind)
    if not link or not follow:
        what = "A web page" if text.lstrip()[:1] == "<" or "html" in kind else "Text"
        raise Unreadable(f"{what} came instead of the clip.", status=status, raw=shorten(text))
    download(join(url, link), target, opener, reader, rate, is_link=True, follow=False)


def join(base: str, link: str, name: str = "The link to the clip") -> str:
    """Return an absolute web address from a link as it came. Raises `Unreadable` for anything else."""
    url = ""
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Unreadable(f"{name} is no web address.")
    return url


def until_broken(chunks: Iterator[bytes], broken: list[httpx.HTTPError]) -> Iterator[bytes]:
    """Yield what comes of an answer until its end, or until it breaks off: then the error is put into `broken`."""
    try:
        yield from chunks
    except httpx.HTTPError as error:
        broken.append(error)


def peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes of an answer and the iterator over the others."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _PROBE:
            break
    return head, chunks


def write(response: httpx.Response, head: bytes, chunks: Iterator[bytes], target: Path, rate: Rate) -> None:
    """Write an answer's body to a file.

    Raises `Unreadable` if it is empty, too large or shorter than announced, `Unsure` if it comes too slowly, and
    `DiskFull` before the disk is.
    """
    announced = response.headers.get("content-length", "")
    expected = int(announced) if announced.isdecimal() else 0
    size = 0
    _check_room(target, expected)
    looked = 0
    with target.open("wb") as file:
        while head:
            size += file.write(head)
            if size > MAX_CLIP:
                raise Unreadable(f"The file is larger than {MAX_CLIP / 1e9:g} GB.")
            if size - looked >= _LOOK_AFTER:
                looked = size
                _check_room(target, max(0, expected - size))
            rate.check(response.num_bytes_downloaded)
            head = next(chunks, b"")
    if not size:
        raise Unreadable("The file of the clip is empty.")
    if response.num_bytes_downloaded < expected:
        raise Unreadable(f"The file broke off after {response.num_bytes_downloaded} of {announced} bytes.")


def _check_room(target: Path, wanted: int) -> None:
    """Raise `DiskFull` if the disk of a file does not hold so many bytes more."""
    free = shutil.disk_usage(target.parent).free
    if free < wanted + ROOM:
        needed, there = (f"{size / 1e6:,.0f} MB" for size in (wanted + ROOM, free))
        raise DiskFull(f"The clip and the library need {needed}, and {there} are free on this server's disk.")


def choose_error(failed: Sequence[tuple[str, DailiesError]]) -> DailiesError:
    """Return the error of the first way to a clip, with what the gateway said on another one, if it said anything.

    `failed` names each way as a sentence begins with it.
    """
    (_, first), *others = failed
    said = next(((way, e.message) for way, e in others if isinstance(e, GatewayError) and e.spoken), None)
    if said and isinstance(first, GatewayError):
        first.message = f"{end(first.message)} {said[0]} says: {said[1]}"
    return first


def _is_whole(response: httpx.Response) -> bool:
    """Whether a partial answer holds the whole file all the same."""
    found = re.fullmatch(r"bytes 0-(\d+)/(\d+)", response.headers.get("content-range", "").strip().lower())
    return found is not None and int(found[1]) + 1 == int(found[2])


def _is_text(head: bytes) -> bool:
    """Whether an answer begins as text does: its first characters can all be read."""
    start = head[:512]
    return bool(start) and not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", start.removeprefix(b"\xef\xbb\xbf"))
