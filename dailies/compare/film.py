"""Films made of clips: several side by side in one (PyAV).

Follows the player's rules for offsets and unequal durations. Streams frame by frame: memory use does not grow with the
duration of the clips. Does not know comparisons: paths and labels come in, a file goes out.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from dailies.compare.nouns import MAX_LANES, Unequal
from dailies.errors import MediaError
from dailies.media import upright
from dailies.media.measure import Facts, decode, frames, opened, probe, sound_of
from dailies.media.pictures import label

RATE = 30
"""Frames per second of a film whose clips do not share another rate."""

_USUAL = (24, 25, 30)
_TICKS = Fraction(1, 90_000)
SOUND_RATE = 48_000
_PLANAR = VideoFormat("yuv420p")
LONGEST = 3600.0  # seconds of a film
_AHEAD = 4  # frames that are laid out while an earlier one is encoded; each takes 3 MB at most
_PATIENCE = 0.5  # seconds of the other clips' frames that may wait for a clip's next frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip of a film. `offset`: seconds by which it starts later on the common clock; negative: earlier."""

    path: Path
    label: str = ""
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The grid: columns and rows, and in even pixels the picture of a tile and the strip with the label above it."""

    columns: int
    rows: int
    width: int
    height: int
    strip: int

    @property
    def size(self) -> tuple[int, int]:
        return self.columns * self.width, self.rows * (self.height + self.strip)


@dataclass(frozen=True, slots=True)
class Track:
    """A shot on the common clock: it starts at its offset and plays at `rate` times its speed, repeatedly or once."""

    shot: Shot
    facts: Facts
    rate: float
    repeats: bool
    total: float

    def list_starts(self) -> Iterator[float]:
        """Yield each start of the clip, in seconds of the common clock."""
        start = self.shot.offset
        yield start
        while self.repeats and (start := start + self.facts.seconds) < self.total:
            yield start


def render_side_by_side(
    shots: Sequence[Shot],
    target: Path,
    *,
    unequal: Unequal = Unequal.HOLD,
    heard: int | None = None,
    width: int = 1920,
    height: int = 1080,
) -> None:
    """Write an H.264/AAC MP4 with all shots in a grid of at most `width` × `height` pixels, each under its label.

    `heard`: the index of the shot whose sound is kept; None: no sound. The film ends with its last clip. Raises
    `MediaError` for no or too many shots, and for a file that cannot be read.
    """
    if not 1 <= len(shots) <= MAX_LANES:
        raise MediaError(f"{len(shots)} clips do not fit side by side.", f"Choose 1 to {MAX_LANES}.")
    tracks = _plan_tracks(shots, unequal)
    grid = lay_out_grid([(t.facts.width, t.facts.height) for t in tracks], any(s.label for s in shots), width, height)
    try:
        _write(tracks, grid, heard, target)
    except av.FFmpegError as error:
        raise MediaError(
            f"The clips could not be put side by side: {error.strerror}.", "Export them one by one."
        ) from None


def lay_out_grid(sizes: Sequence[tuple[int, int]], labelled: bool, width: int, height: int) -> Layout:
    """Return the grid with the largest pictures for clips of these sizes; none is enlarged beyond the largest clip."""
    ratio = max(w / h for w, h in sizes)
    best = Layout(0, 0, 0, 0, 0)
    for columns in range(1, len(sizes) + 1):
        rows = math.ceil(len(sizes) / columns)
        strip = round_even(max(28, height / rows * 0.06)) if labelled else 0
        lines = round_even(min(height / rows - strip, width / columns / ratio, max(h for _, h in sizes)))
        if lines > best.height:
            best = Layout(columns, rows, round_even(lines * ratio), lines, strip)
    return best


def round_even(value: float) -> int:
    return max(2, int(value + 1e-6) // 2 * 2)


def _plan_tracks(shots: Sequence[Shot], unequal: Unequal) -> list[Track]:
    facts = [probe(shot.path) for shot in shots]
    longest = max(each.seconds for each in facts)
    rates = [max(each.seconds, 0.04) / longest if unequal is Unequal.STRETCH else 1.0 for each in facts]
    ends = [s.offset + f.seconds / rate for s, f, rate in zip(shots, facts, rates, strict=True)]
    total = max(1 / RATE, *ends)
    if total > LONGEST:
        raise MediaError(f"The film would last {total / 3600:.1f} hours; the limit is 1.", "Remove the longest clip.")
    repeats = [unequal is Unequal.LOOP and end < total - 1e-3 for end in ends]
    return [Track(*each, total) for each in zip(shots, facts, rates, repeats, strict=True)]


def choose_rate(tracks: Sequence[Track]) -> int:
    """Return the frames per second that the clips share, where it is a usual number of them and none is stretched.

    At another rate some frames would stand longer than others, and more of them would be encoded.
    """
    rates = {track.facts.frame_rate / track.rate for track in tracks}
    shared = round(min(rates))
    return shared if shared in _USUAL and all(abs(rate - shared) < 0.01 for rate in rates) else RATE


def _write(tracks: Sequence[Track], grid: Layout, heard: int | None, target: Path) -> None:
    rate = choose_rate(tracks)
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        video = film.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "19"})
        video.width, video.height = grid.size
        video.pix_fmt, video.time_base = "yuv420p", Fraction(1, rate)
        video.codec_context.colorspace, video.codec_context.color_range = 1, 1  # BT.709, limited
        track = tracks[heard] if heard is not None else None
        sound = film.add_stream("aac", rate=SOUND_RATE) if track and track.facts.audio_codec else None
        heard_frames = mix_sound(track) if track and sound else iter(())
        waiting = next(heard_frames, None)
        for frame in run_ahead(render_frames(tracks, grid, rate), _AHEAD):
            film.mux(video.encode(frame))
            # Sound is written beside its frames, so that neither waits in memory for the other.
            while sound and waiting is not None and (waiting.time or 0.0) <= (frame.time or 0.0):
                film.mux(sound.encode(waiting))
                waiting = next(heard_frames, None)
        film.mux(video.encode(None))
        while sound and waiting is not None:
            film.mux(sound.encode(waiting))
            waiting = next(heard_frames, None)
        if sound:
            film.mux(sound.encode(None))


def run_ahead(made: Iterator[T], most: int) -> Iterator[T]:
    """Have up to `most` items made on a thread of their own while the caller deals with the ones before."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, made, None) for _ in range(most))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, made, None))
            yield item


# --- pictures ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tile:
    """One place in the grid: the inputs for its clip's frames and its label, and the output, which never ends."""

    pictures: FilterContext
    caption: FilterContext | None
    out: FilterContext


def render_frames(tracks: Sequence[Track], grid: Layout, rate: int = RATE) -> Iterator[VideoFrame]:
    """Yield every frame of the film in order, `rate` a second."""
    graph = Graph()
    tiles = [_build_tile(graph, track, grid, rate) for track in tracks]
    sink = graph.add("buffersink")
    _stack(graph, tiles, grid).link_to(sink)
    graph.configure()
    for tile, track in zip(tiles, tracks, strict=True):
        if tile.caption is not None:
            for picture in (_render_caption(track.shot.label, grid), None):  # the overlay repeats its only frame
                tile.caption.push(picture)
    left = max(1, round(tracks[0].total * rate))
    # The earliest frame of all clips is pushed next, so that no clip's frames pile up.
    ticks = 90_000 // rate
    clips = (_time_frames(track, tile, grid, ticks) for track, tile in zip(tracks, tiles, strict=True))
    timed = heapq.merge(*clips, key=lambda each: each[0])
    for _, tile, frame in timed:
        tile.pictures.push(frame)
        for whole in _pull(sink, left):
            yield whole
            left -= 1


_Timed = tuple[float, _Tile, VideoFrame | None]


def _time_frames(track: Track, tile: _Tile, grid: Layout, ticks: int) -> Iterator[_Timed]:
    """Yield a clip's frames with their times on the common clock, in their size in the grid; None ends it."""
    sides, facts, end = _fit_sides(track, grid), track.facts, 0.0
    for begin in track.list_starts():
        for frame, local in _decode(track.shot.path):
            at = begin + local / track.rate
            if at >= track.total or (track.repeats and local >= facts.seconds):
                break
            made = upright.show(frame, sides, "yuv420p", upright.BT709)
            made.time_base, made.duration = _TICKS, ticks  # without a duration the last frame is never shown
            # The first frame of a late clip is repeated until it starts, so that the other clips need not wait.
            early = math.ceil(at / _PATIENCE) if local == 0 and begin == track.shot.offset else 0
            for moment in (*(number * _PATIENCE for number in range(early)), at):
                made.pts = round(moment / _TICKS)
                yield moment, tile, made
        end = begin + facts.seconds / track.rate
    yield end, tile, None


def _decode(path: Path) -> Iterator[tuple[VideoFrame, float]]:
    """Yield the frames of a file, each with its seconds since the first."""
    with opened(path) as (source, stream):
        stream.thread_type = "AUTO"
        first: float | None = None
        last = 0.0
        for frame in frames(source, stream):
            at = last if frame.pts is None else frame.time
            first, last = at if first is None else first, at
            yield frame, at - first


def _fit_sides(track: Track, grid: Layout) -> tuple[int, int]:
    return min(grid.width, round_even(grid.height * track.facts.width / track.facts.height)), grid.height


def _build_tile(graph: Graph, track: Track, grid: Layout, rate: int) -> _Tile:
    width, height = _fit_sides(track, grid)
    pictures = graph.add_buffer(width=width, height=height, format=_PLANAR, time_base=_TICKS)
    nodes = [pictures, graph.add("setsar", "1")]
    left = (grid.width - width) // 4 * 2
    nodes.append(graph.add("pad", f"{grid.width}:{height + grid.strip}:{left}:{grid.strip}:black"))
    caption = None
    if grid.strip:
        caption = graph.add_buffer(width=grid.width, height=grid.strip, format=_PLANAR, time_base=_TICKS)
        nodes.append(graph.add("overlay", "0:0"))
        caption.link_to(nodes[-1], 0, 1)
    # A frame is shown until the next one starts: rounding up gives the frame of each moment.
    nodes += [graph.add("fps", f"fps={rate}:start_time=0:round=up"), graph.add("tpad", "stop=-1:stop_mode=clone")]
    for one, other in pairwise(nodes):
        one.link_to(other)
    return _Tile(pictures, caption, nodes[-1])


def _stack(graph: Graph, tiles: Sequence[_Tile], grid: Layout) -> FilterContext:
    if len(tiles) == 1:
        return tiles[0].out
    places = (divmod(number, grid.columns) for number in range(len(tiles)))
    corners = "|".join(f"{column * grid.width}_{row * (grid.height + grid.strip)}" for row, column in places)
    stack = graph.add("xstack", f"inputs={len(tiles)}:layout={corners}:fill=black")
    for number, tile in enumerate(tiles):
        tile.out.link_to(stack, 0, number)
    return stack


def _render_caption(text: str, grid: Layout) -> VideoFrame:
    """Render the label as a frame: this build of FFmpeg's filters draws no text."""
    with av.open(BytesIO(label(text, grid.width, grid.strip)), "r", format="png_pipe") as source:
        picture = next(source.decode(source.streams.video[0]))
    made = picture.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
    made.pts, made.time_base = 0, _TICKS
    return made


def _pull(sink: FilterContext, most: int) -> Iterator[VideoFrame]:
    with suppress(av.BlockingIOError, av.EOFError):  # it needs more frames, or has given all
        for _ in range(most):
            frame = sink.pull()
            if isinstance(frame, VideoFrame):
                yield frame


# --- sound -------------------------------------------------------------------------------------------------------


def mix_sound(track: Track) -> Iterator[AudioFrame]:
    """Yield the sound of a clip on the common clock, with silence before it starts and after it ends."""
    sound = _decode_sound(track.shot.path)
    opening = next(sound, None)
    sound.close()
    if opening is None:
        return
    rate, graph = opening.sample_rate, Graph()
    first = graph.add_abuffer(
        sample_rate=rate, format=opening.format, layout=opening.layout, time_base=Fraction(1, rate)
    )
    nodes = [first, *(graph.add("atempo", f"{tempo:.6f}") for tempo in _split_tempo(track.rate))]
    nodes.append(graph.add("asetpts", f"PTS+{track.shot.offset:.6f}/TB"))
    nodes.append(graph.add("aresample", f"{SOUND_RATE}:async=1:min_hard_comp=0.02:first_pts=0"))
    nodes.append(graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"))
    nodes += [graph.add("apad"), graph.add("atrim", f"end={track.total:.6f}"), graph.add("abuffersink")]
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    for frame in _time_sound(track, rate):
        first.push(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while isinstance(ready := nodes[-1].pull(), AudioFrame):
                yield ready


def _time_sound(track: Track, rate: int) -> Iterator[AudioFrame | None]:
    """Yield the decoded sound with its times, once per start; None ends it."""
    for begin in track.list_starts():
        for frame in _decode_sound(track.shot.path):
            local = frame.time or 0.0
            if track.repeats and local >= track.facts.seconds:
                break
            frame.pts, frame.time_base = round((begin - track.shot.offset + local) * rate), Fraction(1, rate)
            yield frame
    yield None


def _decode_sound(path: Path) -> Generator[AudioFrame]:
    """Yield the frames of a file's sound, with times since its first picture."""
    with opened(path) as (source, film):
        first = float((film.start_time or 0) * (film.time_base or 0))
        sound = sound_of(source)
        for frame in decode(source, [sound]) if sound else ():
            if isinstance(frame, AudioFrame) and frame.time_base:
                frame.pts = round(((frame.time or 0.0) - first) / frame.time_base)
                yield frame


def _split_tempo(rate: float) -> Iterator[float]:
    """Split a change of speed into steps that the filter takes: none below one half."""
    while rate < 0.5:
        yield 0.5
        rate /= 0.5
    if rate != 1.0:
        yield rate
