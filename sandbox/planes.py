"""Frames as the encoder takes them: three planes of YUV 4:2:0, with fast ways to scale and stack them.

Every operation runs in C (libswscale, Pillow), so a film needs no arithmetic per pixel in Python. `slate.py` draws the
pictures, `scenes.py` decides when they are shown.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

Plane = npt.NDArray[np.uint8]
WHITE = 235  # of limited-range luma


class Planes:
    """One frame: luma at full size and chroma at half, as arrays and as Pillow images over the same memory."""

    def __init__(self, y: Plane, u: Plane, v: Plane) -> None:
        self.arrays = y, u, v
        self.y, self.u, self.v = (share_memory(plane) for plane in self.arrays)

    def copy(self) -> Planes:
        """Return a frame with its own memory."""
        return Planes(*(plane.copy() for plane in self.arrays))

    def dissolve(self, other: Planes, share: float) -> None:
        """Cross-dissolve in place: `share` is the other frame's part, from 0 to 1."""
        for mine, theirs in zip((self.y, self.u, self.v), (other.y, other.u, other.v), strict=True):
            mine.paste(theirs, (0, 0), Image.new("L", mine.size, round(share * 255)))

    def place(self, other: Planes, x: int, y: int) -> None:
        """Paste a smaller frame at even `x` and `y`."""
        self.y.paste(other.y, (x, y))
        self.u.paste(other.u, (x // 2, y // 2))
        self.v.paste(other.v, (x // 2, y // 2))

    def fill(self, box: tuple[int, int, int, int], color: tuple[int, int, int]) -> None:
        """Fill a rectangle with a YUV colour."""
        half = (box[0] // 2, box[1] // 2, (box[2] + 1) // 2, (box[3] + 1) // 2)
        self.y.paste(color[0], box)
        self.u.paste(color[1], half)
        self.v.paste(color[2], half)

    def to_frame(self) -> av.VideoFrame:
        """Copy the planes into a frame for the encoder."""
        frame = av.VideoFrame(self.y.width, self.y.height, "yuv420p")
        for plane, rows in zip(frame.planes, self.arrays, strict=True):
            view_rows(plane)[:] = rows
        return frame


def share_memory(rows: Plane) -> Image.Image:
    """Return a Pillow image over an array's memory: pasting into it changes the array."""
    size = rows.shape[1], rows.shape[0]
    image = Image.frombuffer("L", size, rows, "raw", "L", 0, 1)
    image.readonly = 0
    return image


def view_rows(plane: Any) -> Plane:
    """View the pixels of a libav plane, without the padding at the end of its lines."""
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    return rows


def convert_picture(picture: Image.Image) -> tuple[Plane, Plane, Plane]:
    """Convert a picture to planes in the colours of HD video (BT.709, limited range)."""
    frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
    converted = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    return copy_planes(converted)


def copy_planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Copy the three planes of a YUV frame."""
    y, u, v = (view_rows(plane).copy() for plane in frame.planes)
    return y, u, v


def make_planes(picture: Image.Image) -> Planes:
    """Convert a picture to a frame."""
    return Planes(*convert_picture(picture))


@lru_cache(maxsize=64)
def convert_color(color: tuple[int, int, int]) -> tuple[int, int, int]:
    """Convert an RGB colour to YUV."""
    y, u, v = convert_picture(Image.new("RGB", (16, 16), color))
    return int(y[8, 8]), int(u[4, 4]), int(v[4, 4])


class Layer:
    """A transparent drawing, prepared for many frames."""

    def __init__(self, drawing: Image.Image) -> None:
        # A chroma sample covers two by two pixels, so both sides must be even.
        canvas = Image.new("RGBA", (drawing.width + drawing.width % 2, drawing.height + drawing.height % 2))
        canvas.paste(drawing)
        self.size = canvas.size
        self.planes = make_planes(canvas.convert("RGB"))
        self.alpha = canvas.getchannel("A")
        self.half = self.alpha.resize((canvas.width // 2, canvas.height // 2), Image.Resampling.BOX)

    def draw(self, frame: Planes, x: int, y: int, opacity: float = 1.0) -> None:
        """Draw it over a frame at even `x` and `y`."""
        if opacity <= 0:
            return
        alpha, half = self.alpha, self.half
        if opacity < 1:
            table = [round(value * opacity) for value in range(256)]
            alpha, half = alpha.point(table), half.point(table)
        frame.y.paste(self.planes.y, (x, y), alpha)
        frame.u.paste(self.planes.u, (x // 2, y // 2), half)
        frame.v.paste(self.planes.v, (x // 2, y // 2), half)


class Scaler:
    """Scales boxes of a plane with one libswscale context."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def cut(self, plane: Plane, box: tuple[int, int, int, int], width: int, height: int) -> Plane:
        """Return the box (left, top, right, bottom) of a plane, scaled to a width and height."""
        left, top, right, bottom = box
        view: Any = plane[top:bottom, left:right]
        if view.shape == (height, width):
            # libswscale would return the source itself, and the caller draws on the result.
            return np.array(view)
        source = av.VideoFrame.from_numpy_buffer(view, format="gray")
        scaled = self._reformatter.reformat(source, width=width, height=height, interpolation="FAST_BILINEAR")
        return np.ascontiguousarray(view_rows(scaled.planes[0]))
