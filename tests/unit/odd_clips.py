"""Films of every odd kind, made by PyAV and by hand: what models, phones and recorders really write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

SIDES = (64, 48)
RATE = 24
FRAMES = 24


def write(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    frames: int = FRAMES,
    size: tuple[int, int] = SIDES,
    kind: str | None = None,
    starts: Sequence[float] | None = None,
    sound: str = "",
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    change: Callable[[Any], None] | None = None,
    cover: bool = False,
) -> Path:
    """Write a film that grows brighter by 4 levels a frame, whose left half is lighter by 80 levels."""
    with av.open(str(path), "w", format=kind, options=options or {}) as container:
        if cover:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = 600, 600, "yuvj420p"
            picture.disposition = Disposition.attached_pic
        rate = 1000 if starts else RATE
        video = container.add_stream(codec, rate=rate, options=codec_options or {})
        video.width, video.height, video.pix_fmt = *size, pixels
        if change:
            change(video)
        audio = container.add_stream(sound, rate=48000, layout="stereo") if sound else None
        if cover:
            still = av.VideoFrame.from_ndarray(np.full((600, 600, 3), 200, np.uint8), "rgb24").reformat(
                format="yuvj420p"
            )
            still.pts, still.time_base = 0, Fraction(1, 1)
            container.mux([*picture.encode(still), *picture.encode(None)])
        for index in range(len(starts) if starts else frames):
            plane = np.full((size[1], size[0], 3), min(150, 16 + 4 * index), np.uint8)
            plane[:, : size[0] // 2] += 80
            frame = av.VideoFrame.from_ndarray(plane, "rgb24").reformat(format=pixels)
            frame.pts = round(starts[index] * 1000) if starts else index
            frame.time_base = Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            wave = 0.5 * np.sin(np.arange(48000 * frames // RATE) * 2 * np.pi * 440 / 48000, dtype=np.float32)
            tone = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
            tone.sample_rate, tone.pts, tone.time_base = 48000, 0, Fraction(1, 48000)
            resampler = av.AudioResampler(
                audio.codec_context.format, "stereo", 48000, audio.codec_context.frame_size or 1024
            )
            for part in resampler.resample(tone):
                container.mux(audio.encode(part))
            container.mux(audio.encode(None))
    return path


def live_webm(path: Path) -> Path:
    """Write a WebM as a browser records it: no duration, no index, lengths unknown."""
    with path.open("wb") as file:

        class Pipe:
            """A file that cannot go back, as a recorder's stream."""

            def write(self, data: bytes) -> int:
                return file.write(data)

        with av.open(Pipe(), "w", format="webm", options={"live": "1"}) as container:
            video = container.add_stream("libvpx", rate=RATE)
            video.width, video.height, video.pix_fmt = *SIDES, "yuv420p"
            for index in range(FRAMES):
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 16 + 4 * index, np.uint8), "rgb24")
                frame = frame.reformat(format="yuv420p")
                frame.pts, frame.time_base = index, Fraction(1, RATE)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
    return path


def matrix(*numbers: int) -> Callable[[Any], None]:
    """Change the display matrix of a stream: a, b, c, d as in `dailies.media.upright`."""
    a, b, c, d = (number << 16 for number in numbers)

    def change(stream: Any) -> None:
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])

    return change


def pixel(ratio: Fraction) -> Callable[[Any], None]:
    def change(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = ratio

    return change


def ts_packets(path: Path) -> Path:
    return write(path, kind="mpegts", sound="aac")
