"""Makes another file of a film or a sound: a preview that browsers play, a part of it, another container (PyAV).

The original is only read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from dailies.errors import MediaError
from dailies.media import upright
from dailies.media.measure import Facts, decode, opened, probe, sound_of

PREVIEW_SIDE = 1920
"""The longer side of a converted preview at most, in pixels."""

PATIENCE = 300.0
"""Seconds that a preview may take to make; a clip without one can still be downloaded."""

_TICKS = Fraction(1, 90_000)
_SOUND_RATE = 48_000
_AAC_FRAME = 1024
_IN_WEBM = (frozenset({"vp8", "vp9", "av1"}), frozenset({"", "opus", "vorbis"}))
_MATRICES = (upright.BT709, upright.BT601, 6)  # the last is another name of the second
_TAIL = 60.0  # seconds of sound after the film; silence up to a wrong time stamp would fill the memory
_LONGEST = 1200.0  # seconds of a clip that is converted for a preview
_DRIFT = 0.15  # seconds by which a copy in another container may differ in length


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rendered film must be: its sides in pixels as shown, its seconds, its bits per second; None: as it is."""

    size: tuple[int, int] | None = None
    seconds: float | None = None
    bit_rate: int | None = None


def make_preview(path: Path, facts: Facts, stem: Path, patience: float = PATIENCE) -> Path:
    """Write a file that browsers play beside `stem` and return its path. Raises `MediaError` if it takes too long.

    Streams that browsers play are copied into another container; others become H.264 and AAC in an MP4.
    """
    videos, sounds = _IN_WEBM
    webm = facts.video_codec in videos and facts.audio_codec in sounds
    target = stem.with_name(f"{stem.name}{'.webm' if facts.reframed and webm else '.mp4'}")
    if facts.reframed and _copy_fits(path, facts, target):
        return target
    if facts.seconds > _LONGEST:
        raise MediaError("The clip is too long for a preview.", "Download the clip instead.")
    target = target.with_suffix(".mp4")
    longer = max(facts.width, facts.height)
    scale = min(1.0, PREVIEW_SIDE / longer)
    render(path, target, facts, Wanted((round(facts.width * scale), round(facts.height * scale))), patience)
    probe(target)
    return target


def _copy_fits(path: Path, facts: Facts, target: Path) -> bool:
    """Copy the streams into another container; return whether the copy shows the same film."""
    try:
        copy_streams(path, target)
        made = probe(target)
    except MediaError:
        return False
    same = (made.width, made.height) == (facts.width, facts.height) and abs(made.seconds - facts.seconds) < _DRIFT
    return same and not made.unplayable and not made.reframed


def copy_streams(path: Path, target: Path) -> None:
    """Copy the film and its sound unchanged into the container that the target's name says, without any tags.

    Raises `MediaError` for streams that this container cannot hold.
    """
    kind = {".webm": "webm", ".mkv": "matroska", ".mov": "mov"}.get(target.suffix, "mp4")
    options = {"movflags": "+faststart"} if kind in ("mp4", "mov") else {}
    try:
        with opened(path) as (source, film), av.open(str(target), "w", format=kind, options=options) as copy:
            kept = [each for each in (film, sound_of(source)) if each is not None]
            made = {stream.index: copy.add_stream_from_template(stream) for stream in kept}
            for stream in made.values():
                stream.metadata.clear()
            # The clock of a recording goes on from the one before: a player would show nothing until then.
            early = max(Fraction(0), min((each.start_time or 0) * (each.time_base or 0) for each in kept))
            for packet in source.demux(kept):
                if packet.dts is not None:  # the last, empty packet only flushes decoders
                    passed = round(early / packet.time_base)
                    packet.pts = None if packet.pts is None else packet.pts - passed
                    packet.dts -= passed
                    packet.stream = made[packet.stream.index]
                    copy.mux(packet)
    except (av.FFmpegError, ValueError):
        raise MediaError("The clip cannot be copied into another container.") from None


def render(path: Path, target: Path, facts: Facts, wanted: Wanted, patience: float = PATIENCE) -> None:
    """Write a film as H.264 and AAC in an MP4 that plays while it loads: upright, square pixels, 4:2:0 with 8 bits.

    Frames keep their times. Raises `MediaError` for a file that cannot be read, and if `patience` seconds pass.
    """
    give_up = time.monotonic() + patience
    width, height = wanted.size or (facts.width, facts.height)
    size = _even(width), _even(height)
    try:
        with (
            opened(path) as (source, film),
            av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as made,
        ):
            picture = _add_picture(made, facts, size, wanted.bit_rate)
            track = sound_of(source)
            sound = made.add_stream("aac", rate=_SOUND_RATE, layout="stereo") if track else None
            first = float((film.start_time or 0) * (film.time_base or 0))
            mixer = _Mixer(track, first, wanted.seconds) if track else None
            timer = _Timer(first, 1 / facts.frame_rate if facts.frame_rate else 0.04, wanted.seconds)
            film.thread_type = "AUTO"
            for frame in decode(source, [each for each in (film, track) if each is not None]):
                if time.monotonic() > give_up:
                    raise MediaError("The conversion takes too long.", "Download the clip instead.")
                if isinstance(frame, VideoFrame):
                    for ready in timer.take(frame):
                        made.mux(picture.encode(_shown(ready, size, picture)))
                elif mixer and sound and (frame.time or 0.0) - first < facts.seconds + _TAIL:
                    for mixed in mixer.mix(frame):
                        made.mux(sound.encode(mixed))
                if timer.over and (mixer is None or mixer.over):
                    break
            for ready in timer.take(None):
                made.mux(picture.encode(_shown(ready, size, picture)))
            if not picture.codec_context.is_open:
                raise MediaError("None of the frames can be decoded.", "Choose another file.")
            made.mux(picture.encode(None))
            if mixer and sound:
                for mixed in mixer.mix(None):
                    made.mux(sound.encode(mixed))
                made.mux(sound.encode(None))
    except (av.FFmpegError, ValueError):
        raise MediaError("The clip cannot be converted.", "Convert it to MP4 with H.264 elsewhere.") from None


def _even(side: int) -> int:
    return max(2, side // 2 * 2)


def _add_picture(made: OutputContainer, facts: Facts, size: tuple[int, int], bit_rate: int | None) -> VideoStream:
    options = {"preset": "veryfast"} | ({} if bit_rate else {"crf": "20"})
    rate = Fraction(facts.frame_rate).limit_denominator(1001) if facts.frame_rate else Fraction(25)
    stream = made.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt, stream.time_base = "yuv420p", _TICKS
    stream.codec_context.time_base = _TICKS
    stream.codec_context.flags |= Flags.frame_duration  # else the last frame is as long as the mean one
    stream.codec_context.color_range = 1  # limited
    if bit_rate:
        stream.bit_rate = bit_rate
    return stream


def _shown(frame: VideoFrame, size: tuple[int, int], picture: VideoStream) -> VideoFrame:
    context = picture.codec_context
    if not context.is_open:
        # The matrix of the original is kept where players know it: another one would round every colour.
        own = upright.colours(frame)
        context.colorspace = own if own in _MATRICES else upright.BT709
    made = upright.show(frame, size, "yuv420p", context.colorspace)
    made.pts, made.time_base, made.duration = frame.pts, _TICKS, frame.duration
    made.pict_type = 0  # the encoder chooses its key frames itself
    return made


class _Timer:
    """Gives frames their times and durations on a clock that starts with the film; holds one frame back."""

    def __init__(self, first: float, usual: float, end: float | None) -> None:
        self._first, self._usual, self._end = first, usual, end
        self._held: VideoFrame | None = None
        self.over = False

    def take(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """Yield the frame whose duration is known now. None: there are no more."""
        held = self._held
        if frame is not None:
            at = self._place(frame)
            if self._end is not None and at >= self._ticks(self._end) - 1:
                self._usual = max(self._usual, self._end)  # the frame before it is shown to the end
                self.over = True
                return
            if held is not None and held.pts is not None and at <= held.pts:
                return
            frame.pts, frame.time_base = at, _TICKS
            if held is not None and held.pts is not None:
                held.duration = at - held.pts
                yield held
            self._usual = max(self._usual, 0.001)
            self._held = frame
        elif held is not None and held.pts is not None:
            length = self._ticks(self._usual)
            held.duration = length if self._end is None else min(length, self._ticks(self._end) - held.pts)
            self._held = None
            yield held

    def _place(self, frame: VideoFrame) -> int:
        if frame.pts is None:
            held = self._held
            return 0 if held is None or held.pts is None else held.pts + self._ticks(self._usual)
        return max(0, self._ticks(frame.time - self._first))

    @staticmethod
    def _ticks(seconds: float) -> int:
        return round(seconds / _TICKS)


class _Mixer:
    """Brings a sound track to stereo at 48 kHz on the film's clock, with silence where it has gaps."""

    def __init__(self, track: AudioStream, first: float, end: float | None) -> None:
        self._first, self._end = first, end
        self._graph: tuple[Graph, FilterContext, FilterContext] | None = None  # a context does not keep its graph
        self._rate = track.codec_context.sample_rate
        self.over = False

    def mix(self, frame: AudioFrame | None) -> Iterator[AudioFrame]:
        """Yield the sound that is ready. None: there is no more."""
        if frame is not None:
            at = (frame.time or 0.0) - self._first
            if self._end is not None and at >= self._end:
                self.over = True
                return
            frame.pts, frame.time_base = round(at * self._rate), Fraction(1, self._rate)
            self._graph = self._graph or self._build(frame)
        if self._graph is None:
            return
        _, entry, out = self._graph
        entry.push(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while isinstance(ready := out.pull(), AudioFrame):
                yield ready

    def _build(self, frame: AudioFrame) -> tuple[Graph, FilterContext, FilterContext]:
        graph = Graph()
        entry = graph.add_abuffer(
            sample_rate=self._rate, format=frame.format, layout=frame.layout, time_base=Fraction(1, self._rate)
        )
        nodes = [entry, graph.add("aresample", f"{_SOUND_RATE}:async=1:min_hard_comp=0.02:first_pts=0")]
        nodes.append(graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"))
        if self._end is not None:
            # AAC is written in whole frames: the last one ends inside the limit.
            samples = int(self._end * _SOUND_RATE) // _AAC_FRAME * _AAC_FRAME
            nodes.append(graph.add("atrim", f"end_sample={samples}"))
        nodes.append(graph.add("abuffersink"))
        for one, other in pairwise(nodes):
            one.link_to(other)
        graph.configure()
        return graph, entry, nodes[-1]
