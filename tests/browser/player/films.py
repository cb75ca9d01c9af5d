"""Small real films whose every frame shows its own number, a bare page with the player on it, and what it shows.

Owns neither fixtures nor tests; the bench of the player uses it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from components.html.player import player_script, player_style
from dailies.media.clips import poster
from dailies.media.measure import frame_times, probe
from tests.browser.serving import serving

BITS = 10
"""The number of a frame is drawn as this many vertical stripes in its upper half: white is 1, the highest bit first."""

SHOWN = f"""
() => [...document.querySelectorAll(".cell:not(.away) video")].map((video) => {{
  window.stripes ??= Object.assign(document.createElement("canvas"), {{ width: {BITS * 10}, height: 60 }})
  const brush = stripes.getContext("2d", {{ willReadFrequently: true }})
  brush.clearRect(0, 0, stripes.width, stripes.height)
  brush.drawImage(video, 0, 0, stripes.width, stripes.height)
  const row = brush.getImageData(0, 15, stripes.width, 1).data
  let number = 0
  for (let bit = 0; bit < {BITS}; bit += 1) number = number * 2 + (row[(bit * 10 + 5) * 4] > 128 ? 1 : 0)
  return number
}})
"""
"""The numbers of the frames on screen, read from their stripes."""

_SHOWS = f"(wanted) => player.settled() && JSON.stringify(({SHOWN})()) === JSON.stringify(wanted)"
_TOLD = """(wanted) => told.length && Object.entries(wanted).every(
  ([key, value]) => JSON.stringify(told.at(-1)[1][key]) === JSON.stringify(value))"""

COLOURS = ((150, 60, 60), (60, 120, 60), (60, 70, 150), (130, 120, 50), (120, 60, 130), (50, 120, 130), (90, 90, 90))


def write_clip(
    path: Path,
    *,
    seconds: float,
    rate: int,
    size: tuple[int, int] = (640, 360),
    sound: bool = False,
    colour: tuple[int, int, int] = COLOURS[0],
    late: int = 0,
    segmented: bool = False,
) -> Path:
    """Write an H.264 film, with AAC sound if asked: a striped number above, a moving bar on `colour` below.

    The film begins `late` frames after its sound. A segmented one has frames in another order, and states no start.
    """
    width, height = size
    flags = {"movflags": "dash+frag_keyframe+empty_moov+global_sidx"} if segmented else {}
    coder = {"preset": "ultrafast", "crf": "26", "g": str(rate), "bf": "2" if segmented else "0"}
    with av.open(str(path), "w", options=flags) as container:
        video = container.add_stream("libx264", rate=rate, options=coder)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        frames = round(seconds * rate)
        for number in range(frames):
            image = np.empty((height, width, 3), np.uint8)
            image[:] = colour
            for bit in range(BITS):
                left, right = width * bit // BITS, width * (bit + 1) // BITS
                image[: height // 2, left:right] = 235 if number >> (BITS - 1 - bit) & 1 else 20
            at = round((width - 20) * number / max(1, frames - 1))
            image[height * 2 // 3 :, at : at + 20] = 240
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number + late, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            _tone(container, audio, seconds)
    return path


def _tone(container: Any, stream: Any, seconds: float) -> None:
    samples = 0.1 * np.sin(2 * np.pi * 330 * np.arange(round(seconds * 44_100)) / 44_100)
    for start in range(0, len(samples) - 1024, 1024):
        block = samples[start : start + 1024].astype(np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def clip_spec(path: Path, letter: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return the player's record of a film beside the page, measured as the program measures it."""
    facts = probe(path)
    picture = path.with_suffix(".jpg")
    poster(path, picture)
    return {
        "id": path.stem,
        "name": name,
        "letter": letter,
        "src": path.name,
        "poster": picture.name,
        "seconds": facts.seconds,
        "width": facts.width,
        "height": facts.height,
        "frameRate": facts.frame_rate,
        "times": frame_times(path),
        "sound": bool(facts.audio_codec),
        "offset": 0.0,
        **changes,
    }


def spec_of(clips: Sequence[Mapping[str, Any]], mode: str = "full", **view: Any) -> dict[str, Any]:
    return {"clips": list(clips), "view": view, "mode": mode}


def write_page(folder: Path, spec: Mapping[str, Any], name: str = "index.html", theme: str = "") -> Path:
    """Write a page with the player, its handle as `window.player`, and what it reported as `window.told`."""
    colours = theme or ":root { color-scheme: light dark }"
    page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Player</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{colours}
html, body {{ height: 100%; margin: 0 }}
body {{ padding: {0 if spec["mode"] == "present" else 16}px; box-sizing: border-box;
background: var(--st-background-color, Canvas) }}
{player_style()}</style></head><body><div id="player"></div><script>{player_script()}
window.spec = {json.dumps(spec)}
window.told = []
window.player = dailiesPlayer(document.querySelector("#player"), spec, (name, value) => told.push([name, value]))
</script></body></html>"""
    path = folder / name
    path.write_text(page, encoding="utf-8")
    return path


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the folder over HTTP with byte ranges, as the program serves clips; yields the address."""
    with serving(Starlette(routes=[Mount("/", StaticFiles(directory=folder))])) as url:
        yield url


def shows(page: Page, *wanted: int) -> None:
    """Wait until the player has settled and its visible clips show these frames."""
    page.wait_for_function(_SHOWS, arg=list(wanted))


def seek(page: Page, moment: float) -> None:
    page.get_by_label("Position", exact=True).fill(str(moment))


def told(page: Page, **wanted: Any) -> None:
    """Wait until the view that was reported last says this."""
    page.wait_for_function(_TOLD, arg=wanted)


def near(value: Any) -> Any:
    """The value with every number in it, at any depth, equal to one within two millionths; tuples become lists."""
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, dict):
        return {key: near(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [near(one) for one in value]
    return pytest.approx(value, abs=2e-6)
