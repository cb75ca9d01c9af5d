"""Clips one after another in one film, a contact sheet and an animated preview of a clip."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from PIL import Image

from dailies.compare.joined import join_clips
from dailies.errors import MediaError
from dailies.media.measure import probe
from dailies.media.sheets import animate, make_contact_sheet


def levels(path) -> list[float]:
    with av.open(str(path)) as film:
        return [float(frame.to_ndarray()[: frame.height].mean()) for frame in film.decode(video=0)]


@pytest.fixture
def films(tmp_path, make_film):
    return make_film(tmp_path / "a.mp4", sound=True), make_film(tmp_path / "b.mp4", size=(32, 48))


def test_clips_are_joined_in_their_order_with_their_sound(films, tmp_path):
    join_clips([films[0], films[1], films[0]], tmp_path / "film.mp4")
    facts = probe(tmp_path / "film.mp4")
    assert (facts.width, facts.height, facts.audio_codec) == (64, 48, "aac")
    assert facts.seconds == pytest.approx(3.0, abs=0.05)
    shown = levels(tmp_path / "film.mp4")
    assert len(shown) == 90
    assert shown[0] == pytest.approx(16, abs=3)
    assert shown[29] > 100 > 40 > shown[30]  # the film brightens; the second one stands between black borders
    assert shown[89] > 100


def test_a_fade_shows_both_clips_and_shortens_the_film(films, tmp_path):
    join_clips([films[0], films[0]], tmp_path / "film.mp4", fade=0.2)
    shown = levels(tmp_path / "film.mp4")
    assert len(shown) == 54
    steps = np.abs(np.diff(shown))
    assert max(steps) < 30  # a hard cut steps by 90
    assert probe(tmp_path / "film.mp4").seconds == pytest.approx(1.8, abs=0.05)


def test_nothing_and_what_is_no_film_are_refused(tmp_path):
    with pytest.raises(MediaError, match="nothing to join"):
        join_clips([], tmp_path / "film.mp4")
    (tmp_path / "x.mp4").write_bytes(b"no film")
    for make in (lambda path: join_clips([path], tmp_path / "film.mp4"), make_contact_sheet, animate):
        with pytest.raises(MediaError):
            make(tmp_path / "x.mp4")


def test_a_contact_sheet_spreads_over_the_clip(films):
    sheet = Image.open(io.BytesIO(make_contact_sheet(films[0], columns=3, rows=2, width=60))).convert("L")
    cells = [sheet.getpixel((38 + 68 * column, 28 + 75 * row)) for row in range(2) for column in range(3)]
    assert sheet.size == (8 + 3 * 68, 8 + 2 * (45 + 22 + 8))
    assert cells == sorted(cells)
    assert cells[0] < 20
    assert cells[-1] > 70


def test_a_preview_moves(films):
    with Image.open(io.BytesIO(animate(films[0], width=64, rate=8))) as moving:
        assert (moving.n_frames, moving.size, moving.info["loop"]) == (8, (64, 48), 0)


def test_a_film_of_a_few_columns_has_a_sheet_and_a_preview_of_a_usual_height(make_film, tmp_path):
    film = make_film(tmp_path / "tall.mp4", size=(16, 4096), seconds=0.2)
    with Image.open(io.BytesIO(make_contact_sheet(film))) as sheet:
        assert sheet.height < 5000
    with Image.open(io.BytesIO(animate(film))) as moving:
        assert moving.height == 1920
