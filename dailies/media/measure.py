"""Measures a film or a sound as it is shown: sides, length, rate, codecs; refuses half files and what is no film.

Reads packets and decodes one frame. Knows neither runs nor where files live.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from dailies import formats
from dailies.domain import Reference
from dailies.errors import MediaError
from dailies.formats import Format
from dailies.media import hidden, upright
from dailies.media.whole import is_cut
from dailies.vocabulary import MediaKind

NOT_A_VIDEO = "What was fetched is not a video that can be played."
FETCH_AGAIN = "Fetch it again; if that does not help, look at the gateway's own copy."
_HALF = "Only a part of the clip came."

# Only these parts of FFmpeg may look at a file: others would open further files or addresses that it names.
_DEMUXERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,rm,ivf,"
    "mp3,wav,w64,aac,flac,aiff,amr,caf,au,ac3,eac3,ape,wv"
)
_STILLS = frozenset({"mjpeg", "png", "bmp", "gif", "webp", "tiff"})
_NEVER_ZERO = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "prores"})
"""Codecs whose packets begin with something: zeros are the room that a download had not filled yet."""
_ANNOUNCING = (formats.WEBM, formats.MKV, formats.FLV)  # the length in their header is that of their packets
_SHORTER = 0.9  # a file with less of its announced length is a part of it

_CODECS = {
    "h264": "H.264",
    "hevc": "HEVC",
    "vvc": "VVC",
    "prores": "ProRes",
    "mpeg4": "MPEG-4 Part 2",
    "mpeg2video": "MPEG-2",
    "mpeg1video": "MPEG-1",
    "mjpeg": "Motion JPEG",
    "vp8": "VP8",
    "vp9": "VP9",
    "av1": "AV1",
    "dnxhd": "DNxHD",
    "theora": "Theora",
    "vc1": "VC-1",
    "wmv1": "WMV 7",
    "wmv2": "WMV 8",
    "wmv3": "WMV 9",
    "flv1": "Sorenson Spark",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
    "alac": "ALAC",
    "dts": "DTS",
}
_PLAYED = {"h264": (8,), "vp8": (8,), "vp9": (8, 10), "av1": (8, 10)}
"""Bits per channel that browsers play, by codec; all of them with 4:2:0 chroma only."""
_PROFILES = frozenset({"Baseline", "Constrained Baseline", "Main", "High", "Progressive High", "Constrained High"})
"""The profiles of H.264 that browsers play."""
_HEARD = frozenset({"", "aac", "mp3", "opus", "vorbis", "flac"})


_STRUCTURE = re.compile(
    r"major_brand|minor_version|compatible_brands|encoder|language|handler_name|vendor_id|duration|timecode|rotate"
    r"|bps|number_of_.*|_statistics.*|variant_bitrate|service_.*"
)
"""The tags that describe the file itself."""

_TAGS = (
    (re.compile(r"location|iso6709|xyz|gps"), hidden.LOCATION),
    (re.compile(r"make|model|software|device|android|firmware|creation|date"), hidden.CAMERA),
    (re.compile(r"artist|author|copyright|composer|director|producer"), hidden.AUTHOR),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured. Sides in pixels as shown: square pixels, upright. `suffix`: the file name ending that fits.

    `unplayable` says in words what a browser may not play, empty if it plays the file. `reframed`: the streams can be
    played, but need another container.
    """

    seconds: float
    width: int
    height: int
    frame_rate: float
    video_codec: str
    audio_codec: str  # empty: no sound track
    suffix: str
    unplayable: str = ""
    reframed: bool = False


def probe(path: Path) -> Facts:
    """Measure a video file; one frame is decoded, so a file that passes can be shown. Raises `MediaError`."""
    known = _recognise(path)
    if is_cut(path, known):
        raise MediaError(_HALF, FETCH_AGAIN)
    with opened(path) as (container, stream):
        announced = container.duration / av.time_base if container.duration else None
        shown, end = _scan(container, stream)
    if known in _ANNOUNCING and announced and end < _SHORTER * announced - 0.5:
        raise MediaError(_HALF, FETCH_AGAIN)
    with opened(path) as (container, stream):
        frame = next(frames(container, stream), None)
        if frame is None:
            raise MediaError(NOT_A_VIDEO, FETCH_AGAIN)
        sound = sound_of(container)
        seconds, rate = _time(shown, stream)
        width, height = upright.sides(frame, stream.sample_aspect_ratio)
        video_codec, audio_codec = codec_of(stream), codec_of(sound) if sound else ""
        words, reframed = _play(known, stream, audio_codec, frame)
        return Facts(
            seconds=round(seconds, 3),
            width=width,
            height=height,
            frame_rate=round(rate, 3),
            video_codec=video_codec,
            audio_codec=audio_codec,
            suffix=_name_film(known).suffix,
            unplayable=words,
            reframed=reframed or (not words and known is formats.WEBM and announced is None),
        )


def measured(reference: Reference, path: Path) -> Reference:
    """Return a film or sound with its true kind, sides and length; pictures as they are. Raises `MediaError`.

    A container of films that holds none is a sound, whatever its first bytes say.
    """
    if reference.kind is MediaKind.IMAGE:
        return reference
    name, head = reference.name, _head(path)
    known = formats.detect(head)
    try:
        if known and is_cut(path, known):
            raise MediaError(_HALF, FETCH_AGAIN)
        with open_file(path) as container:
            film, sound = film_of(container), sound_of(container)
            seconds = _time_sound(container, sound, known, head) if sound and film is None else 0.0
        facts = None if film is None else probe(path)
    except (av.FFmpegError, ValueError, MediaError) as error:
        half = isinstance(error, MediaError) and error.what == _HALF
        title = known.title if known else "a file"
        what = f"{name} is {'only a part of a file' if half else f'{title} that cannot be read'}."
        raise MediaError(what, "Choose another file.") from None
    if facts is None:
        if not seconds:
            raise MediaError(f"{name} holds neither a film nor sound.", "Choose another file.")
        kind = known.sound_type if known else reference.media_type
        return replace(reference, kind=MediaKind.AUDIO, media_type=kind, seconds=seconds)
    return replace(
        reference,
        kind=MediaKind.VIDEO,
        media_type=formats.read_suffix(facts.suffix),
        width=facts.width,
        height=facts.height,
        seconds=facts.seconds,
    )


def find_tags(path: Path) -> tuple[str, ...]:
    """Return in words what a film holds that nobody sees: where and with what it was taken, by whom, and notes."""
    with open_file(path) as container:
        held = [container.metadata, *(stream.metadata for stream in container.streams)]
        keys = {key.lower().split("-")[0] for tags in held for key in tags}
        found = {_name_tag(key) for key in keys if not _STRUCTURE.fullmatch(key)}
        found |= {hidden.OTHER} if container.streams.data else set()
    order = (hidden.LOCATION, hidden.CAMERA, hidden.AUTHOR, hidden.NOTES, hidden.OTHER)
    return tuple(word for word in order if word in found)


def _name_tag(key: str) -> str:
    return next((word for pattern, word in _TAGS if pattern.search(key)), hidden.NOTES)


def frame_times(path: Path) -> tuple[float, ...]:
    """Return the start of every shown frame in seconds on the file's own clock, in order; read without decoding.

    Players start their clocks at zero, and a film may begin later. Raises `MediaError`.
    """
    _recognise(path)
    with opened(path) as (container, stream):
        shown, _ = _scan(container, stream)
    early = min(shown[0][0], 0.0)
    return tuple(round(start - early, 6) for start, _ in shown)


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file with its film, which is not its cover picture. Raises `MediaError`."""
    try:
        with open_file(path) as container:
            stream = film_of(container)
            if stream is None:
                known = formats.detect(_head(path))
                title = known.title if known else "a file"
                if known is None or known.kind is MediaKind.VIDEO:
                    title += " with sound only" if sound_of(container) else " without a film"
                raise MediaError(_came(title), FETCH_AGAIN)
            yield container, stream
    except (av.FFmpegError, ValueError):
        raise MediaError(NOT_A_VIDEO, FETCH_AGAIN) from None


def frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode the frames of a film in the order in which they are shown."""
    for frame in decode(container, [stream]):
        if isinstance(frame, VideoFrame):
            yield frame


def decode(container: InputContainer, streams: Sequence[Stream]) -> Iterator[VideoFrame | AudioFrame]:
    """Decode streams beside each other. What cannot be decoded is left out, as players do."""
    for packet in container.demux(list(streams)):
        try:
            found = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in found:
            if isinstance(frame, (VideoFrame, AudioFrame)):
                yield frame


def film_of(container: InputContainer) -> VideoStream | None:
    """Return the film of a file: not its cover picture, and of several the one that is meant to be shown."""
    found = [stream for stream in container.streams.video if not _is_cover(stream, container)]
    found = [stream for stream in found if stream.codec_context.name not in _STILLS] or found
    return max(found, key=lambda each: bool(each.disposition & Disposition.default), default=None)


def sound_of(container: InputContainer) -> AudioStream | None:
    """Return the first sound track that can be decoded."""
    return next((each for each in container.streams.audio if each.codec_context is not None), None)


def codec_of(stream: VideoStream | AudioStream) -> str:
    """Return a codec's own name, whichever library decodes it."""
    return stream.codec_context.codec.canonical_name


def open_file(path: Path) -> InputContainer:
    """Open a file with the few parts of FFmpeg that read films and sounds, and never another file that it names."""
    return av.open(str(path), "r", options={"format_whitelist": _DEMUXERS})


def _is_cover(stream: VideoStream, container: InputContainer) -> bool:
    # Without a decoder there is no context, although the type does not say so.
    if stream.codec_context is None or stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
        return True
    lone = len(container.streams.video) == 1 and not container.streams.audio
    return stream.codec_context.name in _STILLS and stream.frames == 1 and not lone


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(formats.HEAD)
    except FileNotFoundError:
        raise MediaError("The file of the clip is gone.", FETCH_AGAIN) from None


def _recognise(path: Path) -> Format:
    """Return the format of a file that can hold a film. Raises `MediaError` that names any other."""
    head = _head(path)
    known = formats.detect(head)
    if known is None:
        raise MediaError(NOT_A_VIDEO if head else "The file of the clip is empty.", FETCH_AGAIN)
    if known.kind is not MediaKind.VIDEO and known is not formats.M4A:
        raise MediaError(_came(known.title), FETCH_AGAIN)
    return known


def _name_film(known: Format) -> Format:
    """Return the format of a file in which a film was found: one that calls itself a sound is an MP4 all the same."""
    return formats.MP4 if known is formats.M4A else known


def _came(title: str) -> str:
    return f"{title[0].upper()}{title[1:]} came instead of a clip."


_Shown = list[tuple[float, float]]
"""Start and duration of every shown frame in seconds, in order; a duration of 0 is not known."""


def _scan(container: InputContainer, stream: VideoStream) -> tuple[_Shown, float]:
    """Read every packet; return the shown frames, and the end of the longest stream, counted as headers count it.

    Raises `MediaError`.
    """
    shown: _Shown = []
    first, last, newest = None, 0.0, 0.0
    hides, coded = codec_of(stream) == "vp8", codec_of(stream) in _NEVER_ZERO
    for packet in container.demux([stream, *container.streams.audio]):
        if not packet.size:  # the last one only flushes a decoder
            continue
        unfilled = coded and packet.stream is stream and packet.size >= 8 and not any(memoryview(packet)[:8])
        if packet.is_corrupt or unfilled:
            raise MediaError(_HALF, FETCH_AGAIN)
        at = packet.dts if packet.pts is None else packet.pts
        if at is None or packet.time_base is None or packet.is_discard:
            continue
        start, duration = float(at * packet.time_base), float((packet.duration or 0) * packet.time_base)
        first = start if first is None else min(first, start)
        last = max(last, start + duration)
        if packet.stream is stream and not (hides and _is_hidden(packet)):
            shown.append((start, duration))
            newest = start
    if not shown:
        raise MediaError(NOT_A_VIDEO, FETCH_AGAIN)
    shown.sort()
    if shown[-1][0] != newest:
        # Durations run from one decoded frame to the next: they say nothing of a frame that others overtake.
        shown[-1] = shown[-1][0], 0.0
    return shown, last - min(first or 0.0, 0.0)  # a clip may begin late: its header counts from zero


def _is_hidden(packet: Packet[Stream]) -> bool:
    """Whether a VP8 packet only helps to decode others."""
    return not bytes(packet)[0] & 0x10


def _time(shown: _Shown, stream: VideoStream) -> tuple[float, float]:
    """Return the length in seconds and the mean frame rate."""
    stated = float(stream.average_rate or stream.guessed_rate or 0)
    (first, _), (last, duration) = shown[0], shown[-1]
    if duration <= 0 and len(shown) > 1:
        widest = max(other - one for (one, _), (other, _) in pairwise(shown))
        # Some files count their length from zero, others from the first frame.
        tick, length = stream.time_base or 0, stream.duration or 0
        ends = (float(length * tick), float(((stream.start_time or 0) + length) * tick))
        left = next((end - last for end in ends if end > last), 0.0)
        duration = left if 0 < left <= 3 * widest else (last - first) / (len(shown) - 1)
    if duration <= 0:
        duration = 1 / stated if stated else 0.04
    seconds = last - first + duration
    mean = len(shown) / seconds
    # Time stamps are rounded, often to milliseconds: where the file states nearly the same rate, that one is exact.
    return seconds, stated if stated and abs(mean - stated) < 0.02 * stated else mean


def _time_sound(container: InputContainer, sound: AudioStream, known: Format | None, head: bytes) -> float:
    """Return the length of a sound in seconds, 0 if it holds none. Raises `MediaError` for half a file."""
    announced = float((sound.duration or 0) * (sound.time_base or 0)) or (container.duration or 0) / av.time_base
    spans = [
        (float(packet.pts * packet.time_base), float((packet.pts + (packet.duration or 0)) * packet.time_base))
        for packet in container.demux(sound)
        if packet.pts is not None and packet.time_base is not None and packet.size
    ]
    length = max(end for _, end in spans) - min(start for start, _ in spans) if spans else 0.0
    counted = known is formats.FLAC or (known is formats.MP3 and re.search(rb"Xing|Info", head))
    if counted and length < _SHORTER * announced - 0.5:
        raise MediaError(_HALF, FETCH_AGAIN)
    # A header knows what of the first and last packet is heard; without a count it is only a guess.
    return round(announced if abs(announced - length) < 0.1 * length else length, 3)


def _play(known: Format, stream: VideoStream, audio: str, frame: VideoFrame) -> tuple[str, bool]:
    """Return what a browser may not play, in words, and whether another container would be enough."""
    video = codec_of(stream)
    name = _CODECS.get(video, video.upper())
    depth = max(part.bits for part in frame.format.components)
    chroma = "4:2:0" if _is_halved(frame) else "4:2:2" if frame.format.chroma_width(8) == 4 else "4:4:4"
    bits = _PLAYED.get(video)
    if bits is None:
        return name, False
    if depth not in bits or (chroma != "4:2:0" and not frame.format.name.startswith("gray")):
        return f"{name} {chroma} with {depth} bits", False
    if video == "h264" and stream.profile and stream.profile not in _PROFILES:
        return f"{name} in the profile {stream.profile}", False
    if audio not in _HEARD:
        return f"{'PCM' if audio.startswith('pcm') else _CODECS.get(audio, audio.upper())} sound", False
    if known not in (formats.MP4, formats.M4A, formats.WEBM):
        return f"{name} in {known.title}", True
    return "", False


def _is_halved(frame: VideoFrame) -> bool:
    return frame.format.chroma_width(8) == 4 and frame.format.chroma_height(8) == 4
