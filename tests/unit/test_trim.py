"""Films and sounds as references: what they are by their streams, and the one fix that brings them into the limits."""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dailies import formats
from dailies.domain import MediaLimits, Reference, Slot
from dailies.errors import MediaError
from dailies.media import measure
from dailies.media.fixes import fix_for
from dailies.media.references import read, renamed, take
from dailies.request.draft import check_limits
from dailies.vocabulary import MediaKind
from tests.unit.odd_clips import matrix, write


def tone(path: Path, codec: str, seconds: float = 3.0, kind: str | None = None) -> Path:
    """Write a sound that grows louder from its first to its last moment."""
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48000, layout="stereo")
        stream.bit_rate = 128_000
        count = round(48000 * seconds)
        wave = np.linspace(0.05, 0.9, count, dtype=np.float32) * np.sin(np.arange(count) * 0.06, dtype=np.float32)
        whole = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        whole.sample_rate, whole.pts, whole.time_base = 48000, 0, Fraction(1, 48000)
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "stereo", 48000, context.frame_size or 1024)
        for part in (*resampler.resample(whole), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def given(path: Path) -> Reference:
    """The reference that a page makes of a file."""
    return measure.measured(read(path.name, path.read_bytes()).reference, path)


def long_film(path: Path, seconds: int = 3, **options) -> Path:
    return write(path, frames=24 * seconds, sound="aac", **options)


def is_inside(path: Path, limits: MediaLimits) -> bool:
    reference = given(path)
    slot = Slot("video" if reference.kind is MediaKind.VIDEO else "reference_audios", (), 1, 1, limits)
    return not list(check_limits(slot, reference))


def apply(path: Path, limits: MediaLimits) -> tuple[str, Path, tuple[str, ...]]:
    """The title of the fix, the file after it, and what was done."""
    fix = fix_for(given(path), limits)
    assert fix is not None
    made = fix.apply(path.read_bytes())
    after = path.with_name(f"after{formats.detect(made.data).suffix}")
    after.write_bytes(made.data)
    assert is_inside(after, limits)
    return fix.title, after, made.done


def lengths(path: Path) -> list[float]:
    """The length of the file and of its streams by their packets."""
    with av.open(str(path)) as opened:
        whole = [opened.duration / av.time_base] if opened.duration else []
        ends: dict[int, float] = {}
        for packet in opened.demux():
            if packet.pts is not None:
                end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                ends[packet.stream_index] = max(end, ends.get(packet.stream_index, 0.0))
        return [*whole, *ends.values()]


# --- what it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "codec", "container", "media_type", "name"),
    [
        ("voice.mp4", "aac", "mp4", "audio/mp4", "voice.m4a"),
        ("voice.webm", "libopus", "webm", "audio/webm", "voice.webm"),
        ("voice.ogg", "libopus", None, "audio/ogg", "voice.ogg"),
        ("voice.mkv", "libopus", "matroska", "audio/x-matroska", "voice.mkv"),
        ("voice.mov", "pcm_s16le", "mov", "audio/quicktime", "voice.mov"),
        ("voice.m4a", "aac", None, "audio/mp4", "voice.m4a"),
        ("voice.aiff", "pcm_s16be", None, "audio/aiff", "voice.aiff"),
        ("voice.caf", "pcm_s16be", None, "audio/x-caf", "voice.caf"),
        ("voice.wma", "wmav2", "asf", "audio/x-ms-wma", "voice.wma"),
    ],
)
def test_a_sound_is_one_in_whatever_container(tmp_path, file, codec, container, media_type, name):
    reference = given(tone(tmp_path / file, codec, kind=container))
    assert (reference.kind, reference.media_type, reference.width) == (MediaKind.AUDIO, media_type, None)
    assert reference.seconds == pytest.approx(3.0, abs=0.1)
    assert renamed(reference) == name


def test_a_film_is_measured_as_it_is_shown(tmp_path):
    reference = given(write(tmp_path / "phone.mov", sound="aac", change=matrix(0, 1, -1, 0)))
    assert (reference.kind, reference.media_type) == (MediaKind.VIDEO, "video/quicktime")
    assert (reference.width, reference.height, reference.seconds) == (48, 64, 1.0)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (struct.pack(">I", 8) + b"wide" + struct.pack(">I", 99) + b"mdat" + bytes(60), "a QuickTime file (MOV)"),
        (struct.pack(">I", 99) + b"moov" + bytes(60), "a QuickTime file (MOV)"),
        (b"RF64\xff\xff\xff\xffWAVEds64" + bytes(60), "an RF64 sound (a WAV for files over 4 GB)"),
        (b"BW64\xff\xff\xff\xffWAVEds64" + bytes(60), "an RF64 sound (a WAV for files over 4 GB)"),
        (b"FORM\0\0\0\x40AIFFCOMM" + bytes(60), "an AIFF sound"),
        (b"FORM\0\0\0\x40AIFCFVER" + bytes(60), "an AIFF sound"),
        (b"RIFF\x40\0\0\0AVI LIST" + bytes(60), "an AVI file"),
        (b"\x1aE\xdf\xa3\x93\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(60), "a Matroska file (MKV)"),
        (b"\x1aE\xdf\xa3\x93\x42\x86\x81\x01\x42\x82\x84webm" + bytes(60), "a WebM file"),
        (b"FLV\x01\x05" + bytes(60), "a Flash video (FLV)"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60), "a Windows Media file (WMV)"),
        (b"#!AMR\n" + bytes(60), "an AMR sound"),
        (b"caff\0\x01\0\0desc" + bytes(60), "a Core Audio sound (CAF)"),
        ((b"\x47\x40\x00\x10" + b"\xff" * 184) * 4, "an MPEG-TS file"),
        (b"\0\0\0\0" + (b"\x47\x40\x00\x10" + b"\xff" * 184 + bytes(4)) * 4, "an MPEG-TS file"),
    ],
)
def test_a_model_that_does_not_take_it_says_what_it_is(data, title):
    held = read("a.bin", data)
    slot = Slot("video", (), 1, 1, MediaLimits(types=("video/mp4",)))
    if held.reference.kind is MediaKind.AUDIO:
        slot = Slot("reference_audios", (), 1, 1, MediaLimits(types=("audio/wav", "audio/mpeg")))
    ((what, fix),) = check_limits(slot, held.reference)
    assert what == f"a.bin is {title}"
    assert fix == ("Convert it to MP4." if slot.kind is MediaKind.VIDEO else "Convert it to WAV or MP3.")


def test_half_a_film_is_refused_as_a_reference(tmp_path):
    whole = long_film(tmp_path / "a.mp4", options={"movflags": "faststart"}).read_bytes()
    half = tmp_path / "half.mp4"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError) as caught:
        given(half)
    assert caught.value.what == "half.mp4 is only a part of a file."


@pytest.mark.parametrize(
    ("file", "codec", "container"),
    [
        ("a.mp3", "libmp3lame", "mp3"),
        ("a.wav", "pcm_s16le", "wav"),
        ("a.m4a", "aac", "ipod"),
        ("a.aiff", "pcm_s16be", "aiff"),
        ("a.ogg", "libopus", "ogg"),
    ],
)
def test_half_a_sound_is_refused_as_a_reference(tmp_path, file, codec, container):
    path = tone(tmp_path / file, codec, kind=container)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError) as caught:
        given(path)
    assert caught.value.what == f"{file} is only a part of a file."


def test_a_film_cut_before_its_index_is_a_part_of_a_file(tmp_path):
    whole = write(tmp_path / "a.mp4").read_bytes()
    with pytest.raises(MediaError, match=r"a\.mp4 is only a part of a file"):
        take("a.mp4", whole[: len(whole) * 9 // 10])


@pytest.mark.parametrize("lengths", [0xFFFFFFFF, 0])
def test_a_streamed_WAV_is_measured_without_its_lengths(tmp_path, lengths):  # noqa: N802
    data = tone(tmp_path / "a.wav", "pcm_s16le").read_bytes()
    at = data.index(b"data") + 4
    held = take("a.wav", data[:at] + struct.pack("<I", lengths) + data[at + 4 :]).reference
    assert held.seconds == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data\0\0\0\0",
            "holds neither a film nor sound",
        ),
        (b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk", "is a MIDI file that cannot be read"),
        (b"\0\0\0\1\x67\x42\0\x0a" + bytes(60), "is an H.264 stream without a container that cannot be read"),
        (b"YUV4MPEG2 W64 H48 F24:1\nFRAME\n", "is an uncompressed video (Y4M) that cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(data, what):
    with pytest.raises(MediaError) as caught:
        take("a.mp4", data)
    assert caught.value.what == f"a.mp4 {what}."


@pytest.mark.parametrize(("codec", "media_type"), [("mp2", "audio/x-mp2"), ("eac3", "audio/ac3")])
def test_bare_packets_of_sound_are_known(tmp_path, codec, media_type):
    held = given(tone(tmp_path / f"a.{codec}", codec, kind=codec))
    assert (held.kind, held.media_type) == (MediaKind.AUDIO, media_type)
    assert held.seconds == pytest.approx(3.0, abs=0.1)


# --- films -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 1.5, 2])
def test_a_long_film_is_trimmed_to_the_limit_and_its_sound_with_it(tmp_path, most):
    limits = MediaLimits(types=("video/mp4",), max_seconds=most)
    title, after, done = apply(long_film(tmp_path / "a.mp4"), limits)
    assert (title, done) == (f"Trim to {most:g} s", (f"trimmed to {most:g} s",))
    assert max(lengths(after)) <= most + 1e-6
    facts = measure.probe(after)
    assert facts.seconds == pytest.approx(most, abs=1 / 24)
    assert (facts.width, facts.height, facts.audio_codec, facts.unplayable) == (64, 48, "aac", "")


def test_the_last_frame_of_a_trimmed_film_is_shown_to_its_end(tmp_path):
    path = write(tmp_path / "a.mp4", starts=[0, 0.04, 0.08, 0.2, 0.5, 0.9, 1.0, 3.0])
    _, after, _ = apply(path, MediaLimits(max_seconds=2))
    assert given(after).seconds == pytest.approx(2.0, abs=0.01)


def test_sound_stays_in_step_with_a_trimmed_film(tmp_path):
    """A film that flashes and clicks at the same moment still does."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        video, audio = container.add_stream("libx264", rate=24), container.add_stream("aac", rate=48000, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for index in range(72):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 235 if index == 30 else 16, np.uint8), "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        wave = np.zeros((1, 48000 * 3), np.float32)
        wave[0, 60000:62000] = 0.9  # at 1.25 s, as frame 30
        click = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
        click.sample_rate = 48000
        container.mux([*audio.encode(click), *audio.encode(None)])
    _, after, _ = apply(path, MediaLimits(types=("video/mp4",), max_seconds=2))
    with av.open(str(after)) as opened:
        lights = [(frame.time, frame.to_ndarray()[:48].mean()) for frame in opened.decode(video=0)]
    with av.open(str(after)) as opened:
        louds = [(frame.time, np.abs(frame.to_ndarray()).max()) for frame in opened.decode(audio=0)]
    flash = max(lights, key=lambda each: each[1])[0]
    heard = next(moment for moment, loud in louds if loud > 0.3)
    assert flash == pytest.approx(1.25, abs=0.05)
    assert heard == pytest.approx(1.25, abs=0.05)


@pytest.mark.parametrize(
    ("file", "options", "title"),
    [
        ("a.avi", {"codec": "mpeg4"}, "Convert to MP4"),
        ("a.mov", {}, "Convert to MP4"),
        ("a.mkv", {}, "Convert to MP4"),
        ("a.ts", {"kind": "mpegts"}, "Convert to MP4"),
    ],
)
def test_another_container_is_converted(tmp_path, file, options, title):
    before = write(tmp_path / file, sound="libmp3lame" if file == "a.avi" else "aac", **options)
    found, after, _ = apply(before, MediaLimits(types=("video/mp4",)))
    assert found == title
    assert measure.probe(after).seconds == pytest.approx(1.0, abs=0.06)


def test_a_film_with_sides_too_long_is_made_smaller(tmp_path):
    title, after, done = apply(write(tmp_path / "a.mp4", size=(640, 360)), MediaLimits(max_side=320))
    facts = measure.probe(after)
    assert (title, done, facts.width, facts.height) == ("Shrink", ("shrunk",), 320, 180)


def test_a_film_too_heavy_is_made_lighter(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24, options={"qp": "1"})
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        dice = np.random.default_rng(7)
        for index in range(48):
            frame = av.VideoFrame.from_ndarray(dice.integers(0, 255, (120, 160, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    limits = MediaLimits(max_bytes=500_000)
    assert path.stat().st_size > 1_000_000
    title, _, _ = apply(path, limits)
    assert title == "Shrink"
    fix = fix_for(given(path), MediaLimits(max_bytes=5_000))
    assert fix is not None
    with pytest.raises(MediaError, match="cannot be made small enough"):
        fix.apply(path.read_bytes())


def test_several_limits_have_one_fix(tmp_path):
    limits = MediaLimits(types=("video/mp4",), max_seconds=2, max_side=64)
    title, after, done = apply(long_film(tmp_path / "a.mov", size=(128, 96)), limits)
    assert title == "Trim to 2 s, convert to MP4 and shrink"
    assert done == ("trimmed to 2 s, converted to MP4 and shrunk",)
    assert measure.probe(after).width == 64


@pytest.mark.parametrize(
    "limits",
    [
        MediaLimits(min_seconds=5),
        MediaLimits(min_side=300, max_seconds=1),
        MediaLimits(max_ratio=1.0, max_seconds=1),
        MediaLimits(types=("video/quicktime",)),
        MediaLimits(types=("video/mp4",), max_seconds=3),
    ],
)
def test_no_fix_is_offered_that_would_not_help(tmp_path, limits):
    assert fix_for(given(long_film(tmp_path / "a.mp4")), limits) is None


def test_a_link_has_no_fix():
    reference = Reference("a.mp4", MediaKind.VIDEO, url="https://media.example/a.mp4", seconds=9)
    assert fix_for(reference, MediaLimits(max_seconds=1)) is None


# --- sounds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "codec", "types", "title", "media_type"),
    [
        ("a.wav", "pcm_s16le", (), "Trim to 2 s", "audio/wav"),
        ("a.mp3", "libmp3lame", ("audio/wav", "audio/mpeg"), "Trim to 2 s", "audio/mpeg"),
        ("a.m4a", "aac", ("audio/mp4",), "Trim to 2 s", "audio/mp4"),
        ("a.aac", "aac", ("audio/aac",), "Trim to 2 s", "audio/aac"),
        ("a.flac", "flac", ("audio/wav", "audio/mpeg"), "Trim to 2 s and convert to WAV", "audio/wav"),
        ("a.ogg", "libopus", ("audio/mpeg",), "Trim to 2 s and convert to MP3", "audio/mpeg"),
        ("a.aiff", "pcm_s16be", ("audio/wav", "audio/mpeg"), "Trim to 2 s and convert to WAV", "audio/wav"),
    ],
)
def test_a_sound_is_trimmed_and_converted(tmp_path, file, codec, types, title, media_type):
    found, after, _ = apply(tone(tmp_path / file, codec), MediaLimits(types=types, max_seconds=2))
    assert (found, given(after).media_type) == (title, media_type)
    assert max(lengths(after)) <= 2.0 + 1e-6
    assert max(lengths(after)) == pytest.approx(2.0, abs=0.12)


def test_a_trimmed_sound_begins_where_it_began(tmp_path):
    _, after, _ = apply(tone(tmp_path / "a.wav", "pcm_s16le"), MediaLimits(max_seconds=1))
    with av.open(str(after)) as opened:
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in opened.decode(audio=0)]) / 32768
    assert np.abs(samples[:2000]).max() < 0.1
    assert np.abs(samples[-2000:]).max() == pytest.approx(0.33, abs=0.08)


def test_a_file_that_cannot_be_changed_after_all_is_a_sentence(tmp_path):
    path = tone(tmp_path / "a.wav", "pcm_s16le")
    fix = fix_for(replace(given(path), seconds=99.0), MediaLimits(max_seconds=2))
    assert fix is not None
    with pytest.raises(MediaError):
        fix.apply(b"RIFF" + bytes(40))
    shutil.rmtree(tmp_path)


# --- what nobody sees --------------------------------------------------------------------------------------------


def tagged(path: Path, **tags: str) -> Path:
    """Write a film as a phone does: turned, with where and with what it was taken."""
    plain = write(path.with_name(f"plain{path.suffix}"), sound="aac", change=matrix(0, 1, -1, 0))
    options = {"movflags": "use_metadata_tags"}
    with av.open(str(plain)) as source, av.open(str(path), "w", options=options) as copy:
        copy.metadata.update(tags)
        made = {stream.index: copy.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = made[packet.stream.index]
                copy.mux(packet)
    return path


@pytest.mark.parametrize("file", ["a.mov", "a.mp4"])
def test_place_and_camera_leave_a_film_and_nothing_else_changes(tmp_path, file):
    place = {"com.apple.quicktime.location.ISO6709": "+48.85+002.29/SECRET/"}
    data = tagged(tmp_path / file, make="SECRET", artist="SECRET", comment="SECRET", **place).read_bytes()
    assert b"SECRET" in data
    held = take(file, data)
    assert b"SECRET" not in held.data
    assert held.reference.done == ("location, camera data, author and text notes removed",)
    assert (held.reference.width, held.reference.height, held.reference.seconds) == (48, 64, 1.0)
    assert (held.reference.size, held.reference.digest) == (len(held.data), hashlib.sha256(held.data).hexdigest())

    def decoded(whole: bytes) -> list[bytes]:
        with av.open(io.BytesIO(whole)) as opened:
            return [frame.to_ndarray().tobytes() for frame in opened.decode(video=0)]

    assert decoded(held.data) == decoded(data)


@pytest.mark.parametrize("file", ["a.mp4", "a.mov", "a.webm", "a.mkv"])
def test_a_film_without_tags_is_kept_byte_for_byte(tmp_path, file):
    data = write(tmp_path / file, "libvpx" if file == "a.webm" else "libx264").read_bytes()
    held = take(file, data)
    assert (held.data, held.reference.done) == (data, ())
