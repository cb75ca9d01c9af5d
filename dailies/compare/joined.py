"""Films made of clips one after another, with their sound, cut hard or faded over (PyAV).

Paths come in, a file goes out. Holds the pictures of one fade and the sound of two clips in memory, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from dailies.compare.film import LONGEST, RATE, SOUND_RATE, Layout, Shot, Track, mix_sound, render_frames, round_even
from dailies.errors import MediaError
from dailies.media.measure import probe

_Sound = NDArray[np.float32]


def join_clips(paths: Sequence[Path], target: Path, *, fade: float = 0.0) -> None:
    """Write an H.264/AAC MP4 with all clips in their order, in the size of the largest, at most 1920 × 1080.

    `fade`: seconds for which a clip is seen and heard with the next one. Raises `MediaError` for no clips, for more
    than an hour of them, and for a file that cannot be read.
    """
    measured = [(path, probe(path)) for path in paths]
    tracks = [Track(Shot(path), facts, 1.0, False, max(1 / RATE, facts.seconds)) for path, facts in measured]
    if not tracks:
        raise MediaError("There is nothing to join.", "Pick clips first.")
    if sum(track.total for track in tracks) > LONGEST:
        raise MediaError("The film would last more than an hour.", "Pick fewer clips.")
    try:
        _write(tracks, _lay_out(tracks), round(fade * RATE), target)
    except av.FFmpegError as error:
        raise MediaError(f"The clips could not be joined: {error.strerror}.", "Download them one by one.") from None


def _lay_out(tracks: Sequence[Track]) -> Layout:
    ratio = max(track.facts.width / track.facts.height for track in tracks)
    lines = min(1080.0, 1920 / ratio, max(track.facts.height for track in tracks))
    return Layout(1, 1, round_even(lines * ratio), round_even(lines), 0)


def _write(tracks: Sequence[Track], grid: Layout, fade: int, target: Path) -> None:
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        video = film.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "19"})
        video.width, video.height = grid.size
        video.pix_fmt, video.time_base = "yuv420p", Fraction(1, RATE)
        video.codec_context.colorspace, video.codec_context.color_range = 1, 1  # BT.709, limited
        heard = any(track.facts.audio_codec for track in tracks)
        sound = film.add_stream("aac", rate=SOUND_RATE) if heard else None
        counts = [max(1, round(track.total * RATE)) for track in tracks]
        overlaps = [min(fade, one // 2, other // 2) for one, other in pairwise(counts)]
        for number, frame in enumerate(_fade_pictures(tracks, grid, counts, overlaps)):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if sound is None:
            return
        at = 0
        for piece in _fade_sounds(tracks, counts, overlaps):
            made = AudioFrame.from_ndarray(np.ascontiguousarray(piece), "fltp", "stereo")
            made.sample_rate, made.pts, made.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
            film.mux(sound.encode(made))
            at += piece.shape[1]
        film.mux(sound.encode(None))


def _fade_pictures(
    tracks: Sequence[Track], grid: Layout, counts: Sequence[int], overlaps: Sequence[int]
) -> Iterator[VideoFrame]:
    held: list[VideoFrame] = []  # the end of the clip before
    for number, track in enumerate(tracks):
        keep = overlaps[number] if number < len(overlaps) else 0
        over, held = held, []
        for index, frame in enumerate(render_frames([track], grid)):
            shown = _blend(over[index], frame, (index + 1) / (len(over) + 1)) if index < len(over) else frame
            if index >= counts[number] - keep:
                held.append(shown)
            else:
                yield shown


def _blend(one: VideoFrame, other: VideoFrame, share: float) -> VideoFrame:
    mixed = one.to_ndarray().astype(np.float32) * (1 - share) + other.to_ndarray().astype(np.float32) * share
    made = VideoFrame.from_ndarray(mixed.round().astype(np.uint8), "yuv420p")
    made.colorspace, made.color_range = one.colorspace, one.color_range
    return made


def _fade_sounds(tracks: Sequence[Track], counts: Sequence[int], overlaps: Sequence[int]) -> Iterator[_Sound]:
    held: _Sound = np.zeros((2, 0), np.float32)
    for number, track in enumerate(tracks):
        heard = _read_sound(track, counts[number] * SOUND_RATE // RATE)
        over = held.shape[1]
        if over:
            rise = np.linspace(0, 1, over, dtype=np.float32)
            heard[:, :over] = heard[:, :over] * rise + held * (1 - rise)
        keep = overlaps[number] * SOUND_RATE // RATE if number < len(overlaps) else 0
        held = heard[:, heard.shape[1] - keep :].copy()
        whole = heard[:, : heard.shape[1] - keep]
        if whole.shape[1]:
            yield whole


def _read_sound(track: Track, samples: int) -> _Sound:
    """Read the sound of a clip as two rows of exactly so many samples; silence where it has none."""
    found = np.zeros((2, samples), np.float32)
    at = 0
    for frame in mix_sound(track):
        piece = frame.to_ndarray()[:, : samples - at]
        found[:, at : at + piece.shape[1]] = piece
        at += piece.shape[1]
    return found
