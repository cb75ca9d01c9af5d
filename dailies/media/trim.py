"""Films and sounds inside the limits of a slot: trimmed, converted, made smaller (PyAV).

A film becomes H.264 and AAC in an MP4, its sound in step; a sound keeps its type where the model takes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from av.audio.stream import AudioStream

from dailies import formats
from dailies.domain import MediaLimits, Reference
from dailies.errors import MediaError
from dailies.formats import Format
from dailies.media.convert import Wanted, render
from dailies.media.measure import open_file, probe
from dailies.media.pictures import Made
from dailies.text import join_and
from dailies.vocabulary import MediaKind

_PATIENCE = 600.0  # seconds; a person waits
_SOUND_BITS = 128_000  # per second, of an AAC or MP3 sound
_LEAST_BITS = 60_000  # per second; a film with fewer shows nothing
_RATE = 44_100
_PADDING = 0.06  # seconds that AAC and MP3 files can be longer than the sound in them

_WRITERS: dict[Format, tuple[str, str]] = {
    formats.WAV: ("wav", "pcm_s16le"),
    formats.MP3: ("mp3", "libmp3lame"),
    formats.M4A: ("ipod", "aac"),
    formats.AAC: ("adts", "aac"),
}
"""The sounds that can be written, the first choice first: container and codec."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a film or sound. `title` says it on a button; sides in pixels, None: as it is."""

    title: str
    target: Format
    seconds: float | None = None
    max_side: int | None = None
    max_bytes: int | None = None


def plan(reference: Reference, limits: MediaLimits) -> Plan | None:
    """Plan what brings a film or sound inside the limits; None if it is inside, or nothing helps."""
    film = reference.kind is MediaKind.VIDEO
    # As messages show it, and as `dailies.request.draft` judges it.
    seconds = round(reference.seconds or 0, 1)
    if (limits.min_seconds and seconds < limits.min_seconds) or (film and _is_misshapen(reference, limits)):
        return None
    target = _choose_target(reference, limits)
    if target is None:
        return None
    too_long = bool(limits.max_seconds and seconds > limits.max_seconds)
    wrong_type = bool(limits.types and reference.media_type not in limits.types)
    too_wide = bool(film and limits.max_side and max(reference.width or 0, reference.height or 0) > limits.max_side)
    too_heavy = bool(limits.max_bytes and reference.size > limits.max_bytes)
    names = [f"trim to {limits.max_seconds:g} s"] if too_long else []
    names += [f"convert to {target.short}"] if wrong_type else []
    names += ["shrink"] if too_wide or (too_heavy and not too_long) else []
    if not names:
        return None
    words = join_and(names)
    return Plan(
        f"{words[0].upper()}{words[1:]}",
        target,
        limits.max_seconds if too_long else None,
        limits.max_side if film else None,
        limits.max_bytes,
    )


def _is_misshapen(reference: Reference, limits: MediaLimits) -> bool:
    """Whether a film has a shape or size that neither trimming nor shrinking changes."""
    if not reference.width or not reference.height:
        return False
    ratio = reference.width / reference.height
    if limits.min_side and min(reference.width, reference.height) < limits.min_side:
        return True
    return bool((limits.min_ratio and ratio < limits.min_ratio) or (limits.max_ratio and ratio > limits.max_ratio))


def _choose_target(reference: Reference, limits: MediaLimits) -> Format | None:
    if reference.kind is MediaKind.VIDEO:
        return formats.MP4 if not limits.types or formats.MP4.media_type in limits.types else None
    taken = [each for each in _WRITERS if not limits.types or each.media_type in limits.types]
    return next((each for each in taken if each.media_type == reference.media_type), taken[0] if taken else None)


def fit_film(data: bytes, reference: Reference, made: Plan) -> Made:
    """Return a film as planned. Raises `MediaError` that names the file."""
    with _beside(data) as (path, target):
        facts = probe(path)
        size = None
        if made.max_side and max(facts.width, facts.height) > made.max_side:
            scale = made.max_side / max(facts.width, facts.height)
            size = round(facts.width * scale), round(facts.height * scale)
        render(path, target, facts, Wanted(size, made.seconds), _PATIENCE)
        if made.max_bytes and target.stat().st_size > made.max_bytes:
            bits = int(made.max_bytes * 8 * 0.85 / min(facts.seconds, made.seconds or facts.seconds)) - _SOUND_BITS
            if bits < _LEAST_BITS:
                raise MediaError(f"{reference.name} cannot be made small enough.", "Use a shorter one.")
            render(path, target, facts, Wanted(size, made.seconds, bits), _PATIENCE)
        if made.max_bytes and target.stat().st_size > made.max_bytes:
            raise MediaError(f"{reference.name} cannot be made small enough.", "Use a shorter one.")
        return Made(target.read_bytes(), (_past(made),))


def fit_sound(data: bytes, reference: Reference, made: Plan) -> Made:
    """Return a sound as planned. Raises `MediaError` that names the file."""
    with _beside(data) as (path, target):
        try:
            _write_sound(path, target, made)
        except (av.FFmpegError, ValueError):
            raise MediaError(f"{reference.name} cannot be converted.", "Choose another file.") from None
        if made.max_bytes and target.stat().st_size > made.max_bytes:
            raise MediaError(f"{reference.name} cannot be made small enough.", "Use a shorter one.")
        return Made(target.read_bytes(), (_past(made),))


def _past(made: Plan) -> str:
    """Return the title in the past: `trimmed to 15 s`."""
    words = made.title[0].lower() + made.title[1:]
    return words.replace("trim", "trimmed", 1).replace("convert", "converted", 1).replace("shrink", "shrunk", 1)


@contextmanager
def _beside(data: bytes) -> Iterator[tuple[Path, Path]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "given"
        path.write_bytes(data)
        yield path, Path(folder) / "made.mp4"


def _write_sound(path: Path, target: Path, made: Plan) -> None:
    container, codec = _WRITERS[made.target]
    padding = 0.0 if made.target is formats.WAV else _PADDING
    left = None if made.seconds is None else int((made.seconds - padding) * _RATE)
    with open_file(path) as source, av.open(str(target), "w", format=container) as copy:
        stream = copy.add_stream(codec, rate=_RATE, layout="stereo")
        if not isinstance(stream, AudioStream):
            raise TypeError(f"{codec} is no sound codec")
        if padding:
            stream.bit_rate = _SOUND_BITS
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, context.layout, _RATE, context.frame_size or 1024)
        for frame in (*source.decode(source.streams.audio[0]), None):
            for part in resampler.resample(frame):
                if left is not None and (left := left - part.samples) < 0:
                    break
                part.pts = None
                copy.mux(stream.encode(part))
        copy.mux(stream.encode(None))
