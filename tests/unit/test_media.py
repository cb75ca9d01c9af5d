"""References as bytes: what is taken in, what is taken out of it, and whether a fix really fixes."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageCms

from dailies import formats
from dailies.catalog.load import load
from dailies.domain import MediaLimits, Reference, Slot
from dailies.errors import MediaError
from dailies.formats import detect
from dailies.media import pictures
from dailies.media.fixes import fix_for
from dailies.media.pictures import thumbnail
from dailies.media.references import link, read, renamed
from dailies.request.draft import check_limits
from dailies.vocabulary import MediaKind

GPS = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)}


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    return written(Image.new(mode, (width, height)), kind)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that no format can make small."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(width * height * bands))


def shot(orientation: int = 1) -> Image.Exif:
    """What a telephone writes into a photograph: its make, the moment, the place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0132] = "SecretCam", orientation, "2026:01:01 08:00:00"
    exif.get_ifd(0x8825).update(GPS)
    return exif


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


# --- what is no picture ------------------------------------------------------------------------------------------


def test_a_text_called_png_is_no_picture() -> None:
    with pytest.raises(MediaError) as caught:
        read("holiday.png", b"Dear diary, this is not a picture.")
    assert caught.value.what == "holiday.png is text, not a picture, video or sound"
    assert caught.value.fix == "Choose a JPEG, PNG, WebP, MP4, MP3 or WAV file."


def test_an_empty_file() -> None:
    with pytest.raises(MediaError) as caught:
        read("a.png", b"")
    assert (caught.value.what, caught.value.fix) == ("a.png is empty", "Choose another file.")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_picture_cut_short_is_damaged(kind: str) -> None:
    data = written(noise(120, 90), kind)
    with pytest.raises(MediaError) as caught:
        read("a.png", data[: len(data) // 2])
    assert caught.value.what.startswith(("a.png is only a part of a file", "a.png is damaged"))
    assert caught.value.fix == "Export it again, or choose another file."


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (20_000, 12_001), (12_000, 10_001)])
def test_a_picture_larger_than_the_guard_is_not_opened(width: int, height: int) -> None:
    with pytest.raises(MediaError) as caught:
        read("big.png", bomb(width, height))
    assert caught.value.what == "big.png is too large a picture to open"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_the_pixel_bound_is_our_own_and_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow itself opens a picture of up to twice its bound and only warns."""
    monkeypatch.setattr(pictures, "MOST_PIXELS", 120)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 120)
    assert read("a.png", plain(12, 10)).reference.width == 12
    with pytest.raises(MediaError, match="too large a picture to open"):
        read("a.png", plain(11, 11))


def test_pillows_own_guard_is_set_for_what_is_opened_later() -> None:
    with pytest.raises(Image.DecompressionBombError):
        thumbnail(bomb(20_000, 12_001))


def test_a_kind_of_picture_that_no_family_knows() -> None:
    with pytest.raises(MediaError) as caught:
        read("a.png", plain(8, 8, "PPM"))
    assert (caught.value.what, caught.value.fix) == ("a.png is a PNM picture", "Convert it to PNG or JPEG.")


# --- what is taken in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
    ],
)  # fmt: skip
def test_a_clean_picture_is_kept_byte_for_byte(kind: str, media_type: str) -> None:
    data = plain(120, 90, kind)
    held = read("named-wrongly.txt", data)
    assert held.data == data
    assert held.reference == Reference(
        "named-wrongly.txt", MediaKind.IMAGE, hashlib.sha256(data).hexdigest(), "", "", media_type, len(data), 120, 90
    )


def test_a_tiff_is_a_tiff() -> None:
    held = read("scan.tif", plain(120, 90, "TIFF"))
    assert (held.reference.media_type, held.reference.width, held.reference.height) == ("image/tiff", 120, 90)
    assert held.reference.done == ()  # there was nothing to remove


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_place_and_camera_are_removed(kind: str) -> None:
    data = written(noise(64, 48), kind, exif=shot())
    assert b"SecretCam" in data
    held = read("a.jpg", data)
    exif = opened(held.data).getexif()
    assert b"SecretCam" not in held.data
    assert dict(exif.get_ifd(0x8825)) == {}
    assert b"2026:01:01" not in held.data
    what = "camera data" if kind == "TIFF" else "location and camera data"  # Pillow writes no place into a TIFF
    assert held.reference.done == (f"{what} removed",)
    assert held.reference.digest == hashlib.sha256(held.data).hexdigest()
    assert held.reference.size == len(held.data)


def test_comments_and_xmp_are_removed() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SecretPlace</x:xmpmeta>'
    data = written(noise(64, 48), "JPEG", comment=b"SecretNote", xmp=xmp, exif=shot())
    assert b"SecretPlace" in data and b"SecretNote" in data
    held = read("a.jpg", data)
    assert [word in held.data for word in (b"SecretPlace", b"SecretNote", b"SecretCam")] == [False] * 3


def test_a_comment_alone_is_removed() -> None:
    held = read("a.jpg", written(noise(64, 48), "JPEG", comment=b"SecretNote"))
    assert b"SecretNote" not in held.data
    assert held.reference.done == ("comment removed",)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(kind: str, orientation: int) -> None:
    picture = Image.new("RGB", (80, 40), "black")
    picture.paste("white", (0, 0, 40, 20))  # the corner that is top left in the sensor's own view
    held = read("a.jpg", written(picture, kind, exif=shot(orientation)))
    upright = opened(held.data).convert("L")
    sideways = orientation >= 5
    assert upright.size == ((40, 80) if sideways else (80, 40))
    assert (held.reference.width, held.reference.height) == upright.size
    width, height = upright.size
    left, right, top, bottom = width // 4, 3 * width // 4, height // 4, 3 * height // 4
    clockwise = [(left, top), (right, top), (right, bottom), (left, bottom)]
    bright = [bool(upright.point(lambda level: level > 128).getpixel(corner)) for corner in clockwise]
    where = {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    assert bright == [number == where for number in range(4)]
    assert opened(held.data).getexif().get(0x0112, 1) == 1
    assert ("turned upright" in held.reference.done) == (orientation != 1)


def test_colours_survive_cleaning() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    held = read("a.jpg", written(noise(64, 48), "JPEG", exif=shot(), icc_profile=profile))
    assert opened(held.data).info["icc_profile"] == profile


def test_a_photograph_of_several_frames_is_a_jpeg() -> None:
    """Telephones append a gain map or a second view to their JPEG files."""
    data = written(noise(64, 48), "MPO", save_all=True, append_images=[noise(32, 24)])
    held = read("a.jpg", data)
    assert (held.reference.media_type, held.reference.width, held.reference.height) == ("image/jpeg", 64, 48)
    assert opened(held.data).format == "JPEG"
    assert held.reference.done == ("only the first of 2 frames is sent",)


# --- videos and sounds -------------------------------------------------------------------------------------------


def film(path: Path, codec: str = "libx264") -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(4):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([128]) * plane.buffer_size)
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def sound(path: Path, codec: str, layout: str = "mono") -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44100, layout=layout)
        form = stream.codec_context.format.name
        for index in range(8):
            frame = av.AudioFrame(form, layout, 1024)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts = 44100, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("suffix", "codec", "kind", "media_type"),
    [
        ("mp4", "libx264", MediaKind.VIDEO, "video/mp4"),
        ("mov", "libx264", MediaKind.VIDEO, "video/quicktime"),
        ("avi", "mpeg4", MediaKind.VIDEO, "video/x-msvideo"),
        ("webm", "libvpx", MediaKind.VIDEO, "video/webm"),
        ("mp3", "libmp3lame", MediaKind.AUDIO, "audio/mpeg"),
        ("wav", "pcm_s16le", MediaKind.AUDIO, "audio/wav"),
        ("m4a", "aac", MediaKind.AUDIO, "audio/mp4"),
        ("aac", "aac", MediaKind.AUDIO, "audio/aac"),
        ("flac", "flac", MediaKind.AUDIO, "audio/flac"),
    ],
)
def test_videos_and_sounds_are_known_by_their_bytes(
    tmp_path: Path, suffix: str, codec: str, kind: MediaKind, media_type: str
) -> None:
    make = film if kind is MediaKind.VIDEO else sound
    data = make(tmp_path / f"a.{suffix}", codec)
    held = read("called.png", data)
    assert held.data == data
    assert held.reference == Reference(
        "called.png", kind, hashlib.sha256(data).hexdigest(), "", "", media_type, len(data)
    )  # fmt: skip


def test_an_mp3_without_a_tag_is_known_too(tmp_path: Path) -> None:
    data = sound(tmp_path / "a.mp3", "libmp3lame")
    bare = data[data.index(b"\xff\xfb") :]
    assert detect(bare) is formats.MP3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_pictures_are_not_taken_for_sounds(kind: str) -> None:
    known = detect(plain(8, 8, kind))
    assert known is not None and known.kind is MediaKind.IMAGE


# --- fixes -------------------------------------------------------------------------------------------------------


def fixed(data: bytes, limits: MediaLimits) -> tuple[str, Reference]:
    """The title of the fix for a picture, and the picture after it."""
    before = read("a.png", data)
    fix = fix_for(before.reference, limits)
    assert fix is not None
    return fix.title, read("a.png", fix.apply(before.data).data).reference


def inside(reference: Reference, limits: MediaLimits) -> bool:
    return list(check_limits(Slot("first_frame", (), 1, 1, limits), reference)) == []


WIDE = MediaLimits(types=("image/png", "image/jpeg"), min_ratio=0.4, max_ratio=2.5)


def test_a_picture_inside_its_limits_needs_no_fix() -> None:
    reference = read("a.png", plain(1280, 720)).reference
    assert fix_for(reference, WIDE) is None
    assert fix_for(reference, MediaLimits()) is None


def test_an_upload_of_exactly_the_most_bytes_needs_no_fix_and_one_byte_more_does() -> None:
    reference = read("a.png", plain(64, 64)).reference
    assert fix_for(reference, MediaLimits(max_bytes=reference.size)) is None
    fix = fix_for(reference, MediaLimits(max_bytes=reference.size - 1))
    assert fix is not None
    assert fix.title == "Shrink"


def test_links_and_films_have_no_fix(tmp_path: Path) -> None:
    limits = MediaLimits(types=("image/png",), max_bytes=1)
    assert fix_for(link("https://example.com/a.gif", MediaKind.IMAGE), limits) is None
    assert fix_for(read("a.mp4", film(tmp_path / "a.mp4")).reference, limits) is None


@pytest.mark.parametrize(
    ("width", "height"),
    [(2000, 300), (300, 2000), (997, 13), (13, 997), (1001, 400), (399, 1000), (5000, 2), (2, 5000)],
)
def test_a_crop_ends_inside_the_ratio_and_loses_no_more_than_it_must(width: int, height: int) -> None:
    title, after = fixed(plain(width, height), WIDE)
    assert title == "Crop"
    assert inside(after, WIDE)
    assert after.width is not None and after.height is not None
    assert min(after.width, after.height) == min(width, height)
    bound = 2.5 if width > height else 0.4
    long = max(after.width, after.height)
    grown = (long + 1) / min(width, height) if width > height else min(width, height) / (long + 1)
    assert (grown > bound) if width > height else (grown < bound)  # one pixel more would be outside


def cropped(data: bytes, ratio: float) -> bytes:
    """A picture after the fix for limits of exactly one shape."""
    fix = fix_for(read("a.png", data).reference, MediaLimits(min_ratio=ratio, max_ratio=ratio))
    assert fix is not None and fix.title == "Crop"
    return fix.apply(data).data


@pytest.mark.parametrize("ratio", [0.4, 2.5, 0.5625, 16 / 9, 1.0, 0.1, 10.0])
@pytest.mark.parametrize(
    ("width", "height"), [(1281, 719), (719, 1281), (333, 1000), (1000, 333), (7, 3000), (3000, 7)]
)
def test_a_crop_to_a_shape_is_that_shape_to_a_pixel(width: int, height: int, ratio: float) -> None:
    cut = opened(cropped(plain(width, height), ratio))
    assert cut.width in (width, max(1, int(height * ratio)))
    assert cut.height in (height, max(1, int(width / ratio)))
    assert cut.width == width or cut.height == height


def test_a_crop_keeps_the_middle() -> None:
    picture = Image.new("L", (300, 100), 0)
    picture.paste(255, (100, 0, 200, 100))
    assert opened(cropped(written(picture, "PNG"), 1.0)).getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("kind", "mode", "types", "becomes"),
    [
        ("GIF", "P", ("image/png", "image/jpeg"), "image/png"),
        ("GIF", "P", ("image/jpeg", "image/webp"), "image/jpeg"),
        ("PNG", "RGBA", ("image/jpeg",), "image/jpeg"),
        ("PNG", "LA", ("image/jpeg",), "image/jpeg"),
        ("PNG", "P", ("image/webp",), "image/webp"),
        ("PNG", "I;16", ("image/jpeg",), "image/jpeg"),
        ("BMP", "RGB", ("image/jpeg", "image/png"), "image/png"),
        ("TIFF", "CMYK", ("image/png",), "image/png"),
        ("JPEG", "CMYK", ("image/png", "image/webp"), "image/png"),
        ("JPEG", "CMYK", ("image/webp",), "image/webp"),
        ("WEBP", "RGB", ("image/jpeg", "image/png"), "image/png"),
    ],
)
def test_a_conversion_gives_a_type_that_is_taken(kind: str, mode: str, types: tuple[str, ...], becomes: str) -> None:
    limits = MediaLimits(types=types)
    title, after = fixed(plain(64, 48, kind, mode), limits)
    assert (title, after.media_type, after.width, after.height) == ("Convert", becomes, 64, 48)


def test_what_was_transparent_becomes_white_where_there_is_no_transparency() -> None:
    clear = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    before = read("a.png", written(clear, "PNG"))
    fix = fix_for(before.reference, MediaLimits(types=("image/jpeg",)))
    assert fix is not None
    assert opened(fix.apply(before.data).data).getpixel((30, 20)) == (255, 255, 255)


def test_a_shrink_ends_inside_the_side() -> None:
    limits = MediaLimits(max_side=500)
    title, after = fixed(plain(2000, 1000), limits)
    assert (title, after.width, after.height) == ("Shrink", 500, 250)


@pytest.mark.parametrize(
    ("kind", "limit"), [("PNG", 400_000), ("PNG", 20_000), ("JPEG", 100_000), ("JPEG", 20_000), ("BMP", 60_000)]
)
def test_a_shrink_ends_inside_the_weight(kind: str, limit: int) -> None:
    limits = MediaLimits(max_bytes=limit)
    title, after = fixed(written(noise(600, 400), kind), limits)
    assert title == "Shrink"
    assert after.size <= limit
    assert after.width is not None and after.height is not None
    assert after.width / after.height == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize(("width", "height"), [(1253, 100), (100, 1253), (999, 398), (398, 999)])
@pytest.mark.parametrize("max_side", [None, 301, 503])
@pytest.mark.parametrize("max_bytes", [None, 30_000])
def test_everything_at_once_ends_inside_everything(
    width: int, height: int, max_side: int | None, max_bytes: int | None
) -> None:
    limits = replace(WIDE, types=("image/png",), max_side=max_side, max_bytes=max_bytes)
    picture = noise(width, height, "L")
    before = read("a.png", written(picture, "BMP"))
    fix = fix_for(before.reference, limits)
    assert fix is not None
    after = read("a.png", fix.apply(before.data).data).reference
    assert inside(after, limits), after


def real_limits() -> list[MediaLimits]:
    """The different limits on pictures that the catalog holds."""
    slots = [slot for cell in load().cells() for slot in cell.slots if slot.kind is MediaKind.IMAGE]
    return list(dict.fromkeys(replace(slot.limits, origin=None) for slot in slots))


@pytest.mark.parametrize("limits", real_limits())
def test_a_fix_for_every_real_limit_ends_inside_it(limits: MediaLimits) -> None:
    for data in (plain(8000, 1000, "BMP", "L"), plain(900, 6500, "GIF", "L")):
        before = read("a.png", data)
        fix = fix_for(before.reference, limits)
        after = read("a.png", fix.apply(before.data).data).reference if fix else before.reference
        assert inside(after, limits), after


def test_no_fix_is_offered_for_a_picture_that_is_too_small() -> None:
    limits = MediaLimits(min_side=300, max_ratio=2.5)
    reference = read("a.png", plain(200, 150)).reference
    assert fix_for(reference, limits) is None


@pytest.mark.parametrize(("width", "height"), [(6000, 200), (200, 6000), (9000, 299)])
def test_no_fix_is_offered_that_would_not_help(width: int, height: int) -> None:
    """A side that is too short cannot be mended by cropping or shrinking."""
    limits = MediaLimits(min_side=300, max_side=6000)
    reference = Reference("a.png", MediaKind.IMAGE, "00" * 32, "", "", "image/png", 1, width, height)
    assert fix_for(reference, limits) is None


@pytest.mark.parametrize(("width", "height"), [(7000, 310), (310, 7000), (6001, 300), (300, 6001)])
def test_a_long_side_is_cropped_where_shrinking_would_make_the_other_too_short(width: int, height: int) -> None:
    limits = MediaLimits(min_side=300, max_side=6000)
    title, after = fixed(plain(width, height, mode="L"), limits)
    assert title == "Crop and shrink"
    assert inside(after, limits), after
    assert sorted((after.width or 0, after.height or 0)) == [300, 6000]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_thumbnail_of_any_picture(mode: str) -> None:
    assert opened(thumbnail(plain(64, 32, "PNG", mode), 32)).size == (32, 16)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken TIFF tags
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_broken_bytes_are_a_media_error_or_a_picture_and_nothing_else(kind: str) -> None:
    whole, dice = written(noise(24, 16), kind), random.Random(11)
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        try:
            held = read("a.png", bytes(data))
            thumbnail(held.data) if held.reference.kind is MediaKind.IMAGE else None
        except MediaError:
            refused += 1
    assert refused


def test_a_thumbnail_is_a_small_png() -> None:
    small = opened(thumbnail(plain(2000, 1000, "JPEG")))
    assert (small.format, small.size) == ("PNG", (320, 160))
    assert opened(thumbnail(plain(100, 50, "JPEG", "CMYK"), 50)).size == (50, 25)


# --- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "name", "url"),
    [
        ("https://example.com/a/boat.png?x=1#y", "boat.png", "https://example.com/a/boat.png?x=1#y"),
        ("  https://example.com/boat.png\n", "boat.png", "https://example.com/boat.png"),
        ("http://example.com/", "example.com", "http://example.com/"),
        ("HTTPS://example.com/boat.png", "boat.png", "HTTPS://example.com/boat.png"),
        ("https://example.com:8443/größe.png", "größe.png", "https://example.com:8443/größe.png"),
        ("https://[::1]/a.png", "a.png", "https://[::1]/a.png"),
        ("\ufeff<https://example.com/boat.png>\u200b", "boat.png", "https://example.com/boat.png"),
        ('"https://example.com/boat.png"', "boat.png", "https://example.com/boat.png"),
    ],
)
def test_a_web_address_is_kept_as_it_is(address: str, name: str, url: str) -> None:
    assert link(address, MediaKind.IMAGE) == Reference(name, MediaKind.IMAGE, url=url)


def test_an_asset() -> None:
    expected = Reference("asset://asset-2026.01_a:b", MediaKind.VIDEO, asset="asset-2026.01_a:b")
    assert link(" asset://asset-2026.01_a:b ", MediaKind.VIDEO) == expected


@pytest.mark.parametrize(
    "address",
    [
        "", "   ", "boat.png", "/etc/passwd", "javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AAAA",
        "ftp://example.com/a.png", "https://", "https:///a.png", "https://exa mple.com/a.png",
        "https://example.com/a b.png", "https://example.com/a\tb.png", "https://example.com/a\nb.png", "asset://",
        "asset://a b", "asset://a/b", "//example.com/a.png", "https://[::1", "https://[nonsense]/a.png",
        "https://.", "https://example.com:99999/a.png", "https://example.com:0/a.png",
    ],
)  # fmt: skip
def test_anything_else_is_no_link(address: str) -> None:
    with pytest.raises(MediaError) as caught:
        link(address, MediaKind.IMAGE)
    assert caught.value.what == f"{address.strip() or 'The link'} is not a web address"
    assert caught.value.fix == "Paste a link that begins with https://."


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("boat.heic", "image/jpeg", "boat.jpg"),
        ("boat.png", "image/png", "boat.png"),
        ("boat", "image/webp", "boat.webp"),
        ("a.b.c.gif", "image/tiff", "a.b.c.tiff"),
        ("clip.mov", "video/mp4", "clip.mp4"),
        ("voice.mp4", "audio/mp4", "voice.m4a"),
        ("what", "application/x-unknown", "what"),
        ("v1.2 final", "image/jpeg", "v1.2 final.jpg"),
        ("boat.jpg.png", "image/jpeg", "boat.jpg"),
        (".png", "image/jpeg", "image.jpg"),
    ],
)
def test_a_name_gets_the_suffix_its_bytes_deserve(name: str, media_type: str, expected: str) -> None:
    reference = Reference(name, MediaKind.IMAGE, "00" * 32, media_type=media_type)
    assert renamed(reference) == expected
