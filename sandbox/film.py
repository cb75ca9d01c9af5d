"""Render an order as an H.264/AAC MP4 of exactly the length, size and sound it asks for.

Owns the encoder and the overlay of every scene: prompt, facts, running time and playhead. The same order gives the same
film on the same machine. Media comes from the shelf; tasks are unknown here.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from functools import lru_cache
from math import ceil
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Colorspace
from PIL import Image

from sandbox.order import FRAME_RATE, Order, compute_size
from sandbox.planes import WHITE, Layer, Planes, convert_color
from sandbox.scenes import Scene
from sandbox.shelf import Shelf
from sandbox.slate import draw_slate, draw_strip, draw_waveform, list_facts, make_palette
from sandbox.sound import RATE, Samples, decode_sound, make_tone_bed, measure_loudness
from sandbox.staging import build_scene, choose_size, decode_sources, list_starts
from sandbox.typeface import MONO, Typeface, draw_label

AAC_FRAME = 1024
AHEAD = 6  # frames drawn ahead of the encoder
# These modes start on the input picture itself, so the overlay fades in after the first frame.
CLEAN_START = ("first_frame", "first_last", "first_frame_references", "avatar", "template", "extend")
FADE = 0.5


class Stopped(Exception):  # noqa: N818 (the studio is closing; nothing went wrong)
    """Rendering was stopped on request; the next start renders the film again."""


def render(
    order: Order, shelf: Shelf, path: Path, *, rate: int = FRAME_RATE, clamp: bool = False, stop: Callable[[], bool]
) -> str:
    """Write the film to `path` and return the size that was ordered, as `WxH`.

    `rate` is in frames per second; fewer render faster. `clamp` makes the film shorter and smaller than ordered. `stop`
    is asked before every frame; raises `Stopped` once it returns true.
    """
    seed = order.find_seed()
    footage = decode_sources(order, shelf)
    asked = choose_size(order, footage)
    size, seconds = asked, order.seconds
    if clamp:
        size, seconds = compute_size(*asked, min(asked) * 2 // 3), max(1, order.seconds * 3 // 5)
    samples = make_sound(order, shelf, seconds, seed)
    shape = measure_loudness(samples, 96) if samples is not None and order.select("audio") else None
    overlay = Overlay(order, asked, size, seconds, seed, shape, rate)
    scene = build_scene(order, footage, size, seconds, seed)
    last = encode(scene, overlay, samples, path, size, seconds, rate, stop)
    if order.keep_last_frame:
        pixels = last.to_frame().to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)
        Image.fromarray(pixels).save(path.with_suffix(".png"), format="PNG")
    return f"{asked[0]}x{asked[1]}"


def make_sound(order: Order, shelf: Shelf, seconds: float, seed: int) -> Samples | None:
    """Mix the sound: the input audio over a quiet bed, or alone in lip-sync modes; else a bed; None without a track."""
    if not order.audio:
        return None
    bed = make_tone_bed(seconds, seed)
    for payload in shelf.load(order.select("audio")):
        given = None if payload is None else decode_sound(payload, seconds)
        if given is not None:
            return given if order.mode in ("avatar", "lip_sync") else np.clip(given + bed * np.float32(0.2), -1, 1)
    return bed


class Overlay:
    """The drawings over a scene: drawn once, placed by time."""

    def __init__(  # noqa: PLR0913, RUF100 (each value is drawn)
        self,
        order: Order,
        asked: tuple[int, int],
        size: tuple[int, int],
        seconds: float,
        seed: int,
        shape: list[float] | None,
        rate: int,
    ) -> None:
        self.size, self.seconds, self.rate = size, seconds, rate
        wide, unit = size[0], min(size)
        self.clean_start = order.mode in CLEAN_START
        self.clean_end = order.mode == "first_last"
        face = Typeface(MONO, max(10, round(unit / 46)))
        self.margin = face.size // 2 * 2
        facts = list_facts(order, asked)
        self.facts = Layer(draw_strip("" if order.mode == "text" else order.prompt, facts, wide, face))
        self.digits = draw_digits(face.size)
        self.accent, self.rail = convert_color(make_palette(seed)[2]), convert_color((70, 70, 74))
        self.bar = max(2, unit // 180 // 2 * 2)
        self.slates: list[tuple[int, Layer]] = []  # start in seconds, the lower part of the picture
        if order.mode == "text":
            slate = f"SLATE {seed % 10000:04d}"
            shots = list(zip(list_starts(order), order.shots, strict=True)) if order.shots else []
            for number, (begins, shot) in enumerate(shots):
                head = f"{slate}  SHOT {number + 1} OF {len(shots)}"
                self.slates.append((begins, Layer(draw_slate(shot.prompt, head, facts, size, seed + number))))
            if not shots:
                head = f"{slate}  TAKE {order.take + 1}"
                self.slates.append((0, Layer(draw_slate(order.prompt, head, facts, size, seed))))
        self.wave = Layer(draw_waveform(shape, wide - unit // 6, unit // 7, seed)) if shape else None
        self.mark = Layer(draw_label("AI GENERATED", face, (255, 255, 255, 150))) if order.watermark else None

    def draw(self, frame: Planes, t: float, number: int, count: int) -> None:
        """Draw the overlay of frame `number` of `count`, at `t` seconds."""
        opacity = 1.0
        if self.clean_start:
            opacity = min(1.0, max(0.0, (t - 0.2) / FADE))
        if self.clean_end:
            opacity = min(opacity, max(0.0, (self.seconds - 0.35 - t) / FADE))
        wide, high = self.size
        base = high - self.facts.size[1]
        if self.slates:
            lower = next(layer for begins, layer in reversed(self.slates) if begins <= t)
            lower.draw(frame, 0, (high - lower.size[1]) // 2 * 2)
        else:
            self.facts.draw(frame, 0, base // 2 * 2, opacity)
        if self.wave:
            wave_at = (base - self.wave.size[1]) // 2 * 2
            left = (wide - self.wave.size[0]) // 4 * 2
            self.wave.draw(frame, left, wave_at, opacity)
            x = left + round(self.wave.size[0] * t / self.seconds)
            if opacity == 1.0:
                frame.y.paste(WHITE, (x, wave_at, x + 2, wave_at + self.wave.size[1]))
        if self.mark:
            self.mark.draw(frame, self.margin * 2, self.margin * 2)
        self.draw_timecode(frame, number, opacity)
        if opacity == 1.0:
            done = round(wide * (number + 1) / count) // 2 * 2
            frame.fill((0, high - self.bar, wide, high), self.rail)
            frame.fill((0, high - self.bar, done, high), self.accent)
            for second in range(1, int(self.seconds)):
                x = round(wide * second / self.seconds)
                frame.y.paste(16, (x, high - self.bar, x + 2, high))

    def draw_timecode(self, frame: Planes, number: int, opacity: float) -> None:
        """Draw minutes, seconds and frames in the upper right corner."""
        text = f"{number // self.rate // 60:02d}:{number // self.rate % 60:02d}:{number % self.rate:02d}"
        step = (self.digits["0"].size[0] - 2) // 2 * 2
        x = (self.size[0] - self.margin * 2 - step * len(text)) // 2 * 2
        for mark in text:
            self.digits[mark].draw(frame, x, self.margin * 2, opacity)
            x += step


@lru_cache(maxsize=16)
def draw_digits(size: int) -> dict[str, Layer]:
    """Draw the digits of the running time, once for all films with letters of a size."""
    face = Typeface(MONO, size)
    return {mark: Layer(draw_label(mark, face, (240, 236, 228, 225))) for mark in "0123456789:"}


def encode(  # noqa: PLR0913, RUF100 (the parts of a film)
    scene: Scene,
    overlay: Overlay,
    samples: Samples | None,
    path: Path,
    size: tuple[int, int],
    seconds: float,
    rate: int,
    stop: Callable[[], bool],
) -> Planes:
    """Encode pictures and sound into one file; returns the last frame."""
    count = round(seconds * rate)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "21"})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1  # BT.709
        audio = (
            container.add_stream("aac", rate=RATE, layout="stereo", bit_rate=128000) if samples is not None else None
        )
        sounding = split_sound(samples) if samples is not None else iter(())

        def write(frame: av.VideoFrame) -> None:
            container.mux(video.encode(frame))
            if audio is not None:
                # Interleave as much sound as there is picture.
                for piece in itertools.islice(sounding, ceil(RATE / rate / AAC_FRAME)):
                    container.mux(audio.encode(piece))

        # One thread draws while another encodes; both release the interpreter lock.
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(1, thread_name_prefix="encode") as press:
            for number in range(count):
                if stop():
                    raise Stopped
                t = number / rate
                planes = scene.at(t)
                overlay.draw(planes, t, number, count)
                frame = planes.to_frame()
                frame.pts, frame.time_base = number, Fraction(1, rate)
                waiting.append(press.submit(write, frame))
                if len(waiting) > AHEAD:
                    waiting.popleft().result()
            for done in waiting:
                done.result()
        container.mux(video.encode())
        if audio is not None:
            for piece in sounding:
                container.mux(audio.encode(piece))
            container.mux(audio.encode())
    return planes


def split_sound(samples: Samples) -> Iterator[av.AudioFrame]:
    """Yield the sound in frames of the size that the AAC encoder takes."""
    for start in range(0, samples.shape[1], AAC_FRAME):
        portion = np.ascontiguousarray(samples[:, start : start + AAC_FRAME])
        frame = av.AudioFrame.from_ndarray(portion, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame
