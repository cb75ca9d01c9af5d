"""Real films, measured and cut."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dailies.domain import Reference
from dailies.errors import MediaError
from dailies.media import clips, measure
from dailies.vocabulary import MediaKind


def test_facts_of_a_film_with_sound(make_film, tmp_path):
    facts = measure.probe(make_film(tmp_path / "a.mp4", seconds=1.5, sound=True))
    assert facts.seconds == pytest.approx(1.5, abs=0.05)
    assert (facts.width, facts.height, facts.frame_rate) == (64, 48, 24.0)
    assert (facts.video_codec, facts.audio_codec, facts.suffix) == ("h264", "aac", ".mp4")


def test_a_silent_film_has_no_audio_codec(make_film, tmp_path):
    assert measure.probe(make_film(tmp_path / "a.mp4")).audio_codec == ""


def test_poster_and_last_frame_are_pictures_of_their_moments(make_film, tmp_path):
    path = make_film(tmp_path / "a.mp4", seconds=2.0)
    clips.poster(path, tmp_path / "p.jpg")
    clips.last_frame(path, tmp_path / "l.png")
    with Image.open(tmp_path / "p.jpg") as poster, Image.open(tmp_path / "l.png") as last:
        assert (poster.format, poster.size) == ("JPEG", (64, 48))
        assert (last.format, last.size) == ("PNG", (64, 48))
        early, late = (picture.convert("L").getpixel((32, 24)) for picture in (poster, last))
    assert early < 60  # the film grows brighter by 4 levels a frame
    assert late > 200


def test_the_last_frame_of_a_longer_film(make_film, tmp_path):
    clips.last_frame(make_film(tmp_path / "a.mp4", seconds=4.0), tmp_path / "l.png")
    with Image.open(tmp_path / "l.png") as last:
        assert last.convert("L").getpixel((32, 24)) > 240


@pytest.mark.parametrize("number", [0, 1, 47, 90, 143])
@pytest.mark.parametrize("late", [0.0, 0.02, -0.0005])
def test_the_frame_of_a_moment_is_the_one_that_is_shown_then(make_film, tmp_path, number, late):
    path = make_film(tmp_path / "a.mp4", seconds=6.0)
    begins = clips.write_frame(path, tmp_path / "f.png", number / 24 + late)
    with av.open(str(path)) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][number]
    with Image.open(tmp_path / "f.png") as picture:
        assert np.array_equal(np.asarray(picture), shown)
    assert begins == pytest.approx(number / 24, abs=0.001)


def write_late(path: Path, first: int, audio: float | None = None) -> Path:
    """Write a film of 24 grey frames, each darker than the one before, that begins with frame `first` of its clock."""
    with av.open(str(path), "w") as container:
        codec = "libvpx" if path.suffix == ".webm" else "libx264"
        film = container.add_stream(codec, rate=24)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        sound = None if audio is None else container.add_stream("aac", rate=48000, layout="mono")
        for number in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 240 - 10 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = first + number, Fraction(1, 24)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
        for number in range(40 if sound else 0):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.sample_rate, silence.pts = 48000, round((audio or 0) * 48000) + 1024 * number
            container.mux(sound.encode(silence))  # type: ignore[union-attr]
        if sound:
            container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("file", ["late.mp4", "late.webm"])
def test_a_film_that_begins_late_is_whole_and_its_moments_are_those_of_its_player(tmp_path, file):
    path = write_late(tmp_path / file, 24)
    assert measure.probe(path).seconds == pytest.approx(1.0, abs=0.002)
    starts = measure.frame_times(path)
    assert starts == pytest.approx([1 + number / 24 for number in range(24)], abs=1e-3)
    for seconds, number in ((0.3, 0), (1.0, 0), (1.5, 12), (1.98, 23)):
        assert clips.write_frame(path, tmp_path / "f.png", seconds) == pytest.approx(starts[number], abs=1e-3)
        with Image.open(tmp_path / "f.png") as picture:
            assert picture.convert("L").getpixel((30, 20)) == pytest.approx(240 - 10 * number, abs=4)


@pytest.mark.parametrize("audio", [None, 36_000.0])
def test_the_preview_of_a_recording_starts_at_once_and_its_moments_are_found_in_the_clip(tmp_path, audio):
    part = write_late(tmp_path / "part.ts", 24 * 36_000 + 6, audio)
    clip = clips.take_in(part, tmp_path)
    played, whole = tmp_path / clip.played, tmp_path / clip.file
    assert played != whole
    starts = measure.frame_times(played)
    assert starts[0] < 0.3
    begins = clips.write_frame(whole, tmp_path / "f.png", starts[12] + 0.01, played)
    assert begins == pytest.approx(starts[12], abs=1e-3)
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.convert("L").getpixel((30, 20)) == pytest.approx(120, abs=4)


@pytest.mark.parametrize(("seconds", "begins"), [(-5.0, 0.0), (0.0, 0.0), (500.0, 47 / 24)])
def test_a_moment_outside_the_film_means_its_first_or_last_frame(make_film, tmp_path, seconds, begins):
    path = make_film(tmp_path / "a.mp4", seconds=2.0)
    assert clips.write_frame(path, tmp_path / "f.png", seconds) == pytest.approx(begins, abs=0.001)


def test_large_posters_are_made_smaller(make_film, tmp_path):
    clips.poster(make_film(tmp_path / "a.mp4", seconds=0.3, size=(1280, 720)), tmp_path / "p.jpg")
    with Image.open(tmp_path / "p.jpg") as poster:
        assert poster.size == (960, 540)


def test_a_turned_film_is_shown_upright(make_film, tmp_path):
    path = make_film(tmp_path / "a.mp4", seconds=0.2, top=200)
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # the display matrix of the track header, 9 numbers of 4 bytes
    quarter_clockwise = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    struct.pack_into(">9i", data, matrix, *quarter_clockwise)
    path.write_bytes(data)
    facts = measure.probe(path)
    assert (facts.width, facts.height) == (48, 64)
    clips.poster(path, tmp_path / "p.jpg")
    clips.last_frame(path, tmp_path / "l.png")
    for name in ("p.jpg", "l.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (48, 64)
            light = picture.convert("L")
            assert light.getpixel((40, 32)) > light.getpixel((8, 32)) + 100  # the top has become the right


def test_every_frame_has_its_start(make_film, tmp_path):
    path = make_film(tmp_path / "a.mp4", seconds=1.0, sound=True)
    assert measure.frame_times(path) == pytest.approx([number / 24 for number in range(24)], abs=1e-4)


def test_frames_of_a_variable_rate_keep_their_own_starts(tmp_path):
    """Reordered packets (B-frames) and uneven pauses: the times are the shown ones, in order."""
    starts = [0, 40, 80, 200, 210, 400, 433, 900, 1000, 1010, 1020, 1500]
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1000, options={"bf": "3", "b_strategy": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, start in enumerate(starts):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 20, np.uint8), format="rgb24")
            frame.pts, frame.time_base = start + 7_000, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        in_file = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert in_file != sorted(in_file), "without reordered packets this film would prove nothing"
    assert measure.frame_times(path) == pytest.approx([7 + start / 1000 for start in starts], abs=1e-4)


def test_a_film_of_one_frame(make_film, tmp_path):
    path = make_film(tmp_path / "a.mp4", seconds=1 / 24)
    assert measure.probe(path).seconds == pytest.approx(1 / 24, abs=0.01)
    clips.poster(path, tmp_path / "p.jpg")
    clips.last_frame(path, tmp_path / "l.png")


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x00\x00\x00\x20ftypisom" + bytes(64)])
def test_what_is_no_video_is_said_plainly(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    for action in (
        measure.probe,
        lambda p: clips.poster(p, tmp_path / "p"),
        lambda p: clips.last_frame(p, tmp_path / "l"),
        measure.frame_times,
    ):
        with pytest.raises(MediaError) as caught:
            action(path)
        assert caught.value.fix
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_a_broken_off_film_is_no_video(tmp_path, clip_bytes):
    path = tmp_path / "x"
    path.write_bytes(clip_bytes[: len(clip_bytes) // 3])
    with pytest.raises(MediaError):
        measure.probe(path)


def test_references_are_measured(make_film, tmp_path):
    path = make_film(tmp_path / "a.mp4", sound=True)
    video = Reference("a.mp4", MediaKind.VIDEO, digest="x")
    got = measure.measured(video, path)
    assert (got.width, got.height, round(got.seconds)) == (64, 48, 1)
    picture = replace(video, kind=MediaKind.IMAGE)
    assert measure.measured(picture, path) == picture
    silent = make_film(tmp_path / "b.mp4")
    assert measure.measured(replace(video, kind=MediaKind.AUDIO), silent).kind is MediaKind.VIDEO
    (tmp_path / "t").write_text("text")
    with pytest.raises(MediaError, match="cannot be read"):
        measure.measured(video, tmp_path / "t")
