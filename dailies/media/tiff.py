"""Follows the directories of a TIFF and says which of its bytes they name. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value of each type."""
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_DIRECTORIES = (330, 34665, 34853, 40965)  # tags that lead to further directories
_PIXELS = ((273, 279), (324, 325), (513, 514))  # places and lengths of strips, tiles and a JPEG
_TABLES = (519, 520, 521)  # places of JPEG tables, which state no length
_TABLE_BYTES = 272
_MOST = 2_000_000  # rows and values that are read: a small file can name itself without end
_NAMING = frozenset((*_DIRECTORIES, *_TABLES, *(tag for pair in _PIXELS for tag in pair)))


def named_parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of every part that the directories of a TIFF name. Raises `struct.error` for a broken one."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    step, number, count_of = (20, "Q", "Q") if big else (12, "I", "H")
    width, place = struct.calcsize(number), 8 if big else 4
    yield 0, place + width
    waiting, seen, left = list(struct.unpack_from(order + number, data, place)), set[int](), _MOST
    while waiting:
        if (first := waiting.pop()) in seen or not first:
            continue
        seen.add(first)
        (count,) = struct.unpack_from(order + count_of, data, first)
        rows = first + struct.calcsize(count_of)
        yield first, rows + step * count + width
        values: dict[int, tuple[int, ...]] = {}
        for row in range(rows, rows + step * count, step):
            tag, kind, many = struct.unpack_from(f"{order}HH{number}", data, row)
            left -= 1 + (many if tag in _NAMING else 0)
            if left < 0:
                raise struct.error("no end")
            inside, size = row + 4 + width, _WIDTHS.get(kind, 1) * many
            start = inside if size <= width else struct.unpack_from(order + number, data, inside)[0]
            yield start, start + size
            if kind in _NUMBERS and tag in _NAMING:
                values[tag] = struct.unpack_from(f"{order}{many}{_NUMBERS[kind]}", data, start)
        for places, lengths in _PIXELS:
            pairs = zip(values.get(places, ()), values.get(lengths, ()), strict=False)
            yield from ((start, start + length) for start, length in pairs)
        yield from ((start, start + _TABLE_BYTES) for tag in _TABLES for start in values.get(tag, ()))
        waiting += [each for tag in _DIRECTORIES for each in values.get(tag, ())]
        waiting += struct.unpack_from(order + number, data, rows + step * count)
