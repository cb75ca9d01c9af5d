"""Takes out of a picture file what nobody sees: place, camera, notes, prompts, signatures, thumbnails, appended films.

Works on the bytes, before any decoder runs, so pixels stay exactly as they are. Keeps colour profiles. Pure.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from dailies import formats
from dailies.formats import Format
from dailies.media.tiff import named_parts

LOCATION, CAMERA = "location", "camera data"
_XMP, _IPTC, _COMMENT = "XMP notes", "captions (IPTC)", "comment"
_PROMPT, AUTHOR, NOTES = "generator's prompt", "author", "text notes"
_C2PA, _MOTION = "content credentials (C2PA)", "motion-photo film"
_TAIL, THUMBNAIL = "data after the picture", "thumbnail"
OTHER = "data of programs"
MARKS = ((b"mpvd", _MOTION), (b"c2pa", _C2PA))
"""What tells hidden data in a HEIC or AVIF file, which is drawn anew."""

_GPS, _ORIENTATION = 0x8825, 0x0112
_PNG_KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"),
        *(b"cICP", b"mDCV", b"cLLI", b"hIST", b"sPLT"),
    }
)
_PNG_MOVING = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PROMPT_KEYS = re.compile(
    rb"parameters|workflow|dream|sd-metadata|(.*[_ ])?prompt|invokeai.*|generation.*|comfy.*", re.IGNORECASE
)
_AUTHOR_KEYS = re.compile(rb"author|artist|copyright|creator", re.IGNORECASE)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"})


@dataclass(slots=True)
class Stripped:
    """A file without what was hidden. `removed` in words, in order; `orientation` as EXIF numbers it, 1 is upright.

    `frames` is how many pictures the file held; only the first is kept, except in an animated WebP (`moving`), whose
    frames must be drawn. `several`: a JPEG names further pictures, how many is not known here.
    """

    data: bytes
    removed: dict[str, None] = field(default_factory=dict)
    orientation: int = 1
    frames: int = 1
    moving: bool = False
    several: bool = False
    endless: bool = False  # the mark at the end was missing and has been added: pixels may be missing too
    damaged: bool = False  # the structure cannot be followed: nothing was taken out
    cut: bool = False  # it goes on beyond the end of the file

    def note(self, *names: str) -> None:
        self.removed |= dict.fromkeys(names)

    def read_exif(self, body: bytes) -> None:
        """Note what a block of EXIF held, and keep its orientation."""
        tags = _read_tags(body)
        self.orientation = tags.get(_ORIENTATION, self.orientation)
        if _GPS in tags:
            self.note(LOCATION)
        if set(tags) - {_GPS, _ORIENTATION}:
            self.note(CAMERA)

    def read_xmp(self, body: bytes) -> None:
        self.note(_XMP)
        found = re.search(rb"tiff:Orientation(?:=[\"']|>)\s*([1-8])", body)
        if found and self.orientation == 1:
            self.orientation = int(found[1])


def strip(data: bytes, known: Format) -> Stripped:
    """Return the file without what is hidden. Formats without a rule here come back unchanged."""
    walk = {formats.JPEG: _strip_jpeg, formats.PNG: _strip_png, formats.WEBP: _strip_webp, formats.GIF: _strip_gif}
    walk |= {formats.BMP: _strip_bmp, formats.TIFF: _strip_tiff, formats.HEIC: _follow_iso, formats.AVIF: _follow_iso}
    rule = walk.get(known)
    found = Stripped(data)
    if rule is None:
        return found
    try:
        found.data = b"".join(rule(data, found))
    except (struct.error, IndexError):
        return Stripped(data, damaged=True, cut=True)
    except ValueError:
        return Stripped(data, damaged=True)
    return found


def _read_tags(body: bytes) -> dict[int, int]:
    """Return the tags of the first directory of EXIF, with their values where these are short numbers."""
    body = body.removeprefix(b"Exif\x00\x00")
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return {}
    try:
        (first,) = struct.unpack_from(f"{order}I", body, 4)
        (count,) = struct.unpack_from(f"{order}H", body, first)
        rows = [struct.unpack_from(f"{order}HHI4s", body, first + 2 + 12 * row) for row in range(min(count, 500))]
    except struct.error:
        return {0: 0}
    # A short number fills the first bytes of four, in either order; some programs write a long one in its place.
    widths = {1: "B", 3: "H", 4: "I"}
    return {tag: struct.unpack_from(f"{order}{widths.get(kind, 'H')}", value)[0] for tag, kind, _, value in rows}


# --- JPEG --------------------------------------------------------------------------------------------------------

_FILM = re.compile(rb"\x00\x00\x00[\x10-\x80]ftyp")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _strip_jpeg(data: bytes, found: Stripped) -> Iterator[bytes]:
    yield data[:2]
    place, parts, drawn = 2, 0, set[tuple[int, int]]()
    while place < len(data):
        if data[place] != 0xFF:
            raise ValueError("no marker")
        kind = data[place + 1]
        if kind == 0xFF:  # padding
            place += 1
            continue
        if kind == 0xD9:
            yield data[place : place + 2]
            _note_tail(data[place + 2 :], found)
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        body = data[place + 4 : end]
        if kind == 0xDA:  # the picture itself follows, up to the next marker
            drawn |= _read_scan(body)
            marker = _NEXT_MARKER.search(data, end)
            end = marker.start() if marker else len(data)
            yield data[place:end] if marker else data[place:end].rstrip(b"\xff")
        elif kind == 0xE0 and body[:5] == b"JFIF\x00":
            small = body[12] * body[13]
            found.note(*([THUMBNAIL] if small else []))
            yield (
                data[place : place + 2] + struct.pack(">H", 16) + body[:12] + b"\x00\x00" if small else data[place:end]
            )
        elif _keeps_segment(kind, body, found):
            parts = body[5] if kind in _FRAMES else parts
            yield data[place:end]
        place = end
    if not parts or len(drawn) < parts * 64:
        raise IndexError("the file is cut")
    found.endless = True
    yield b"\xff\xd9"


def _read_scan(body: bytes) -> set[tuple[int, int]]:
    """Return (component, frequency) of what a scan of a JPEG draws to the last bit."""
    end = 1 + 2 * body[0]
    if body[end + 2] & 15:  # a first look at a progressive picture
        return set()
    return {(part, each) for part in body[1:end:2] for each in range(body[end], body[end + 1] + 1)}


def _keeps_segment(kind: int, body: bytes, found: Stripped) -> bool:
    """Whether a segment is needed to show the picture; notes it if not."""
    if kind == 0xFE:
        found.note(_COMMENT)
        return False
    if not 0xE0 <= kind <= 0xFD:
        return True
    if (kind == 0xE2 and body[:12] == b"ICC_PROFILE\x00") or (kind == 0xEE and body[:5] == b"Adobe"):
        return True
    if kind == 0xE1 and body[:4] == b"Exif":
        found.read_exif(body)
    elif kind == 0xE1 and b"adobe.com/x" in body[:40]:
        found.read_xmp(body)
    elif kind == 0xED:
        found.note(_IPTC)
    elif kind == 0xEB:
        found.note(_C2PA if b"jumb" in body[:64] or b"c2pa" in body else OTHER)
    elif kind == 0xE2 and body[:3] == b"MPF":
        found.several = True
    elif kind == 0xE0:
        found.note(THUMBNAIL)
    else:
        found.note(OTHER)
    return False


def _note_tail(tail: bytes, found: Stripped) -> None:
    """Note what stands behind the picture: the other pictures of an MPO file are counted elsewhere."""
    if not tail.strip(b"\x00\xff"):
        return
    if b"MotionPhoto_Data" in tail or _FILM.search(tail):
        found.note(_MOTION)
    elif not found.several:
        found.note(_TAIL)


# --- PNG ---------------------------------------------------------------------------------------------------------


def _strip_png(data: bytes, found: Stripped) -> Iterator[bytes]:
    yield data[:8]
    place, moves, frames, drawn = 8, False, 0, False
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        body = data[place + 8 : end - 4]
        if kind == b"fcTL" or (kind == b"IDAT" and not drawn and not frames):
            frames += 1  # what every program shows can be the first frame, or stand before them
        moves, drawn = moves or kind == b"acTL", drawn or kind == b"IDAT"
        if kind in _PNG_KEPT:
            yield data[place:end]
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            _note_text(body, found)
        elif kind == b"eXIf":
            found.read_exif(body)
        elif kind == b"caBX":
            found.note(_C2PA)
        elif kind not in _PNG_MOVING:
            found.note(NOTES if kind == b"tIME" else OTHER)
        place = end
        if kind == b"IEND":
            found.frames = frames if moves else 1
            _note_tail(data[place:], found)
            return
    raise IndexError("the file is cut")


def _note_text(body: bytes, found: Stripped) -> None:
    key, _, text = body.partition(b"\x00")
    if key == b"XML:com.adobe.xmp":
        found.read_xmp(text)
    elif key.lower().startswith(b"raw profile type exif"):
        found.note(CAMERA)
    elif key.lower().startswith(b"raw profile type"):
        found.note(_IPTC)
    elif _PROMPT_KEYS.fullmatch(key):
        found.note(_PROMPT)
    elif _AUTHOR_KEYS.fullmatch(key):
        found.note(AUTHOR)
    else:
        found.note(NOTES)


# --- WebP --------------------------------------------------------------------------------------------------------


def _strip_webp(data: bytes, found: Stripped) -> Iterator[bytes]:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data):
        raise IndexError("the file is cut")
    found.note(*([_TAIL] if data[end + size % 2 :].strip(b"\x00") else []))
    kept: list[bytes] = []
    frames, place = 0, 12
    while place + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, place)
        after = place + 8 + length + length % 2
        body = data[place + 8 : place + 8 + length]
        if kind in _WEBP_KEPT:
            frames += kind == b"ANMF"
            kept.append(data[place:after])
        elif kind == b"EXIF":
            found.read_exif(body)
        elif kind == b"XMP ":
            found.read_xmp(body)
        else:
            found.note(_C2PA if kind == b"C2PA" else OTHER)
        place = after
    if kept and kept[0][:4] == b"VP8X":  # its flags announce EXIF (8) and XMP (4)
        kept[0] = kept[0][:8] + bytes([kept[0][8] & ~0x0C]) + kept[0][9:]
    found.frames, found.moving = max(1, frames), frames > 0
    whole = b"".join(kept)
    yield b"RIFF" + struct.pack("<I", 4 + len(whole)) + b"WEBP" + whole


# --- GIF ---------------------------------------------------------------------------------------------------------


def _strip_gif(data: bytes, found: Stripped) -> Iterator[bytes]:
    place = 13 + _table(data[10])
    yield data[:place]
    frames = 0
    while data[place] != 0x3B:
        start, kind = place, data[place]
        if kind == 0x21:
            label = data[place + 1]
            place = _skip_blocks(data, place + 2)
            if label == 0xF9:
                if not frames:
                    yield data[start:place]
            elif label == 0xFE:
                found.note(_COMMENT)
            elif data[start + 3 : start + 14] == b"XMP DataXMP":
                found.read_xmp(data[start:place])
            elif data[start + 3 : start + 11] not in (b"NETSCAPE", b"ANIMEXTS"):
                found.note(_C2PA if b"C2PA" in data[start : start + 16] else OTHER)
        elif kind == 0x2C:
            place = _skip_blocks(data, place + 10 + _table(data[place + 9]) + 1)
            frames += 1
            if frames == 1:
                yield data[start:place]
        else:
            raise ValueError("no block")
    found.frames = max(1, frames)
    found.note(*([_TAIL] if data[place + 1 :].strip(b"\x00") else []))
    yield b"\x3b"


def _table(flags: int) -> int:
    """Return the bytes of a colour table, by the flags that announce it."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, place: int) -> int:
    while data[place]:
        place += 1 + data[place]
    return place + 1


# --- BMP ---------------------------------------------------------------------------------------------------------


def _strip_bmp(data: bytes, found: Stripped) -> Iterator[bytes]:
    """The size that a header states is often wrong: what the pixels need is never cut off."""
    size, _, start, head, width, height, _, bits, packed, stated = struct.unpack_from("<2xIIIIiiHHII", data)
    drawn = 0 if packed in (1, 2) else (abs(width) * bits + 31) // 32 * 4 * abs(height)
    end = max(size, start + max(drawn, stated))
    if head < 40 or not data[end:].strip(b"\0"):
        yield data
        return
    found.note(_TAIL)
    yield data[:end]


# --- HEIC and AVIF -----------------------------------------------------------------------------------------------


def _follow_iso(data: bytes, found: Stripped) -> Iterator[bytes]:
    """Note what follows the last box. The bytes stay: such a picture is drawn anew (`pictures`)."""
    place, kinds = 0, set[bytes]()
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        size = size or len(data) - place
        if size > len(data) - place or 1 < size < 8:
            if kind in (b"meta", b"moov", b"mdat"):
                raise IndexError("the file is cut")
            break
        if kind == b"ftyp" and kinds:  # another file
            break
        kinds.add(kind)
        place += size if size > 1 else struct.unpack_from(">Q", data, place + 8)[0]
    if kinds.isdisjoint((b"meta", b"moov")):
        raise IndexError("the file is cut")
    _note_tail(data[place:], found)
    yield data


# --- TIFF --------------------------------------------------------------------------------------------------------

_ALIGNED = 4  # bytes that programs leave between two parts


def _strip_tiff(data: bytes, found: Stripped) -> Iterator[bytes]:
    """Note what no directory names. The bytes stay: such a picture is drawn anew (`pictures`)."""
    end = 0
    for start, after in sorted(named_parts(data)):
        if start - end >= _ALIGNED and data[end:start].strip(b"\0"):
            found.note(OTHER)
        end = max(end, after)
    if data[end:].strip(b"\0"):
        _note_tail(data[end:], found)
    yield data
