"""Clips: the server's memory with many viewers, the speed to one, and films beside plain ffmpeg."""

from __future__ import annotations

import base64
import http.client
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench.memory import write_noise
from bench.stand import PEERS, Stand, resident
from bench.table import CannotRun, Line
from dailies.compare.film import Shot, render_side_by_side
from dailies.media import clips
from dailies.signing import Signer
from dailies.store import Store
from sandbox.film import render
from sandbox.order import Order, Source
from sandbox.shelf import Shelf

BROWSERS, CLIPS = 10, 20
ROUNDS = 3

# Plays muted clips until each has moved; resolves to how many have.
PLAY = """(addresses) => new Promise((resolve) => {
  const clips = addresses.map((address) => {
    const clip = Object.assign(document.createElement("video"), { src: address, muted: true, width: 160 })
    document.body.append(clip)
    clip.play().catch(() => {})
    return clip
  })
  const began = performance.now()
  const look = () => {
    const moved = clips.filter((clip) => clip.currentTime > 0).length
    if (moved === clips.length || performance.now() - began > 40000) resolve(moved)
    else setTimeout(look, 250)
  }
  look()
})"""


def measure_memory(stand: Stand) -> Iterator[Line]:
    paths = _fill(stand, CLIPS)
    app = stand.app()
    pages = [stand.page() for _ in range(BROWSERS)]
    for page in pages:
        page.goto(app.url)
        page.get_by_label("Prompt", exact=True).first.wait_for()
    before = peak = resident(app.process.pid)
    moved = 0
    for page in pages:
        moved += page.evaluate(PLAY, paths)
        peak = max(peak, resident(app.process.pid))
    what = f"server memory while {BROWSERS} browsers play {CLIPS} clips of 20 MB each ({moved} of them moved): growth"
    yield Line(what, "MB", [peak - before], {}, "at most 30 MB")


def measure_reader(stand: Stand) -> Iterator[Line]:
    paths = _fill(stand, 1)
    app = stand.app()
    host = urlsplit(app.url).netloc
    speeds = []
    for _ in range(8):
        connection = http.client.HTTPConnection(host, timeout=60)
        began, size = time.perf_counter(), 0
        connection.request("GET", paths[0])
        answer = connection.getresponse()
        while piece := answer.read(1 << 20):
            size += len(piece)
        speeds.append(size / 1e6 / (time.perf_counter() - began))
        connection.close()
    yield Line("one reader of a clip of 20 MB", "MB/s", speeds[1:], {}, "at least 200 MB/s")


def _fill(stand: Stand, count: int) -> list[str]:
    """Put clips into the home, and return their paths on the server."""
    home = stand.folder / "home"
    store, noise = Store(home), stand.folder / "noise.mp4"
    write_noise(noise)
    files = []
    for number in range(count):
        part = store.files.clips / f".{number}.part"
        shutil.copy(noise, part)
        files.append(clips.take_in(part, store.files.clips).file)
    store.close()
    signer = Signer(home)
    return [f"/clips/{signer.clip(file)}" for file in files]


def _find_ffmpeg() -> str:
    if found := shutil.which("ffmpeg"):
        return found
    if not PEERS.exists():
        raise CannotRun("there is no ffmpeg; `make bench` installs one below build/")
    asked = [str(PEERS), "-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"]
    return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def _time_ffmpeg(ffmpeg: str, *options: str) -> float:
    began = time.perf_counter()
    command = [ffmpeg, "-hide_banner", "-loglevel", "error", "-y", *options]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return time.perf_counter() - began


ENCODED = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def measure_sandbox(stand: Stand) -> Iterator[Line]:
    """A film of 720p and 5 s beside ffmpeg: a moving test picture, or a slow zoom over a still."""
    ffmpeg, target = _find_ffmpeg(), stand.folder / "out.mp4"
    picture = stand.folder / "still.png"
    _time_ffmpeg(ffmpeg, "-f", "lavfi", "-i", "mandelbrot=s=1280x720", "-frames:v", "1", str(picture))
    shelf = Shelf(stand.folder / "sandbox")
    still = Source("first_frame", "image", "image", shelf_file(stand, picture))
    sound = ("-f", "lavfi", "-i", "sine=frequency=220:duration=5", "-t", "5")
    moving = ("-f", "lavfi", "-i", "mandelbrot=s=1280x720:r=24", *sound, *ENCODED, str(target))
    zoom = "zoompan=z='min(zoom+0.001,1.2)':d=120:s=1280x720:fps=24"
    zooming = ("-loop", "1", "-i", str(picture), *sound, "-vf", zoom, *ENCODED, str(target))
    for mode, sources, options in (("text", (), moving), ("first_frame", (still,), zooming)):
        order = Order("any", "any-1", mode, "A boat", 5, 1280, 720, "16:9", "720p", audio=True, sources=sources)
        ours, others = [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            render(shelf.settle(order), shelf, target, stop=lambda: False)
            ours.append(time.perf_counter() - began)
            others.append(_time_ffmpeg(ffmpeg, *options))
        yield Line(f"sandbox, 720p, 5 s, {mode}", "s", ours, {"ffmpeg": others}, "ratio at most 1.15")


def shelf_file(stand: Stand, picture: Path) -> str:
    """The picture as a source that the shelf reads without the network."""
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()


def measure_film(stand: Stand) -> Iterator[Line]:
    """Four clips of 720p and 5 s side by side, labels included."""
    ffmpeg, target = _find_ffmpeg(), stand.folder / "film.mp4"
    paths = []
    for number in range(4):
        path = stand.folder / f"clip{number}.mp4"
        source = f"mandelbrot=s=1280x720:r=24:start_scale={3 - number * 0.5}"
        _time_ffmpeg(
            ffmpeg, "-f", "lavfi", "-i", source, "-t", "5", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(path)
        )
        paths.append(path)
    tiles = "".join(f"[{n}:v]scale=960:540[t{n}];" for n in range(4))
    stack = "[t0][t1][t2][t3]xstack=inputs=4:layout=0_0|w0_0|0_h0|w0_h0[v]"
    inputs = [word for path in paths for word in ("-i", str(path))]
    ours, others = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        render_side_by_side([Shot(path, f"Clip {path.stem}") for path in paths], target)
        ours.append(time.perf_counter() - began)
        same = ("-crf", "19", str(target))  # as good a picture as ours: left alone, ffmpeg spares a fifth of the bytes
        options = (*inputs, "-filter_complex", tiles + stack, "-map", "[v]", *ENCODED, *same)
        others.append(_time_ffmpeg(ffmpeg, *options))
    yield Line("film of four clips of 5 s", "s", ours, {"ffmpeg": others}, "ratio at most 1.1")
