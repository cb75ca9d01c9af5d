"""Takes in a finished clip: its measured facts, a poster, a preview where browsers need one; and single frames of it.

Does not know runs: paths come in, files and facts go out.
"""

from __future__ import annotations

import logging
import secrets
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from dailies.domain import Clip
from dailies.errors import MediaError
from dailies.media import upright
from dailies.media.convert import make_preview
from dailies.media.measure import FETCH_AGAIN, NOT_A_VIDEO, Facts, frames, opened, probe

_log = logging.getLogger(__name__)

_NEAR = 3.0
"""Seconds that are decoded from the beginning, instead of searched."""

POSTER_WIDTH = 960
"""Posters are never wider, in pixels."""


def take_in(part: Path, folder: Path) -> Clip:
    """Look inside a fetched file, and only then give it a name in `folder`, with its poster. Raises `MediaError`.

    `part` lies in `folder` under a temporary name; it is moved, so the clip is there whole or not at all. A clip that
    browsers may not play gets a preview beside it, which may take minutes; the clip itself stays as it came.
    """
    name = secrets.token_hex(16)
    picture = folder / f".{name}.jpg"
    try:
        facts = probe(part)
        poster(part, picture)
        preview = _make_preview(part, facts, folder / f".{name}.preview")
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
            preview=preview.name.removeprefix(".") if preview else "",
            unplayable=facts.unplayable,
        )
        picture.replace(folder / clip.poster)
        if preview:
            preview.replace(folder / clip.preview)
        part.replace(folder / clip.file)
    finally:
        for path in folder.glob(f".{name}.*"):
            path.unlink(missing_ok=True)
    return clip


def _make_preview(part: Path, facts: Facts, stem: Path) -> Path | None:
    if not facts.unplayable and not facts.reframed:
        return None
    try:
        return make_preview(part, facts, stem)
    except MediaError as error:  # the clip is whole and can be downloaded
        _log.warning("No preview of a clip (%s): %s", facts.unplayable, error)
        return None


def poster(path: Path, target: Path) -> None:
    """Write a JPEG of the frame a tenth into the clip, or of the first. Raises `MediaError`."""
    with opened(path) as (container, stream):
        found = _find_frame(container, stream)
        width, height = upright.sides(found, stream.sample_aspect_ratio)
        shown = min(POSTER_WIDTH, max(2, width))
        size = shown // 2 * 2, max(2, round(height * shown / width) // 2 * 2)
        target.write_bytes(_encode(upright.show(found, size, "yuvj420p", upright.BT601), "mjpeg"))


def _find_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    length = stream.duration * stream.time_base if stream.duration and stream.time_base else 0
    wanted = float(length or (container.duration or 0) / av.time_base) / 10
    found, first = None, None
    for frame in frames(container, stream):
        found = frame
        first = frame.time if first is None else first
        if frame.time is None or first is None or frame.time - first >= wanted:
            break
    if found is None:
        raise MediaError(NOT_A_VIDEO, FETCH_AGAIN)
    return found


def last_frame(path: Path, target: Path) -> None:
    """Write the very last shown frame as a PNG in full size. Raises `MediaError`."""
    with opened(path) as (container, stream):
        found = _seek_last(container, stream)
        if found is not None:
            _write_png(found, stream, target)
            return
    with opened(path) as (container, stream):
        for frame in frames(container, stream):
            found = frame
        if found is None:
            raise MediaError(NOT_A_VIDEO, FETCH_AGAIN)
        _write_png(found, stream, target)


def _seek_last(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """Decode from the last keyframe before the end: decoding the whole of a long clip would take its time."""
    if not stream.duration or not stream.time_base or stream.duration * stream.time_base <= _NEAR:
        return None
    end = (stream.start_time or 0) + stream.duration
    found: VideoFrame | None = None
    try:
        container.seek(int(end - 1 / stream.time_base), stream=stream, backward=True)
        for frame in frames(container, stream):
            found = frame
    except av.FFmpegError:  # not every file can be searched
        return None
    return found


_EARLY = 0.002
"""Seconds by which a frame may begin after the moment that asks for it: players and previews round their times."""


def write_frame(path: Path, target: Path, seconds: float, played: Path | None = None) -> float:
    """Write the frame that a player shows at a moment as a PNG in full size; return when it begins, in seconds.

    `played`: the file whose clock counts, if the player shows another one than `path`. A moment before the first frame
    means the first, one past the end the last. Raises `MediaError`.
    """
    with opened(played or path) as (_, stream):  # a film may begin later than the clock of its player
        late = max(0.0, float((stream.start_time or 0) * (stream.time_base or 0)))
    with opened(path) as (container, stream):
        found, begun = _seek_frame(container, stream, seconds - late)
        if found is not None:
            _write_png(found, stream, target)
            return begun + late
    with opened(path) as (container, stream):
        found, begun = _pick_frame(container, stream, seconds - late, None)
        if found is None:
            raise MediaError(NOT_A_VIDEO, FETCH_AGAIN)
        _write_png(found, stream, target)
        return begun + late


def _seek_frame(container: InputContainer, stream: VideoStream, seconds: float) -> tuple[VideoFrame | None, float]:
    """Decode from the last keyframe before a moment that is not near the beginning; (None, 0) where that fails."""
    if seconds <= _NEAR or stream.start_time is None or not stream.time_base:
        return None, 0.0
    start = float(stream.start_time * stream.time_base)
    try:
        container.seek(int((start + seconds) / stream.time_base), stream=stream, backward=True)
        return _pick_frame(container, stream, seconds, start)
    except av.FFmpegError:  # not every file can be searched
        return None, 0.0


def _pick_frame(
    container: InputContainer, stream: VideoStream, seconds: float, start: float | None
) -> tuple[VideoFrame | None, float]:
    """Return the last frame that has begun at a moment, and when it did. `start`: the time of the first, if known."""
    found: VideoFrame | None = None
    begun, searched = 0.0, start is not None
    for frame in frames(container, stream):
        time = frame.time or 0.0
        start = time if start is None else start
        after = time - start
        if after > seconds + _EARLY and (found is not None or searched):
            break  # before any frame: the search went too far
        found, begun = frame, max(0.0, after)
    return found, round(begun, 6)


def _write_png(frame: VideoFrame, stream: VideoStream, target: Path) -> None:
    size = upright.sides(frame, stream.sample_aspect_ratio)
    target.write_bytes(_encode(upright.show(frame, size, "rgb24"), "png"))


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
