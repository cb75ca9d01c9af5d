"""The sound of a film: a generated tone bed, or the audio of the request.

Samples are stereo floats at 44.1 kHz, in arrays of shape (2, n). The film encodes them.
"""

from __future__ import annotations

import io
import itertools
import random

import av
import av.error
import numpy as np
import numpy.typing as npt

RATE = 44100
Samples = npt.NDArray[np.float32]  # shape (2, n)
# Semitones above the root; the chords fit together in any order.
CHORDS = ((0, 7, 12, 16, 19), (0, 5, 9, 12, 17), (0, 3, 7, 10, 15), (0, 4, 7, 11, 14), (0, 7, 10, 14, 17))


def make_tone_bed(seconds: float, seed: int) -> Samples:
    """Generate slow chords under a plucked figure; the same seed gives the same music."""
    chance = random.Random(seed)  # noqa: S311 (music, not secrets)
    time = np.arange(round(seconds * RATE), dtype=np.float64) / RATE
    root = 110 * 2 ** (chance.randrange(12) / 12)
    bar = chance.choice((2.0, 2.5, 3.0))
    bed = np.zeros((2, len(time)), np.float32)
    for number in range(int(seconds / bar) + 1):
        chord = chance.choice(CHORDS)
        begin, end = (max(0, round((number + shift) * bar * RATE)) for shift in (-0.5, 1.5))
        moment = time[begin:end]
        swell = np.clip(1 - np.abs((moment - (number + 0.5) * bar) / bar), 0, 1).astype(np.float32) ** np.float32(0.7)
        for position, step in enumerate(chord):
            pitch = root * 2 ** (step / 12)
            pan = 0.3 + 0.4 * position / len(chord)
            voice = swell / np.float32(position + 2)
            # Slightly detuned between left and right, for width.
            bed[0, begin:end] += voice * make_tone(pitch * 0.9985, moment, 1 - pan)
            bed[1, begin:end] += voice * make_tone(pitch * 1.0015, moment, pan)
        for beat in range(4):
            begin = round((number + beat / 4) * bar * RATE)
            since = np.arange(min(RATE, max(0, len(time) - begin))) / RATE
            pitch = root * 2 ** (chance.choice(chord) / 12 + 2)
            pluck = np.exp(-5 * since.astype(np.float32)) * make_tone(pitch, since, 0.35)
            pan = chance.uniform(0.25, 0.75)
            bed[:, begin : begin + len(since)] += np.outer(np.array((1 - pan, pan), np.float32), pluck)
    bed *= np.float32(0.35 / max(float(np.abs(bed).max()), 1e-6))
    return fade(bed)


def make_tone(pitch: float, moment: npt.NDArray[np.float64], loudness: float) -> npt.NDArray[np.float32]:
    """Generate a sine of `pitch` Hz at the given seconds.

    The turns are counted in doubles, so that it stays in tune; the sine of a part of one is quick in singles.
    """
    turns = pitch * moment
    turns -= np.floor(turns)
    sine: npt.NDArray[np.float32] = np.sin(turns.astype(np.float32) * np.float32(2 * np.pi))
    sine *= np.float32(loudness)
    return sine


def fade(samples: Samples, edge: float = 0.15) -> Samples:
    """Fade both ends in place over `edge` seconds, to avoid clicks."""
    length = min(int(edge * RATE), samples.shape[1] // 2)
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    samples[:, :length] *= ramp
    samples[:, samples.shape[1] - length :] *= ramp[::-1]
    return samples


def decode_sound(payload: bytes, seconds: float) -> Samples | None:
    """Decode the first `seconds` of an audio file, padded with silence; None if it has no sound."""
    wanted = round(seconds * RATE)
    chunks: list[Samples] = []
    try:
        with av.open(io.BytesIO(payload), "r") as container:
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            frames = itertools.chain(container.decode(audio=0), (None,))
            for frame in frames:
                chunks += [np.asarray(piece.to_ndarray(), np.float32) for piece in resampler.resample(frame)]
                if sum(chunk.shape[1] for chunk in chunks) >= wanted:
                    break
    except (av.error.FFmpegError, ValueError, IndexError):
        return None
    if not chunks:
        return None
    samples = np.concatenate(chunks, axis=1)[:, :wanted]
    return np.pad(samples, ((0, 0), (0, wanted - samples.shape[1])))


def measure_loudness(samples: Samples, bars: int) -> list[float]:
    """Measure the peak of each of `bars` equal parts, scaled to 0-1, for a waveform drawing."""
    peaks = [float(np.abs(part).max()) if part.size else 0.0 for part in np.array_split(samples, bars, axis=1)]
    top = max(*peaks, 1e-6)
    return [peak / top for peak in peaks]
