"""Scenes: a moving still, a looping video, a board of tiles, cuts, a tint and a dissolve.

A scene returns the frame at `t` seconds. Captions and the progress line belong to the film.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import Protocol

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageOps

from sandbox.planes import Layer, Planes, Scaler, convert_color, convert_picture, copy_planes


class Scene(Protocol):
    """Frames by time; the caller may draw on every frame."""

    def at(self, t: float) -> Planes: ...


class Still:
    """A picture under a slow zoom that starts on the whole picture, or ends on it with `backwards`."""

    def __init__(  # noqa: PLR0913, RUF100 (settings of the camera)
        self,
        picture: Image.Image,
        size: tuple[int, int],
        seconds: float,
        *,
        seed: int = 0,
        zoom: float = 1.09,
        backwards: bool = False,
        detail: float = 1.5,
    ) -> None:
        self.size, self.seconds, self.zoom, self.backwards = size, seconds, zoom, backwards
        chance = random.Random(seed)  # noqa: S311 (a camera path, not secrets)
        self.drift = chance.uniform(0.2, 0.8), chance.uniform(0.25, 0.75)
        # More pixels than the frame has: a box on whole pixels then moves by less than one pixel of the frame.
        large = round(size[0] * detail / 4) * 4, round(size[1] * detail / 4) * 4
        fitted = ImageOps.fit(picture.convert("RGB"), large, Image.Resampling.BICUBIC)
        self.planes = convert_picture(fitted)
        # The chroma planes have one size and share a scaler: a new one costs more than the scaling.
        luma, chroma = Scaler(), Scaler()
        self.scalers = luma, chroma, chroma

    def at(self, t: float) -> Planes:
        share = min(1.0, max(0.0, t / self.seconds))
        share = share * share * (3 - 2 * share)
        if self.backwards:
            share = 1 - share
        zoom = 1 + (self.zoom - 1) * share
        cut = []
        for plane, scaler, half in zip(self.planes, self.scalers, (1, 2, 2), strict=True):
            high, wide = plane.shape
            box_wide, box_high = round(wide / zoom), round(high / zoom)
            left, top = round((wide - box_wide) * self.drift[0]), round((high - box_high) * self.drift[1])
            box = (left, top, left + box_wide, top + box_high)
            cut.append(scaler.cut(plane, box, self.size[0] // half, self.size[1] // half))
        return Planes(*cut)


class Reel:
    """A looping video, cropped to the ratio of the frame."""

    def __init__(self, payload: bytes, size: tuple[int, int]) -> None:
        self.payload, self.size = payload, size
        self.frames = self._decode()
        self.begins = 0.0
        self.now: Planes | None = None
        self.shown_until = 0.0
        self.upcoming = next(self.frames)

    def _decode(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """Yield the video's frames with their time in the film, in an endless loop."""
        offset = 0.0
        while True:
            end = offset
            with av.open(io.BytesIO(self.payload), "r") as container:
                for frame in container.decode(video=0):
                    end = offset + (frame.time or 0.0)
                    yield end, frame
            offset = end + 1 / 24

    def at(self, t: float) -> Planes:
        if self.now is not None and self.upcoming[0] > t:
            return self.now.copy()
        frame = self.upcoming[1]
        while self.upcoming[0] <= t:
            frame = self.upcoming[1]
            self.upcoming = next(self.frames)
        self.now = self._fit(frame)
        return self.now.copy()

    def _fit(self, frame: av.VideoFrame) -> Planes:
        wide, high = self.size
        scale = max(wide / frame.width, high / frame.height)
        full = round(frame.width * scale / 2) * 2, round(frame.height * scale / 2) * 2
        full = max(full[0], wide), max(full[1], high)
        scaled = frame.reformat(
            width=full[0],
            height=full[1],
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        left, top = (full[0] - wide) // 4 * 2, (full[1] - high) // 4 * 2
        boxes = ((left, top, wide, high), *((left // 2, top // 2, wide // 2, high // 2),) * 2)
        return Planes(
            *(
                np.ascontiguousarray(plane[y : y + h, x : x + w])
                for plane, (x, y, w, h) in zip(copy_planes(scaled), boxes, strict=True)
            )
        )


class Board:
    """Tiles on a backdrop, each with its own motion and its label."""

    def __init__(self, ground: Scene, tiles: list[tuple[tuple[int, int], Scene, Layer]], inset: int) -> None:
        self.ground, self.tiles, self.inset = ground, tiles, inset

    def at(self, t: float) -> Planes:
        frame = self.ground.at(t)
        for (x, y), scene, name in self.tiles:
            tile = scene.at(t)
            frame.place(tile, x, y)
            name.draw(frame, x + self.inset, y + (tile.y.height - name.size[1] - self.inset) // 2 * 2)
        return frame


class Cuts:
    """Scenes one after another, each with its start in seconds."""

    def __init__(self, scenes: list[tuple[int, Scene]]) -> None:
        self.scenes = scenes

    def at(self, t: float) -> Planes:
        begins, scene = next(entry for entry in reversed(self.scenes) if entry[0] <= t)
        return scene.at(t - begins)


class Tinted:
    """A scene in the light of one colour."""

    def __init__(self, scene: Scene, color: tuple[int, int, int]) -> None:
        self.scene, self.color = scene, convert_color(color)

    def at(self, t: float) -> Planes:
        frame = self.scene.at(t)
        for plane, tone in zip((frame.u, frame.v), self.color[1:], strict=True):
            plane.paste(tone, (0, 0, *plane.size), Image.new("L", plane.size, 150))
        return frame


class Dissolve:
    """A cross-dissolve from one scene to another, between two times."""

    def __init__(self, first: Scene, second: Scene, start: float, end: float) -> None:
        self.first, self.second, self.start, self.end = first, second, start, end

    def at(self, t: float) -> Planes:
        if t <= self.start:
            return self.first.at(t)
        if t >= self.end:
            return self.second.at(t)
        share = (t - self.start) / (self.end - self.start)
        frame = self.first.at(t)
        frame.dissolve(self.second.at(t), share * share * (3 - 2 * share))
        return frame


def open_reel(payload: bytes, size: tuple[int, int]) -> Reel | None:
    """Open a video, or return None if the bytes hold none."""
    try:
        return Reel(payload, size)
    except (av.error.FFmpegError, IndexError, StopIteration, ValueError):
        return None


def lay_out(shapes: list[float], width: int, height: int, gap: int) -> list[tuple[int, int, int, int]]:
    """Lay out pictures of the given ratios as large as a grid allows; returns (x, y, width, height), in order."""
    best: list[tuple[int, int, int, int]] = []
    best_area = -1.0
    for columns in range(1, len(shapes) + 1):
        rows = -(-len(shapes) // columns)
        cell_wide = (width - gap * (columns - 1)) / columns
        cell_high = (height - gap * (rows - 1)) / rows
        if min(cell_wide, cell_high) < 16:
            continue
        boxes = []
        for number, shape in enumerate(shapes):
            wide, high = min(cell_wide, cell_high * shape), min(cell_high, cell_wide / shape)
            row, column = divmod(number, columns)
            # A last row with fewer pictures is centred.
            here = min(columns, len(shapes) - row * columns)
            left = (width - here * cell_wide - (here - 1) * gap) / 2 + column * (cell_wide + gap)
            x, y = left + (cell_wide - wide) / 2, row * (cell_high + gap) + (cell_high - high) / 2
            boxes.append((int(x) // 2 * 2, int(y) // 2 * 2, max(16, int(wide) // 2 * 2), max(16, int(high) // 2 * 2)))
        area = sum(wide * high for _, _, wide, high in boxes)
        if area > best_area:
            best, best_area = boxes, area
    return best
