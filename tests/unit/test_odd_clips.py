"""Clips as they come back: which are taken, how they are measured, and what is refused with a true sentence."""

from __future__ import annotations

import io
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest
from PIL import Image

from components.html.exported import Source, build_archive, build_blind_archive, build_blind_page, build_page
from dailies import formats
from dailies.compare.ballots import new_file_voter
from dailies.compare.film import Shot, render_side_by_side
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.compare.ratings import draw_round
from dailies.domain import Clip
from dailies.errors import MediaError
from dailies.media import clips, convert, measure
from dailies.media.delivered import delivered
from tests.thorough import first_of_each, speaking_of
from tests.unit.odd_clips import MADE, matrix, write

AS_SHOWN = {
    "wide pixels.mp4": (85, 48, 1.0, 24.0),
    "narrow pixels.mp4": (64, 54, 1.0, 24.0),
    "quarter.mp4": (48, 64, 1.0, 24.0),
    "wide pixels, quarter.mp4": (48, 128, 1.0, 24.0),
    "phone.mov": (48, 64, 1.0, 24.0),
    "one frame.mp4": (64, 48, 1 / 24, 24.0),
    "uneven.mp4": (64, 48, 12 / 7, 14 / 3),
    "uneven, in order.mp4": (64, 48, 1.501, 8 / 1.501),
    "odd sides.mp4": (63, 47, 1.0, 24.0),
}
"""Width, height, seconds and frames per second, where they are not (64, 48, 1.0, 24.0)."""

UNPLAYABLE = {
    "10 bit.mp4": "H.264 4:2:0 with 10 bits",
    "4:2:2.mp4": "H.264 4:2:2 with 8 bits",
    "odd sides.mp4": "H.264 4:4:4 with 8 bits",
    "hevc.mp4": "HEVC",
    "lossless.mp4": "H.264 in the profile High 4:4:4 Predictive",
    "uncompressed sound.mov": "PCM sound",
    "hevc.ts": "HEVC",
    "phone.mov": "HEVC",
    "prores.mov": "ProRes",
    "h264.mov": "H.264 in a QuickTime file (MOV)",
    "h264.mkv": "H.264 in a Matroska file (MKV)",
    "h264.ts": "H.264 in an MPEG-TS file",
    "h264.flv": "H.264 in a Flash video (FLV)",
    "mpeg4.mp4": "MPEG-4 Part 2",
    "mpeg4.avi": "MPEG-4 Part 2",
    "jpegs.avi": "Motion JPEG",
    "windows.wmv": "WMV 8",
    "mpeg2.mpg": "MPEG-2",
    "cover.mkv": "H.264 in a Matroska file (MKV)",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the file of a name, written once."""
    folder = tmp_path_factory.mktemp("odd")

    def get(name: str) -> Path:
        path = folder / name
        return path if path.exists() else MADE[name](path)

    return get


def take_in(path: Path, folder: Path) -> Clip:
    part = folder / ".part"
    shutil.copy(path, part)
    return clips.take_in(part, folder)


@pytest.mark.parametrize("name", MADE)
def test_an_odd_clip_goes_all_the_way(name, made, tmp_path, make_run):
    clip = take_in(made(name), tmp_path)
    file = tmp_path / clip.file
    width, height, seconds, rate = AS_SHOWN.get(name, (64, 48, 1.0, 24.0))
    assert (clip.width, clip.height) == (width, height)
    assert clip.seconds == pytest.approx(seconds, abs=0.002)
    assert clip.frame_rate == pytest.approx(rate, abs=0.001)
    assert clip.suffix == Path(name).suffix
    assert clip.unplayable == UNPLAYABLE.get(name, "")
    assert bool(clip.preview) == bool(clip.unplayable or name == "live.webm")
    assert file.read_bytes() == made(name).read_bytes(), "the clip stays as it came"
    assert delivered(make_run(), clip).got[1] == f"{width}×{height}"
    assert len(measure.frame_times(file)) == (1 if name == "one frame.mp4" else 8 if "uneven" in name else 24)

    clips.last_frame(file, tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as last, Image.open(tmp_path / clip.poster) as poster:
        assert last.size == (width, height)
        assert poster.width / poster.height == pytest.approx(width / height, abs=0.05)
    if clip.preview:
        preview = measure.probe(tmp_path / clip.preview)
        assert not preview.unplayable and not preview.reframed
        assert preview.seconds == pytest.approx(clip.seconds, abs=0.05)
        assert (preview.width, preview.height) == (width // 2 * 2, height // 2 * 2)
        assert bool(preview.audio_codec) == bool(clip.audio_codec)
        with av.open(str(tmp_path / clip.preview)) as opened:
            assert opened.streams.video[0].pix_fmt == "yuv420p"
    target = tmp_path / "film.mp4"
    render_side_by_side([Shot(file, "A"), Shot(file)], target, heard=0, width=320, height=200)
    assert measure.probe(target).seconds == pytest.approx(max(clip.seconds, 1 / 30), abs=0.05)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", first_of_each(MADE, lambda name: Path(name).suffix))
def test_an_odd_clip_is_in_every_export(name, made, tmp_path, now):
    folder = tmp_path / "clips"
    folder.mkdir()
    clip = take_in(made(name), folder)
    lanes = (Lane("one", title="One", clip=clip), Lane("two", title="Two", clip=take_in(made("plain.mp4"), folder)))
    source = Source(Comparison("c", "me", now, now, "Odd", Idea(prompt="A boat"), lanes), {}, (), lambda n: folder / n)
    questions = draw_round(source.comparison, lanes, new_file_voter(), now, Random(1))
    kind = "webm" if clip.played.endswith(".webm") else "mp4"
    for page in (build_page(source), build_blind_page(source, questions)):
        assert sorted(re.findall(r"data:video/(\w+);base64,", page)) == sorted([kind, "mp4"])
    held = zipfile.ZipFile(io.BytesIO(build_archive(source))).namelist()
    assert f"clips/A-One{clip.suffix}" in held, "the clip itself, as it came"
    assert [file for file in held if "preview" in file or file.count(".") > 1] or not clip.preview
    blind = zipfile.ZipFile(io.BytesIO(build_blind_archive(source, questions))).namelist()
    assert sorted(Path(file).suffix for file in blind) == sorted([".html", ".jpg", ".jpg", ".mp4", f".{kind}"])


def levels(path: Path, at: str) -> tuple[int, int]:
    """The light of two opposite edges of a picture."""
    with Image.open(path) as picture:
        light = picture.convert("L")
        width, height = light.size
        sides = (3, height // 2), (width - 4, height // 2)
        ends = (width // 2, 3), (width // 2, height - 4)
        first, second = (light.getpixel(spot) for spot in (sides if at == "sides" else ends))
        return int(first), int(second)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "lighter"),
    [
        ((1, 0, 0, 1), "left"),
        ((-1, 0, 0, 1), "right"),
        ((1, 0, 0, -1), "left"),
        ((-1, 0, 0, -1), "right"),
        ((0, 1, -1, 0), "top"),
        ((0, -1, 1, 0), "bottom"),
        ((0, 1, 1, 0), "top"),
        ((0, -1, -1, 0), "bottom"),
    ],
)
def test_turned_and_mirrored_films_are_shown_as_they_are_meant(tmp_path, numbers, lighter):
    path = write(tmp_path / "a.mp4", frames=8, change=matrix(*numbers))
    clips.last_frame(path, tmp_path / "last.png")
    clips.poster(path, tmp_path / "poster.jpg")
    render_side_by_side([Shot(path)], tmp_path / "film.mp4")
    clips.last_frame(tmp_path / "film.mp4", tmp_path / "film.png")
    for name in ("last.png", "poster.jpg", "film.png"):
        one, other = levels(tmp_path / name, "sides" if lighter in ("left", "right") else "ends")
        assert (one > other + 40) == (lighter in ("left", "top")), name
        assert abs(one - other) > 40, name


@pytest.mark.parametrize("name", [name for name in MADE if name != "mpeg2.mpg"])  # which announces no length
def test_half_a_file_is_no_clip(name, made, tmp_path):
    whole = made(name).read_bytes()
    half = tmp_path / "half"
    for share in (0.1, 0.3, 0.5, 0.8, 0.95):
        half.write_bytes(whole[: int(len(whole) * share) | 1])
        with speaking_of(f"{share:.0%}"):
            with pytest.raises(MediaError) as caught:
                measure.probe(half)
            assert caught.value.what in ("Only a part of the clip came.", measure.NOT_A_VIDEO)
            assert caught.value.fix == measure.FETCH_AGAIN


def test_a_flash_video_is_half_a_file_wherever_it_breaks_off(made, tmp_path):
    whole = made("h264.flv").read_bytes()
    number = whole.index(b"filesize\0") + 9
    streamed = whole[:number] + bytes(8) + whole[number + 8 :]
    path = tmp_path / "a.flv"
    path.write_bytes(streamed)
    assert measure.probe(path).seconds == pytest.approx(1.0, abs=0.01)
    for data, steps in ((whole, range(len(whole) // 4, len(whole) - 4, 97)), (streamed, (len(whole) - 9,))):
        for end in steps:
            path.write_bytes(data[:end])
            with pytest.raises(MediaError, match="Only a part of the clip came"):
                measure.probe(path)


@pytest.mark.parametrize("stamps", [b"", bytes(4)])
def test_a_transport_stream_that_breaks_off_inside_a_part_of_its_sound_is_half_a_file(made, tmp_path, stamps):
    """Such a file ends with a whole packet; only the length that the last part states tells."""
    whole = made("h264.ts").read_bytes()
    packets = [stamps + whole[place : place + 188] for place in range(0, len(whole), 188)]
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(packets))
    assert measure.probe(path).seconds == pytest.approx(1.0, abs=0.01)
    path.write_bytes(b"".join(packets[:-1]))
    with pytest.raises(MediaError, match="Only a part of the clip came"):
        measure.probe(path)


@pytest.mark.parametrize("name", ["faststart.mp4", "h264.ts"])
def test_room_that_a_download_never_filled_is_half_a_file(name, made, tmp_path):
    whole = made(name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) // 2].ljust(len(whole), b"\0"))
    with pytest.raises(MediaError, match="Only a part of the clip came"):
        measure.probe(path)


def test_bytes_behind_the_last_box_do_no_harm(made, tmp_path):
    for name in ("plain.mp4", "vp9.webm"):
        padded = tmp_path / name
        padded.write_bytes(made(name).read_bytes() + bytes(1000))
        assert measure.probe(padded).seconds == pytest.approx(1.0, abs=0.01)


def test_a_film_that_is_said_to_go_to_the_end_of_the_file(made, tmp_path):
    """A box of the length 0 ends with the file: only the packets tell that some are missing."""
    data = bytearray(made("faststart.mp4").read_bytes())
    box = data.rindex(b"mdat") - 4
    data[box : box + 4] = bytes(4)
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert measure.probe(path).seconds == pytest.approx(1.0)
    path.write_bytes(data[: (box + len(data)) // 2])
    with pytest.raises(MediaError):
        measure.probe(path)


def test_a_film_that_calls_itself_a_sound_is_an_mp4(made, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(made("plain.mp4").read_bytes().replace(b"ftypisom", b"ftypM4A "))
    assert measure.probe(path).suffix == ".mp4"


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), (20 * number, 0, 0)) for number in range(3)]
    several = {"save_all": True, "append_images": frames[1:]} if kind in ("GIF", "WEBP") else {}
    frames[0].save(out, kind, **several)
    return out.getvalue()


def sound(path: Path, codec: str, *, cover: bool) -> bytes:
    kind = "mp4" if path.suffix == ".m4a" else None  # the muxer of that name takes no picture
    with av.open(str(path), "w", format=kind) as container:
        audio = container.add_stream(codec, rate=48000, layout="stereo")
        if cover:
            still = container.add_stream("mjpeg", rate=1)
            still.width, still.height, still.pix_fmt = 64, 48, "yuvj420p"
            still.disposition = av.stream.Disposition.attached_pic
            frame = av.VideoFrame(64, 48, "yuvj420p")
            frame.pts, frame.time_base = 0, Fraction(1, 1)
            container.mux([*still.encode(frame), *still.encode(None)])
        size = audio.codec_context.frame_size or 1024
        for index in range(40):
            silence = av.AudioFrame(audio.codec_context.format.name, "stereo", size)
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            silence.sample_rate, silence.pts, silence.time_base = 48000, index * size, Fraction(1, 48000)
            container.mux(audio.encode(silence))
        container.mux(audio.encode(None))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"ftypisom", b"ftypM4A ") if kind else data)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (picture("JPEG"), "A JPEG picture came instead of a clip."),
        (picture("GIF"), "A GIF picture came instead of a clip."),
        (picture("PNG"), "A PNG picture came instead of a clip."),
        (picture("WEBP"), "A WebP picture came instead of a clip."),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:4,\nhttps://cdn.test/1.ts\n", "An HLS playlist came instead of a clip."),
        (
            b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd">',
            "A DASH playlist came instead of a clip.",
        ),
        (b"<!DOCTYPE html><html><p>Not found", "A web page came instead of a clip."),
        (b"%PDF-1.7\n%\xe2\xe3", "A PDF document came instead of a clip."),
        (b"PK\x03\x04" + bytes(60), "A ZIP archive came instead of a clip."),
        (bytes(range(1, 200)), measure.NOT_A_VIDEO),
        (b"", "The file of the clip is empty."),
    ],
)
def test_what_is_no_clip_is_named(tmp_path, data, sentence):
    part = tmp_path / ".part"
    part.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        clips.take_in(part, tmp_path)
    assert (caught.value.what, caught.value.fix) == (sentence, measure.FETCH_AGAIN)


@pytest.mark.parametrize("cover", [False, True])
@pytest.mark.parametrize(
    ("file", "codec", "title"),
    [
        ("a.mp3", "libmp3lame", "An MP3 sound"),
        ("a.m4a", "aac", "An M4A sound"),
        ("a.mp4", "aac", "An MP4 file with sound only"),
        ("a.flac", "flac", "A FLAC sound"),
        ("a.mka", "libopus", "A Matroska file (MKV) with sound only"),
    ],
)
def test_a_sound_is_no_clip_even_with_a_cover(tmp_path, file, codec, title, cover):
    path = tmp_path / file
    sound(path, codec, cover=cover and file != "a.mka")  # a cover is an attachment there, not a stream
    with pytest.raises(MediaError) as caught:
        measure.probe(path)
    assert caught.value.what == f"{title} came instead of a clip."


def test_a_playlist_inside_a_film_opens_no_other_file(tmp_path, made):
    """FFmpeg would follow a list of files that calls itself a film."""
    path = tmp_path / "a.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{made('plain.mp4')}'\n")
    with pytest.raises(MediaError, match="Text came instead of a clip"):
        measure.probe(path)


@pytest.mark.parametrize(
    ("name", "known"),
    [("h264.mkv", formats.MKV), ("vp9.webm", formats.WEBM), ("h264.ts", formats.TS), ("prores.mov", formats.MOV)],
)
def test_containers_are_known_by_their_bytes(name, known, made):
    assert formats.detect(made(name).read_bytes()) is known


@pytest.mark.parametrize("first", [b"moov", b"mdat", b"wide", b"free"])
def test_a_quicktime_file_without_its_brand(first):
    assert formats.detect(struct.pack(">I", 16) + first + bytes(64)) is formats.MOV


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 2, 5])
@pytest.mark.parametrize("size", [(64, 48), (1280, 720)])
def test_colours_are_the_same_in_the_poster_the_last_frame_and_a_conversion(tmp_path, size, matrix, full):
    """Red as its film means it: in BT.709 or BT.601, said or assumed by the size, of limited or full range."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = *size, "yuvj420p" if full else "yuv420p"
        video.codec_context.colorspace, video.codec_context.color_range = matrix, 2 if full else 1
        rgb = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), (200, 60, 40), np.uint8), "rgb24")
        real = (1 if size[1] >= 720 else 5) if matrix == 2 else matrix
        frame = rgb.reformat(format=video.pix_fmt, dst_colorspace=real, dst_color_range=2 if full else 1)
        for index in range(4):
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    convert.render(path, tmp_path / "b.mp4", measure.probe(path), convert.Wanted())
    for film in (path, tmp_path / "b.mp4"):
        clips.poster(film, tmp_path / "p.jpg")
        clips.last_frame(film, tmp_path / "l.png")
        for name in ("p.jpg", "l.png"):
            with Image.open(tmp_path / name) as picture:
                assert picture.convert("RGB").getpixel((30, 20)) == pytest.approx((200, 60, 40), abs=5), (
                    film.name,
                    name,
                )


def test_a_fault_in_the_middle_costs_frames_and_not_the_clip(made, tmp_path):
    """A packet that cannot be decoded is left out, as players do: the clip has a preview, a last frame and a film."""
    data = bytearray(made("jpegs.avi").read_bytes())
    start = data.index(b"00dc", len(data) // 2) + 8
    data[start : start + 300] = bytes(300)
    path = tmp_path / "fault.avi"
    path.write_bytes(data)
    clip = take_in(path, tmp_path)
    assert clip.preview
    clips.last_frame(tmp_path / clip.file, tmp_path / "last.png")
    render_side_by_side([Shot(tmp_path / clip.file)], tmp_path / "film.mp4")
    assert measure.probe(tmp_path / "film.mp4").seconds == pytest.approx(1.0, abs=0.1)


def test_a_clip_of_which_nothing_can_be_decoded_has_no_preview(made, tmp_path):
    facts = measure.probe(made("hevc.mp4"))
    data = bytearray(made("hevc.mp4").read_bytes())
    box = data.index(b"mdat") + 4
    data[box : box + 2000] = bytes(min(2000, len(data) - box))
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        convert.make_preview(path, facts, tmp_path / "b")


def test_a_film_of_many_hours_is_refused_in_words(tmp_path, made, monkeypatch):
    monkeypatch.setattr("dailies.compare.film.LONGEST", 0.5)
    with pytest.raises(MediaError, match=r"would last 0\.0 hours; the limit is 1"):
        render_side_by_side([Shot(made("plain.mp4"))], tmp_path / "film.mp4")
