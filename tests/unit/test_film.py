"""Side by side: which frame of which clip stands where and when, the labels, the one sound; copies without tags."""

from __future__ import annotations

import io
import struct
import threading
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from dailies.compare.film import RATE, Shot, Track, choose_rate, lay_out_grid, render_side_by_side, run_ahead
from dailies.compare.nouns import Unequal
from dailies.errors import MediaError
from dailies.media.convert import copy_streams
from dailies.media.measure import probe
from dailies.media.pictures import label

FIRST, LAST = 16, 16 + 4 * 23  # the levels of a film of one second at 24 frames


def luma(path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray()[: frame.height] for frame in film.decode(video=0)]


def tone(path, seconds: float = 1.0, **tags: str):
    """A grey film with a loud tone from its first to its last moment."""
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=48000, layout="stereo")
        for index in range(round(24 * seconds)):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 128, np.uint8), "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        wave = 0.5 * np.sin(np.arange(round(48000 * seconds)) * 2 * np.pi * 440 / 48000, dtype=np.float32)
        sound = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        sound.sample_rate = 48000
        container.mux([*audio.encode(sound), *audio.encode(None)])
    return path


def loudness(path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray()[0] for frame in film.decode(audio=0)]
        return np.abs(np.concatenate(frames)), film.streams.audio[0].rate


@pytest.fixture
def films(tmp_path, make_film):
    short = make_film(tmp_path / "short.mp4", seconds=1, size=(64, 48), sound=True)
    long = make_film(tmp_path / "long.mp4", seconds=2, size=(64, 48))
    return short, long


@pytest.mark.parametrize(
    ("unequal", "total", "levels"),
    [
        # Levels of the shot that starts half a second late and of the one that starts half a second early.
        (Unequal.HOLD, 48, {5: (FIRST, 16 + 4 * 17), 24: (16 + 4 * 12, LAST), 44: (LAST, LAST)}),
        (Unequal.LOOP, 48, {5: (FIRST, 16 + 4 * 17), 24: (16 + 4 * 12, 16 + 4 * 12), 38: (16 + 4 * 2, 16 + 4 * 2)}),
        (Unequal.STRETCH, 75, {6: (FIRST, 16 + 4 * 8), 45: (16 + 4 * 12, LAST), 74: (LAST, LAST)}),
    ],
)
def test_each_moment_shows_the_frame_that_the_player_shows(films, tmp_path, unequal, total, levels):
    short, long = films
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(short, offset=0.5), Shot(short, offset=-0.5), Shot(long)], target, unequal=unequal)
    frames = luma(target)
    assert len(frames) == total
    grid = lay_out_grid([(64, 48)] * 3, False, 1920, 1080)
    assert frames[0].shape == (grid.rows * 48, grid.columns * 64)
    for number, (late, early) in levels.items():
        found = [frames[number][y + 24, x + 32] for y, x in ((0, 0), corner(1, grid), corner(2, grid))]
        steady = 16 + 4 * min(47, number * 24 // (RATE if unequal is Unequal.STRETCH else 24))
        assert found == pytest.approx([late, early, steady], abs=3), number


def corner(place: int, grid) -> tuple[int, int]:
    row, column = divmod(place, grid.columns)
    return row * 48, column * 64


def test_the_film_can_be_passed_on(films, tmp_path):
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(films[0], "A"), Shot(films[1], "B")], target, heard=0)
    facts = probe(target)
    assert (facts.video_codec, facts.audio_codec, facts.frame_rate, facts.seconds) == ("h264", "aac", 24, 2.0)
    assert facts.width % 2 == facts.height % 2 == 0
    with av.open(str(target)) as film:
        assert film.streams.video[0].pix_fmt == "yuv420p"
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it begins to play before all of it is there"


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [((24, 24), 24), ((25, 25.001), 25), ((24, 30), 30), ((23.976, 23.976), 30), ((60, 60), 30), ((1, 1), 30)],
)
def test_a_film_keeps_the_rate_that_its_clips_share(films, rates, chosen):
    facts = probe(films[0])
    tracks = [Track(Shot(films[0]), replace(facts, frame_rate=rate), 1.0, False, 1.0) for rate in rates]
    assert choose_rate(tracks) == chosen
    assert choose_rate([replace(tracks[0], rate=0.5), tracks[1]]) == RATE


def test_labels_stand_above_their_pictures(tmp_path, make_film):
    clip = make_film(tmp_path / "clip.mp4", size=(320, 240))
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(clip, "Left one"), Shot(clip)], target)
    grid = lay_out_grid([(320, 240)] * 2, True, 1920, 1080)
    strip = luma(target)[10][: grid.strip]
    half = grid.width if grid.columns == 2 else strip.shape[1]
    assert strip[:, :half].max() > 200
    if grid.columns == 2:
        assert strip[:, half:].max() < 40, "no label was given"


def test_a_label_has_its_size_and_is_cut_where_there_is_no_room():
    short, long = (
        Image.open(io.BytesIO(label(text, 200, 30))) for text in ("Name", "A name that is far too long " * 20)
    )
    assert short.size == long.size == (200, 30)
    for picture in (short, long):
        levels = np.asarray(picture.convert("L"))
        assert levels.max() > 200
        assert levels[:, -4:].max() == 0, "nothing runs over the edge"


def test_a_tall_clip_stands_in_the_middle_of_its_place(tmp_path, make_film):
    wide = make_film(tmp_path / "wide.mp4", size=(320, 180), top=80)
    tall = make_film(tmp_path / "tall.mp4", size=(90, 160), top=80)
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(wide), Shot(tall)], target)
    grid = lay_out_grid([(320, 180), (90, 160)], False, 1920, 1080)
    top, left = divmod(1, grid.columns)
    frame = luma(target)[20]
    middle = frame[top * grid.height + 20, left * grid.width :][: grid.width]
    assert middle[grid.width // 2] > 100
    assert max(middle[5], middle[-5]) < 30


RED_601, RED_709 = (81, 90, 240), (63, 102, 240)
"""Pure red as (Y, Cb, Cr) of limited range in the two colour matrices."""


def plain(path, size: tuple[int, int], colour: tuple[int, int, int], matrix: int):
    """A film of one colour. `matrix`: 1 for BT.709, 5 for BT.601, 2 for a film that does not say."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.colorspace = matrix
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, level in zip(frame.planes, colour, strict=True):
            plane.update(bytes([level]) * plane.buffer_size)
        for index in range(6):
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("size", "colour", "matrix"),
    [
        ((64, 48), RED_601, 2),  # a small film that does not say
        ((64, 48), RED_709, 1),
        ((1280, 720), RED_709, 2),  # a large film that does not say
        ((1280, 720), RED_601, 5),
    ],
)
def test_colours_stay_what_players_show(tmp_path, size, colour, matrix):
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(plain(tmp_path / "red.mp4", size, colour, matrix))], target)
    with av.open(str(target)) as film:
        frame = next(film.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (1, 1)
        found = [np.frombuffer(plane, np.uint8)[:16].mean() for plane in frame.planes]
    assert found == pytest.approx(RED_709, abs=3)


def turn_clockwise(path) -> None:
    """Turn a film by a quarter as phones do: in the matrix of the track's header, without changing a frame."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30)
    path.write_bytes(data)


def test_a_film_that_a_phone_turned_stands_upright(tmp_path, make_film):
    clip = make_film(tmp_path / "clip.mp4", size=(64, 48), top=80)
    turn_clockwise(clip)
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(clip)], target)
    frame = luma(target)[10]
    assert frame.shape == (64, 48)
    assert frame[:, -20:].min() > frame[:, :20].max() + 60, "what was on top is on the right, over its whole height"


@pytest.mark.parametrize(("offset", "sounding"), [(0.5, (0.6, 1.4)), (-0.5, (0.1, 0.4))])
def test_the_heard_clip_keeps_its_place_in_time(tmp_path, make_film, offset, sounding):
    heard, other = tone(tmp_path / "tone.mp4"), make_film(tmp_path / "other.mp4", seconds=2)
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(other), Shot(heard, offset=offset)], target, heard=1)
    loud, rate = loudness(target)
    begin, end = sounding
    assert loud[int(begin * rate) : int(end * rate)].max() > 0.3
    assert loud[int((end + 0.2) * rate) : int(1.9 * rate)].max() < 0.02
    if offset > 0:
        assert loud[: int((begin - 0.2) * rate)].max() < 0.02


def test_a_stretched_sound_lasts_as_long_as_its_pictures(tmp_path, make_film):
    heard, other = tone(tmp_path / "tone.mp4"), make_film(tmp_path / "other.mp4", seconds=3)
    target = tmp_path / "out.mp4"
    render_side_by_side([Shot(other), Shot(heard)], target, heard=1, unequal=Unequal.STRETCH)
    loud, rate = loudness(target)
    assert loud[int(2.5 * rate) : int(2.8 * rate)].max() > 0.3


def test_nobody_heard_means_no_sound_track(films, tmp_path):
    render_side_by_side([Shot(films[0])], tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").audio_codec == ""


def test_eight_fit_and_nine_are_refused(tmp_path, make_film):
    clip = make_film(tmp_path / "clip.mp4")
    render_side_by_side([Shot(clip, str(n)) for n in range(8)], tmp_path / "out.mp4", width=640, height=360)
    facts = probe(tmp_path / "out.mp4")
    assert facts.width <= 640
    assert facts.height <= 360
    for wrong in ([], [Shot(clip)] * 9):
        with pytest.raises(MediaError, match="side by side"):
            render_side_by_side(wrong, tmp_path / "no.mp4")


def test_a_file_that_is_no_film_is_refused_in_words(tmp_path):
    (tmp_path / "x.mp4").write_text("no film")
    with pytest.raises(MediaError, match="Text came instead of a clip"):
        render_side_by_side([Shot(tmp_path / "x.mp4")], tmp_path / "out.mp4")
    with pytest.raises(MediaError, match="not a video"):
        copy_streams(tmp_path / "x.mp4", tmp_path / "out.mp4")


def test_a_copy_without_tags_is_the_same_film(tmp_path):
    named = tone(tmp_path / "named.mp4", title="the-secret-model", comment="made by the-secret-model")
    copy = tmp_path / "copy.mp4"
    copy_streams(named, copy)
    assert b"the-secret-model" in named.read_bytes()
    assert b"the-secret-model" not in copy.read_bytes()
    before, after = luma(named), luma(copy)
    assert len(before) == len(after)
    assert all((one == other).all() for one, other in zip(before, after, strict=True))
    assert probe(copy).audio_codec == "aac"


def test_frames_are_made_ahead_in_order_and_no_further_than_that():
    made: list[int] = []

    def make():
        for number in range(9):
            made.append(number)
            yield number

    ahead = run_ahead(make(), 3)
    assert next(ahead) == 0
    assert len(made) <= 4, "one in hand and three ahead"
    assert list(ahead) == list(range(1, 9))


def test_a_fault_while_frames_are_made_ahead_is_the_callers():
    def make():
        yield 1
        raise MediaError("broken", "")

    ahead = run_ahead(make(), 4)
    assert next(ahead) == 1
    with pytest.raises(MediaError, match="broken"):
        next(ahead)


def test_a_caller_that_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    ahead = run_ahead(iter(range(1, 100)), 4)
    assert next(ahead) == 1
    assert threading.active_count() == before + 1
    ahead.close()
    assert threading.active_count() == before
