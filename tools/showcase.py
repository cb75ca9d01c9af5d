"""Renders the samples of Home's showcase with the sandbox's own painter: `python -m tools.showcase`.

Writes a clip and a poster for each sample of `components/frontend/showcase/samples.toml` beside it. They show the
picture alone: the sandbox's slate is too small to be read on a tile.
"""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import Colorspace
from PIL import Image

from components.samples import SHOWCASE
from sandbox.looks import make_vista

MOST_BYTES = 600_000
"""The most that all files together may weigh: they are part of the wheel."""

_PAINTED, _SIZE = (768, 432), (384, 216)  # px
_SECONDS, _RATE = 4, 12


def render(prompt: str, seed: int, target: Path) -> None:
    """Render a sample as `target` and its first frame as a JPEG beside it."""
    scene = make_vista(prompt, _PAINTED, _SECONDS, seed)
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=_RATE, options={"preset": "veryslow", "crf": "32"})
        video.width, video.height = _SIZE
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1  # BT.709
        for number in range(_SECONDS * _RATE):
            pixels = scene.at(number / _RATE).to_frame().to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)
            picture = Image.fromarray(pixels).resize(_SIZE, Image.Resampling.LANCZOS)
            if number == 0:
                picture.save(target.with_suffix(".jpg"), "JPEG", quality=72, optimize=True)
            frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode())


def main() -> None:
    """Render all samples; raise `SystemExit` if they weigh too much."""
    for sample in tomllib.loads((SHOWCASE / "samples.toml").read_text(encoding="utf-8"))["samples"]:
        render(sample["prompt"], sample["seed"], SHOWCASE / f"{sample['name']}.mp4")
    weight = sum(path.stat().st_size for path in SHOWCASE.iterdir())
    print(f"{weight:,} bytes of at most {MOST_BYTES:,}")
    if weight > MOST_BYTES:
        raise SystemExit("The showcase is too heavy.")


if __name__ == "__main__":
    main()
