"""What is inside a finished file: its measured facts, a poster, its last frame. The only importer of PyAV.

Does not know runs or where files live: paths come in, files and facts go out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from dailies.domain import Clip, Reference
from dailies.errors import MediaError
from dailies.vocabulary import MediaKind

POSTER_WIDTH = 960
"""Posters are never wider, in pixels."""

_NOT_A_VIDEO = "What was fetched is not a video that can be played."
_FETCH_AGAIN = "Fetch it again; if that does not help, look at the gateway's own copy."


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured. Sides in pixels as shown (rotation applied); `suffix` is the file name ending that fits."""

    seconds: float
    width: int
    height: int
    frame_rate: float
    video_codec: str
    audio_codec: str  # empty: no sound track
    suffix: str


def probe(path: Path) -> Facts:
    """Measure a video file; one frame is decoded, so a file that passes can be shown. Raises `MediaError`."""
    with _opened(path) as (container, stream):
        frame = next(_frames(container, stream), None)
        if frame is None:
            raise MediaError(_NOT_A_VIDEO, _FETCH_AGAIN)
        turned = frame.rotation % 180 != 0
        width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
        rate = stream.average_rate or stream.guessed_rate
        sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
        return Facts(
            seconds=round(_seconds(container, stream), 3),
            width=width,
            height=height,
            frame_rate=round(float(rate), 3) if rate else 0.0,
            video_codec=stream.codec_context.name,
            audio_codec=sound,
            suffix=".webm" if "webm" in container.format.name else ".mp4",
        )


def measured(reference: Reference, path: Path) -> Reference:
    """The reference with the sides and length of its file; pictures are measured elsewhere. Raises `MediaError`."""
    if reference.kind is MediaKind.IMAGE:
        return reference
    try:
        with av.open(str(path)) as container:
            streams = container.streams
            if not (streams.video if reference.kind is MediaKind.VIDEO else streams.audio):
                raise MediaError(f"{reference.name} holds no {reference.kind}.", "Choose another file.")
            seconds = round(container.duration / av.time_base, 3) if container.duration else None
    except av.FFmpegError:
        raise MediaError(f"{reference.name} cannot be read as {reference.kind}.", "Choose another file.") from None
    if reference.kind is MediaKind.AUDIO:
        return replace(reference, seconds=seconds)
    facts = probe(path)
    return replace(reference, width=facts.width, height=facts.height, seconds=facts.seconds)


def take_in(part: Path, folder: Path) -> Clip:
    """Look inside a fetched file, and only then give it a name in `folder`, with its poster. Raises `MediaError`.

    `part` lies in `folder` under a temporary name; it is moved, so the clip is there whole or not at all.
    """
    name = secrets.token_hex(16)
    picture = folder / f".{name}.jpg"
    try:
        facts = probe(part)
        poster(part, picture)
        clip = Clip(
            file=f"{name}{facts.suffix}",
            poster=f"{name}.jpg",
            size=part.stat().st_size,
            seconds=facts.seconds,
            width=facts.width,
            height=facts.height,
            frame_rate=facts.frame_rate,
            video_codec=facts.video_codec,
            audio_codec=facts.audio_codec,
        )
        picture.replace(folder / clip.poster)
        part.replace(folder / clip.file)
    finally:
        picture.unlink(missing_ok=True)
    return clip


def frame_times(path: Path) -> tuple[float, ...]:
    """The start of every shown frame in seconds from the first one, in order; read without decoding.

    Raises `MediaError`.
    """
    with _opened(path) as (container, stream):
        packets = [packet for packet in container.demux(stream) if not packet.is_discard]
        starts = sorted(float(packet.pts * packet.time_base) for packet in packets if packet.pts is not None)
        if not starts:
            raise MediaError(_NOT_A_VIDEO, _FETCH_AGAIN)
        return tuple(round(start - starts[0], 6) for start in starts)


def poster(path: Path, target: Path) -> None:
    """Write a JPEG of the frame a tenth into the clip, or of the first. Raises `MediaError`."""
    with _opened(path) as (container, stream):
        wanted = _seconds(container, stream) / 10
        found: VideoFrame | None = None
        for frame in _frames(container, stream):
            found = frame
            if frame.time is None or frame.time >= wanted:
                break
        if found is None:
            raise MediaError(_NOT_A_VIDEO, _FETCH_AGAIN)
        upright = _upright(found)
        width = min(POSTER_WIDTH, upright.width) // 2 * 2
        height = max(2, round(upright.height * width / upright.width) // 2 * 2)
        target.write_bytes(_encode(upright.reformat(width, height, "yuvj420p"), "mjpeg"))


def last_frame(path: Path, target: Path) -> None:
    """Write the very last frame as a PNG in full size. Raises `MediaError`."""
    with _opened(path) as (container, stream):
        seconds = _seconds(container, stream)
        if seconds > 3 and stream.time_base:
            # From the last keyframe before the end: decoding the whole of a long clip would take its time.
            container.seek(int((seconds - 1) / stream.time_base), stream=stream, backward=True)
        found: VideoFrame | None = None
        for frame in _frames(container, stream):
            found = frame
        if found is None:
            raise MediaError(_NOT_A_VIDEO, _FETCH_AGAIN)
        target.write_bytes(_encode(_upright(found).reformat(format="rgb24"), "png"))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise MediaError("What was fetched has no picture.", _FETCH_AGAIN)
            yield container, container.streams.video[0]
    except av.FFmpegError:
        raise MediaError(_NOT_A_VIDEO, _FETCH_AGAIN) from None


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for frame in container.decode(stream):
        if isinstance(frame, VideoFrame):
            yield frame


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _upright(frame: VideoFrame) -> VideoFrame:
    """The frame as it is meant to be seen. `rotation` is in degrees, counter-clockwise."""
    turns = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}.get(frame.rotation % 360, ())
    if not turns:
        return frame
    graph = Graph()
    nodes = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)]
    nodes += [graph.add("transpose", turn) for turn in turns]
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _encode(frame: VideoFrame, codec: str) -> bytes:
    context = VideoCodecContext.create(codec, "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{codec} is no picture codec")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.time_base = Fraction(1, 25)  # a single picture has no rate, the encoder asks for one all the same
    if codec == "mjpeg":
        context.qmin = context.qmax = 3
        context.color_range = 2
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
