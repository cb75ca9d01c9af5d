"""References as bytes: what is this file, and is it fit to be sent.

Decides by the bytes, never by the file's name, and before any decoder runs. Pictures are turned upright and freed of
what nobody sees on the way in (`pictures`, `hidden`); `fixes` brings them inside the limits of a slot.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from dailies import formats
from dailies.domain import Reference
from dailies.errors import MediaError
from dailies.media import pictures
from dailies.text import LINK_CHARS, clean, clean_file_name
from dailies.vocabulary import MediaKind

_CHOOSE = "Choose a JPEG, PNG, WebP, MP4, MP3 or WAV file."
_CONVERT = "Convert it to PNG or JPEG."
_REWRITTEN = (".mp4", ".mov", ".mkv", ".webm")


@dataclass(frozen=True, slots=True)
class Media:
    """A reference and its bytes."""

    reference: Reference
    data: bytes


def read(name: str, data: bytes) -> Media:
    """Sniff, orient, clean and measure an uploaded file, and clean its name.

    Raises `MediaError` for bytes that are no picture, video or sound we know, whatever the file is called.
    """
    name = clean_file_name(name)
    if not data:
        raise MediaError(f"{name} is empty", "Choose another file.")
    known = formats.detect(data)
    if known is None:
        raise MediaError(f"{name} is not a picture, video or sound that can be read", _CHOOSE)
    if known.kind is None:
        fix = _CONVERT if known is formats.PDF else _CHOOSE
        raise MediaError(f"{name} is {known.title}, not a picture, video or sound", fix)
    if known.kind is not MediaKind.IMAGE:
        return Media(_reference(name, data, known.kind, known.media_type), data)
    if known not in pictures.TAKEN:
        raise MediaError(f"{name} is {known.title}", _CONVERT)
    made = pictures.clean(name, data, known)
    reference = _reference(name, made.data, MediaKind.IMAGE, made.known.media_type, made.size, *made.done)
    return Media(reference, made.data)


def take(name: str, data: bytes) -> Media:
    """Read a file that a person gives as `read` does; films and sounds by their streams, with their measures.

    A film is freed of its tags where its container can be written again; frames and sound stay as they are. Raises
    `MediaError`.
    """
    held = read(name, data)
    if held.reference.kind is MediaKind.IMAGE:
        return held
    # PyAV: a form that holds no film does not wait for it
    from dailies.media.convert import copy_streams
    from dailies.media.measure import find_tags, measured

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"given{formats.suffix_of(held.reference.media_type)}"
        path.write_bytes(data)
        reference = measured(held.reference, path)
        if reference.kind is MediaKind.VIDEO and path.suffix in _REWRITTEN and (tags := find_tags(path)):
            clean = path.with_name(f"clean{path.suffix}")
            try:
                copy_streams(path, clean)
                same = measured(reference, clean)
            except MediaError:  # it is sent as it is
                return Media(reference, data)
            if (same.width, same.height, same.seconds) == (reference.width, reference.height, reference.seconds):
                data = clean.read_bytes()
                digest = hashlib.sha256(data).hexdigest()
                done = f"{pictures.join(list(tags))} removed"
                reference = replace(reference, digest=digest, size=len(data), done=(done,))
    return Media(reference, data)


def link(address: str, kind: MediaKind) -> Reference:
    """A reference by link: `https://…` or `asset://…`. Nothing is fetched: the gateway does that.

    The address is cleaned. Raises `MediaError` for anything else.
    """
    address = clean(re.sub(r"[\u200b\u2060\ufeff]", "", address).strip().strip("\"'<>“”"))
    if len(address) > LINK_CHARS:
        raise MediaError(f"The link has {len(address)} characters of at most {LINK_CHARS}", "Paste a shorter link.")
    if re.fullmatch(r"asset://[\w.:-]+", address):
        return Reference(address, kind, asset=address.removeprefix("asset://"))
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname and parts.hostname.strip(".")) and parts.port != 0
    except ValueError:  # a bracket that opens no address, a port that is none
        parts, named = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not named or re.search(r"\s", address):
        raise MediaError(f"{address or 'The link'} is not a web address", "Paste a link that begins with https://.")
    return Reference(parts.path.rsplit("/", 1)[-1] or parts.netloc, kind, url=address)


def _reference(
    name: str, data: bytes, kind: MediaKind, media_type: str, size: tuple[int, int] | None = None, *done: str
) -> Reference:
    width, height = size or (None, None)
    digest = hashlib.sha256(data).hexdigest()
    return Reference(name, kind, digest, media_type=media_type, size=len(data), width=width, height=height, done=done)


def renamed(reference: Reference) -> str:
    """The reference's name with the suffix its bytes deserve, for the file part's `filename`."""
    suffix = formats.suffix_of(reference.media_type)
    if not suffix:
        return reference.name
    # What follows a dot can be a part of the name: `v1.2 final`.
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", reference.name.rstrip(".")).removesuffix(suffix)
    return f"{stem or reference.kind}{suffix}"
