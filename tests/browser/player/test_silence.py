"""`silence.js`: the sound tracks of an MP4 file become free space, and not one other byte changes."""

from __future__ import annotations

import struct

import pytest

pytestmark = pytest.mark.browser


def box(name: str, content: bytes = b"", *, long: bool = False, open_end: bool = False) -> bytes:
    """A box of an MP4 file; `long` writes its size in 64 bits, `open_end` says that it ends with the file."""
    if long:
        return struct.pack(">I4sQ", 1, name.encode(), len(content) + 16) + content
    return struct.pack(">I4s", 0 if open_end else len(content) + 8, name.encode()) + content


def track(kind: str, **how: bool) -> bytes:
    return box(
        "trak", box("tkhd", b"\1" * 20) + box("mdia", box("mdhd") + box("hdlr", b"\0" * 8 + kind.encode())), **how
    )


START = box("ftyp", b"isom") + box("free")
PICTURE, SOUND = track("vide"), track("soun")


@pytest.mark.parametrize(
    ("file", "silent"),
    [
        (START + box("moov", PICTURE + SOUND), START + box("moov", PICTURE + SOUND.replace(b"trak", b"free"))),
        (
            box("moov", SOUND + PICTURE + SOUND),
            box("moov", SOUND.replace(b"trak", b"free") + PICTURE + SOUND.replace(b"trak", b"free")),
        ),
        (box("mdat", b"soun" * 9, long=True) + box("moov", SOUND), None),
        (box("moov", track("soun", long=True), long=True), None),
        (box("moov", track("soun", open_end=True), open_end=True), None),
    ],
)
def test_sound_becomes_free_space(call, file, silent) -> None:
    expected = silent or file.replace(b"trak", b"free")
    assert hidden(call, file) == (True, expected)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\0\0\0",
        START + box("moov", PICTURE),
        SOUND,  # not in a movie
        box("moov", box("udta", SOUND)),  # not a track of it
        box("moov", SOUND)[:-1],  # cut off
        box("moov", SOUND + box("udta", b"late"))[:-4],
        box("moov", box("trak", box("mdia", box("hdlr", b"\0" * 8 + b"so")))),
        struct.pack(">I4s", 4, b"moov") + box("moov", SOUND),  # a size that cannot be
        struct.pack(">I4s", 1, b"moov"),
    ],
)
def test_a_file_without_sound_stays_as_it_is(call, file) -> None:
    assert hidden(call, file) == (False, file)


HIDE = """(bytes) => {
  const view = new DataView(new Uint8Array(bytes).buffer)
  return [hideSound(view), [...new Uint8Array(view.buffer)]]
}"""


def hidden(call, file: bytes) -> tuple[bool, bytes]:
    done, data = call(f"({HIDE})({list(file)})")
    return done, bytes(data)
