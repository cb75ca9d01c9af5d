"""Small real media for tests: a picture, a video of 4 s and a sound of 4 s."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import av
from PIL import Image, ImageDraw


def picture() -> Image.Image:
    made = Image.new("RGB", (1280, 720), (60, 120, 170))
    ImageDraw.Draw(made).rectangle((300, 200, 900, 500), fill=(230, 180, 60))
    return made


def write_picture(path: Path) -> None:
    picture().save(path)


def write_video(path: Path) -> None:
    path.write_bytes(_video())


@cache
def _video() -> bytes:
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        frame = av.VideoFrame.from_image(picture()).reformat(format="yuv420p")  # once, not by the encoder each time
        for number in range(96):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return made.getvalue()


def write_sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libmp3lame", rate=44100)
        stream.layout = "mono"
        frame = av.AudioFrame(format="s16p", layout="mono", samples=1152)
        frame.sample_rate = 44100
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(4 * 44100 // 1152):
            frame.pts = number * 1152
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
