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


QUIET = {"x265-params": "log-level=none"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

MADE: dict[str, Callable[[Path], Path]] = {
    "plain.mp4": lambda p: write(p, sound="aac"),
    "faststart.mp4": lambda p: write(p, options={"movflags": "faststart"}),
    "fragmented.mp4": lambda p: write(p, sound="aac", options=FRAGMENTED, codec_options={"g": "8"}),
    "segmented.mp4": lambda p: write(p, options={"movflags": "dash+frag_keyframe+empty_moov+global_sidx"}),
    "wide pixels.mp4": lambda p: write(p, change=pixel(Fraction(4, 3))),
    "narrow pixels.mp4": lambda p: write(p, change=pixel(Fraction(8, 9))),
    "quarter.mp4": lambda p: write(p, change=matrix(0, 1, -1, 0)),
    "uneven, in order.mp4": lambda p: write(
        p, starts=[0, 0.04, 0.08, 0.2, 0.5, 0.9, 1.0, 1.5], codec_options={"bf": "0"}
    ),
    "mirrored.mp4": lambda p: write(p, change=matrix(-1, 0, 0, 1)),
    "wide pixels, quarter.mp4": lambda p: write(p, change=lambda s: (pixel(Fraction(2))(s), matrix(0, -1, 1, 0)(s))),
    "one frame.mp4": lambda p: write(p, frames=1),
    "uneven.mp4": lambda p: write(p, starts=[0, 0.04, 0.08, 0.2, 0.5, 0.9, 1.0, 1.5]),
    "10 bit.mp4": lambda p: write(p, pixels="yuv420p10le"),
    "4:2:2.mp4": lambda p: write(p, pixels="yuv422p"),
    "odd sides.mp4": lambda p: write(p, pixels="yuv444p", size=(63, 47)),
    "lossless.mp4": lambda p: write(p, codec_options={"qp": "0"}),
    "uncompressed sound.mov": lambda p: write(p, sound="pcm_s16le"),
    "hevc.mp4": lambda p: write(p, "libx265", codec_options=QUIET),
    "hevc.ts": lambda p: write(p, "libx265", codec_options=QUIET),
    "phone.mov": lambda p: write(
        p, "libx265", "yuv420p10le", sound="aac", change=matrix(0, 1, -1, 0), codec_options=QUIET
    ),
    "prores.mov": lambda p: write(p, "prores_ks", "yuv422p10le", sound="pcm_s16le"),
    "h264.mov": lambda p: write(p, sound="aac"),
    "h264.mkv": lambda p: write(p, sound="aac"),
    "h264.ts": lambda p: write(p, kind="mpegts", sound="aac"),
    "h264.flv": lambda p: write(p, sound="aac"),
    "mpeg4.mp4": lambda p: write(p, "mpeg4"),
    "mpeg4.avi": lambda p: write(p, "mpeg4", codec_options={"bf": "2"}),
    "jpegs.avi": lambda p: write(p, "mjpeg", "yuvj420p"),
    "windows.wmv": lambda p: write(p, "wmv2", kind="asf"),
    "mpeg2.mpg": lambda p: write(p, "mpeg2video"),
    "vp8.webm": lambda p: write(
        p, "libvpx", sound="libopus", codec_options={"auto-alt-ref": "1", "lag-in-frames": "16"}
    ),
    "vp9.webm": lambda p: write(p, "libvpx-vp9", sound="libopus"),
    "live.webm": live_webm,
    "cover.mp4": lambda p: write(p, cover=True),
    "cover.mkv": lambda p: write(p, cover=True),
}
"""How each odd film is made, by its name."""
