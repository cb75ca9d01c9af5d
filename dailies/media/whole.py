"""Tells half a file from a whole one by the lengths that its own structure announces. Reads headers only.

A connection that ends early gives a file whose beginning is in order: a player shows its first seconds. `measure` adds
what only the packets can tell. MPEG-TS announces no length: if it breaks off after a whole frame, only the length that
the server announced can tell (`dailies.gateway.download`), and without one nothing can.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from dailies import formats
from dailies.formats import Format

_NEEDED = frozenset({b"moov", b"mdat", b"moof", b"mfra"})
"""The boxes of an MP4 file that must be whole. Others may be cut: they hold nothing that is shown."""

_SEGMENT = 0x18538067  # the element of a Matroska file that holds all others but the header
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_LONGEST_AVI = 0xFFFFFF00  # a length that was never filled in
_LONGEST_WAV = 0x7FFFF000
_OGG_PAGE = 27 + 255 + 255 * 255  # bytes of a page at most
_TS_TAIL = 4000  # packets at the end of a file in which the last part of every stream begins


def is_cut(path: Path, known: Format) -> bool:
    """Whether a file is shorter than its structure says. False where the format announces no length."""
    walk = {
        formats.MP4: _is_iso_cut,
        formats.MOV: _is_iso_cut,
        formats.M4A: _is_iso_cut,
        formats.WEBM: _is_matroska_cut,
        formats.MKV: _is_matroska_cut,
        formats.AVI: _is_avi_cut,
        formats.TS: _is_ts_cut,
        formats.ASF: _is_asf_cut,
        formats.WAV: _is_wav_cut,
        formats.AIFF: _is_aiff_cut,
        formats.OGG: _is_ogg_cut,
        formats.OGV: _is_ogg_cut,
        formats.FLV: _is_flv_cut,
    }.get(known)
    if walk is None:
        return False
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        try:
            return walk(file, size)
        except (struct.error, IndexError):  # a header is cut
            return True


def _is_iso_cut(file: BinaryIO, size: int) -> bool:
    place = 0
    while place + 8 <= size:
        file.seek(place)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            (length,), head = struct.unpack(">Q", file.read(8)), 16
        if length == 0:  # to the end of the file
            return False
        if length < head:  # no box: what follows is padding
            return False
        if place + length > size:
            return kind in _NEEDED
        if kind == b"sidx" and place + length + _read_index(file.read(length - head)) > size:
            return True
        place += length
    return False


def _read_index(body: bytes) -> int:
    """Return the bytes that follow a segment index, as it announces them."""
    wide = body[0] == 1
    start = 12 + (16 if wide else 8)
    (first,) = struct.unpack_from(">Q" if wide else ">I", body, start - (8 if wide else 4))
    (count,) = struct.unpack_from(">H", body, start + 2)
    sizes = (struct.unpack_from(">I", body, start + 4 + 12 * number)[0] for number in range(count))
    return int(first + sum(each & 0x7FFFFFFF for each in sizes))


def _is_matroska_cut(file: BinaryIO, size: int) -> bool:
    place = 0
    while place < size:
        name, length, body = _read_element(file, place)
        if length is None:
            # A live recording does not know its length: look at every element up to the end of the file.
            place = body
        elif body + length > size:
            return True
        elif name == _SEGMENT:
            return False
        else:
            place = body + length
    return False


def _read_element(file: BinaryIO, place: int) -> tuple[int, int | None, int]:
    """Return (id, length of the body or None for an unknown one, place of the body) of an EBML element."""
    file.seek(place)
    head = file.read(12)
    width = 9 - head[0].bit_length()
    name = int.from_bytes(head[:width], "big")
    marker = head[width]
    span = 9 - marker.bit_length()
    if width > 4 or span > 8:
        raise IndexError("no element")
    raw = head[width : width + span]
    if len(raw) < span:
        raise IndexError("the element's length is cut")
    length = int.from_bytes(raw, "big") & ((1 << 7 * span) - 1)
    return name, None if length == (1 << 7 * span) - 1 else length, place + width + span


def _is_avi_cut(file: BinaryIO, size: int) -> bool:
    place = 0
    while place + 8 <= size:
        file.seek(place)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind != b"RIFF" or not 0 < length < _LONGEST_AVI:
            return False
        if place + 8 + length > size:
            return True
        place += 8 + length + length % 2
    return False


def _is_wav_cut(file: BinaryIO, size: int) -> bool:
    place = 12
    while place + 8 <= size:
        file.seek(place)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind == b"data":  # what was streamed does not know its length
            return bool(length < _LONGEST_WAV and place + 8 + length > size)
        place += 8 + length + length % 2
    return True


def _is_aiff_cut(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    (length,) = struct.unpack(">I", file.read(4))
    return bool(8 + length > size)


def _is_asf_cut(file: BinaryIO, size: int) -> bool:
    head = file.read(formats.HEAD)
    found = head.find(_ASF_PROPERTIES)
    if found < 0:
        return False
    (announced,) = struct.unpack_from("<Q", head, found + len(_ASF_PROPERTIES) + 24)
    return bool(size < announced)


def _is_flv_cut(file: BinaryIO, size: int) -> bool:
    head = file.read(formats.HEAD)
    found = head.find(b"filesize\0")  # a number of 8 bytes follows; what was streamed states none
    if found >= 0 and struct.unpack_from(">d", head, found + 9)[0] > size:
        return True
    place = 13
    while place + 11 <= size:
        file.seek(place + 1)
        place += 15 + int.from_bytes(file.read(3), "big")
    return place - 4 > size  # the last length of four bytes says only what is known


def _is_ogg_cut(file: BinaryIO, size: int) -> bool:
    """Whether the last page lacks bytes. A recording may lack the page that is marked as the last."""
    start = max(0, size - _OGG_PAGE)
    file.seek(start)
    tail = file.read()
    page = tail.rfind(b"OggS\0")
    if page < 0:
        return False
    count = tail[page + 26]
    sizes = tail[page + 27 : page + 27 + count]
    return len(sizes) < count or page + 27 + count + sum(sizes) > len(tail)


def _is_ts_cut(file: BinaryIO, size: int) -> bool:
    step = 188 if file.read(1) == b"\x47" else 192
    if size % step:
        return True
    packets = min(size // step, _TS_TAIL)
    file.seek(size - packets * step)
    tail = file.read()
    if tail[-188] != 0x47:  # room that was not filled
        return True
    missing: dict[int, int] = {}  # bytes of the last part of each stream, where the part states its length
    for place in range(step - 188, len(tail), step):
        packet = tail[place : place + 188]
        stream = int.from_bytes(packet[1:3], "big") & 0x1FFF
        body = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
        if not packet[3] & 0x10:  # no body
            continue
        if packet[1] & 0x40:  # a part begins
            length = int.from_bytes(body[4:6], "big") if body[:3] == b"\0\0\1" else 0
            missing[stream] = 6 + length if length else 0
        missing[stream] = missing.get(stream, 0) - len(body)
    return any(left > 0 for left in missing.values())
