"""Brings a decoded frame into the shape in which it is shown: square pixels, turned, mirrored, in the right colours."""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import pairwise
from typing import cast

from av.filter import Graph
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

_HD_LINES = 720  # untagged frames of fewer lines use the older colour matrix (BT.601), as players assume
_UNTAGGED = 2
BT709, BT601 = 1, 5
"""Colour matrices as FFmpeg numbers them: of large films, and of small ones and of JPEG."""

_TURNS: dict[tuple[int, int, int, int], tuple[tuple[str, str], ...]] = {
    (1, 0, 0, 1): (),
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (0, 1, -1, 0): (("transpose", "clock"),),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}
"""Filters by the signs of the display matrix a, b, c, d: a pixel goes to x' = a x + c y, y' = b x + d y."""


def turns(frame: VideoFrame) -> tuple[tuple[str, str], ...]:
    """Return the filters (name, argument) that bring a frame upright, as its display matrix says."""
    # PyAV's own stub describes it as a dictionary of flags; what it iterates over differs from release to release.
    data = cast(SideDataContainer, frame.side_data).get(Type.DISPLAYMATRIX)
    if data is None:
        return ()
    a, b, _, c, d = struct.unpack_from("=5i", memoryview(data))
    largest = max(map(abs, (a, b, c, d))) or 1
    return _TURNS.get((round(a / largest), round(b / largest), round(c / largest), round(d / largest)), ())


def lies(frame: VideoFrame) -> bool:
    """Whether width and height change places when the frame is shown."""
    return any(name == "transpose" for name, _ in turns(frame))


def sides(frame: VideoFrame, pixel: Fraction | None) -> tuple[int, int]:
    """Return width and height as shown. `pixel`: the width of a pixel in heights; None or 0: square.

    One side grows and none shrinks, as HTML demands of players.
    """
    width, height = frame.width, frame.height
    if pixel and pixel > 1:
        width = max(1, round(width * pixel))
    elif pixel:
        height = max(1, round(height / pixel))
    return (height, width) if lies(frame) else (width, height)


def colours(frame: VideoFrame) -> int:
    """Return the colour matrix of a frame as FFmpeg numbers it."""
    if frame.colorspace != _UNTAGGED:
        return frame.colorspace
    return BT709 if frame.height >= _HD_LINES else BT601


def show(frame: VideoFrame, size: tuple[int, int], pixels: str, matrix: int | None = None) -> VideoFrame:
    """Return the frame as shown, in this size and pixel format.

    `matrix`: the colour matrix of the result as FFmpeg numbers it, for formats that are not RGB: of full range in
    those of JPEG, of limited range in all others.
    """
    chain = turns(frame)
    width, height = size[::-1] if lies(frame) else size
    span = None if matrix is None else 2 if pixels.startswith("yuvj") else 1
    made = frame.reformat(
        width, height, pixels, src_colorspace=colours(frame), dst_colorspace=matrix, dst_color_range=span
    )
    if not chain:
        return made
    graph = Graph()
    time_base = frame.time_base or Fraction(1, 1000)
    nodes = [graph.add_buffer(width=made.width, height=made.height, format=made.format, time_base=time_base)]
    nodes += [graph.add(name, argument or None) for name, argument in chain]
    nodes.append(graph.add("buffersink"))
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    graph.vpush(made)
    return graph.vpull()
