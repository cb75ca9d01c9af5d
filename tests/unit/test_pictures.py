"""Pictures as phones, cameras and programs give them: shades, colours, frames, what is hidden, what is named."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from dailies import formats
from dailies.domain import MediaLimits
from dailies.errors import MediaError
from dailies.formats import detect
from dailies.media.fixes import fix_for
from dailies.media.pictures import Way, thumbnail
from dailies.media.references import Media, read
from dailies.media.tiff import named_parts

SRGB = ImageCms.createProfile("sRGB")


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


def fixed(held: Media, limits: MediaLimits, way: Way = Way.MIDDLE) -> tuple[Image.Image, tuple[str, ...]]:
    fix = fix_for(held.reference, limits, way)
    assert fix is not None
    made = fix.apply(held.data)
    return opened(made.data), made.done


def ramp() -> np.ndarray:
    """Shades from black to white, left to right."""
    return np.tile(np.linspace(0.0, 1.0, 300), (100, 1))


# --- shades ------------------------------------------------------------------------------------------------------


def with_outliers(shades: np.ndarray) -> np.ndarray:
    made = shades.astype(np.float32)
    made[0, :5] = 40_000, -0.02, np.nan, np.inf, -np.inf
    return made


def grey_tiff(bits: int, samples: int, photometric: int, data: bytes) -> bytes:
    """A TIFF of 300 × 100 grey pixels. `samples`: 1 unsigned, 2 signed, 3 float; `photometric`: 0 white is zero."""
    tags = ((256, 300), (257, 100), (258, bits), (259, 1), (262, photometric), (273, 134), (277, 1), (278, 100))
    tags += ((279, len(data)), (339, samples))
    rows = b"".join(struct.pack("<HHII", tag, 4 if tag in (273, 279) else 3, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4) + data


DEEP: dict[str, Callable[[], bytes]] = {
    "16-bit PNG": lambda: written(Image.fromarray((ramp() * 65535).astype(np.uint16)), "PNG"),
    "16-bit TIFF": lambda: written(Image.fromarray((ramp() * 65535).astype(np.uint16)), "TIFF"),
    "32-bit TIFF": lambda: written(Image.fromarray((ramp() * 65535).astype(np.int32)), "TIFF"),
    "float TIFF, 0 to 1": lambda: written(Image.fromarray(ramp().astype(np.float32)), "TIFF"),
    "float TIFF, 0 to 255": lambda: written(Image.fromarray((ramp() * 255).astype(np.float32)), "TIFF"),
    "float TIFF, -3 to 8": lambda: written(Image.fromarray((ramp() * 11 - 3).astype(np.float32)), "TIFF"),
    "unsigned 32-bit TIFF": lambda: grey_tiff(32, 1, 1, (ramp() * (2**32 - 1)).astype("<u4").tobytes()),
    "signed 16-bit TIFF": lambda: grey_tiff(16, 2, 1, (ramp() * 32767).astype("<i2").tobytes()),
    "signed 8-bit TIFF": lambda: grey_tiff(8, 2, 1, (ramp() * 127).astype(np.int8).tobytes()),
    "16-bit TIFF with white as zero": lambda: grey_tiff(16, 1, 0, ((1 - ramp()) * 65535).astype("<u2").tobytes()),
    "float TIFF, 0 to 1 with a lamp and holes": lambda: written(Image.fromarray(with_outliers(ramp())), "TIFF"),
    "float TIFF, 0 to 255 with a lamp and holes": lambda: written(Image.fromarray(with_outliers(ramp() * 255)), "TIFF"),
    "8-bit PNG": lambda: written(Image.fromarray((ramp() * 255).astype(np.uint8)), "PNG"),
}
FIXES = {
    "shrink": (MediaLimits(max_side=150), Way.MIDDLE),
    "convert": (MediaLimits(types=("image/jpeg",)), Way.MIDDLE),
    "convert to WebP": (MediaLimits(types=("image/webp",)), Way.MIDDLE),
    "pad": (MediaLimits(max_ratio=1.5), Way.PAD),
}


@pytest.mark.parametrize("tail", [b"", b"SECRET"])
@pytest.mark.parametrize("name", DEEP)
def test_shades_are_kept_in_the_thumbnail_and_in_every_fix(name, tail):
    """Also in a picture that is drawn anew, because something is taken out of it."""
    held = read("a.png", DEEP[name]() + tail)
    assert b"SECRET" not in held.data
    views = [opened(thumbnail(held.data, 300))]
    views += [fixed(held, *FIXES[fix])[0] for fix in FIXES if fix_for(held.reference, *FIXES[fix])]
    assert len(views) > 2
    for view in views:
        light = view.convert("L")
        for share in (0.1, 0.5, 0.9):
            level = light.getpixel((int(light.width * share), light.height // 2))
            assert level == pytest.approx(255 * share, abs=9)


# --- colours -----------------------------------------------------------------------------------------------------


def adobe_rgb() -> bytes:
    """A profile with the primaries and the gamma of Adobe RGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    places = {bytes(profile[row : row + 4]): row for row in range(132, 132 + 12 * count, 12)}
    red, green, blue = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)
    for name, numbers in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)):
        (start,) = struct.unpack_from(">I", profile, places[name] + 4)
        struct.pack_into(">3i", profile, start + 8, *(round(number * 65536) for number in numbers))
    return bytes(profile)


def colour(picture: Image.Image) -> tuple[int, ...]:
    """The middle of a picture in sRGB, as its own profile means it."""
    icc = picture.info.get("icc_profile")
    if icc:
        assert icc[16:20].strip() == {"RGB": b"RGB", "RGBA": b"RGB", "L": b"GRAY", "CMYK": b"CMYK"}[picture.mode]
        picture = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(icc)), SRGB, outputMode="RGB")
    found = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("fix", FIXES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_wide_profile_keeps_its_colours(kind, fix):
    data = written(Image.new("RGB", (300, 100), (120, 200, 90)), kind, icc_profile=adobe_rgb())
    held = read("a.jpg", data)
    meant = colour(opened(data))
    assert meant != (120, 200, 90), "without a difference this would prove nothing"
    assert colour(opened(thumbnail(held.data))) == pytest.approx(meant, abs=3)
    if fix_for(held.reference, *FIXES[fix]):
        assert colour(fixed(held, *FIXES[fix])[0]) == pytest.approx(meant, abs=4)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("target", ["image/png", "image/webp"])
def test_inks_become_sRGB_and_leave_no_profile_of_inks(kind, target):  # noqa: N802
    inks = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    inks[16:20] = b"CMYK"  # broken as a profile: the colours are those of Pillow's own rule
    picture = Image.new("CMYK", (300, 100), (200, 40, 10, 20))
    held = read("a.jpg", written(picture, kind, icc_profile=bytes(inks)))
    made, _ = fixed(held, MediaLimits(types=(target,)))
    assert made.mode == "RGB"
    assert made.info.get("icc_profile", b"")[16:20] != b"CMYK"
    assert colour(made) == pytest.approx(picture.convert("RGB").getpixel((1, 1)), abs=4)


def grey_profile(gamma: float) -> bytes:
    """A profile of greys with another gamma than usual."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    curve = b"curv" + bytes(4) + struct.pack(">IHH", 1, round(gamma * 256), 0)
    notes = b"text" + bytes(4) + b"none" + bytes(4)
    table, body = struct.pack(">I", 3), b""
    for name, tag in ((b"wtpt", white), (b"kTRC", curve), (b"cprt", notes)):
        table += name + struct.pack(">II", 168 + len(body), len(tag))
        body += tag
    head = struct.pack(">I4x4B", 168 + len(body), 2, 0x40, 0, 0) + b"mntrGRAYXYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + white[8:]).ljust(128, b"\0") + table + body


def test_greys_with_transparency_keep_their_own_gamma():
    meant = colour(opened(written(Image.new("L", (9, 9), 100), "PNG", icc_profile=grey_profile(1.0))))
    assert meant[0] > 160
    held = read("a.png", written(Image.new("LA", (300, 100), (100, 255)), "PNG", icc_profile=grey_profile(1.0)))
    for view in (opened(thumbnail(held.data)), fixed(held, *FIXES["shrink"])[0], fixed(held, *FIXES["convert"])[0]):
        assert colour(view) == pytest.approx(meant, abs=4)


@pytest.mark.parametrize("broken", ["cut", "empty", "other pixels"])
def test_a_profile_that_says_nothing_is_not_passed_on(broken):
    whole = ImageCms.ImageCmsProfile(SRGB).tobytes()
    icc = {"cut": whole[:60], "empty": whole[:128] + bytes(4), "other pixels": grey_profile(1.0)}[broken]
    held = read("a.jpg", written(Image.new("RGB", (300, 100), (120, 200, 90)), "JPEG", icc_profile=icc))
    for view in (opened(thumbnail(held.data)), *(fixed(held, *FIXES[fix])[0] for fix in ("shrink", "convert to WebP"))):
        assert "icc_profile" not in view.info
        assert colour(view) == pytest.approx((120, 200, 90), abs=4)


# --- frames ------------------------------------------------------------------------------------------------------


def moving(kind: str, **options: Any) -> bytes:
    frames = [Image.new("RGB", (64, 48), (80 * number, 0, 200)) for number in range(3)]
    return written(frames[0], kind, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO", "TIFF", "AVIF"])
def test_only_the_first_frame_is_sent_and_this_is_said(kind):
    held = read("a.gif", moving(kind))
    assert "only the first of 3 frames is sent" in held.reference.done
    picture = opened(held.data)
    assert getattr(picture, "n_frames", 1) == 1
    red, _, blue = picture.convert("RGB").getpixel((30, 20))  # type: ignore[misc]
    assert red < 12 and blue > 180


def test_a_lossless_animation_stays_lossless():
    held = read("a.webp", moving("WEBP", lossless=True))
    assert opened(held.data).convert("RGB").getpixel((30, 20)) == (0, 0, 200)


def test_the_frames_of_a_PNG_are_counted_and_not_believed():  # noqa: N802
    control = chunk(b"fcTL", struct.pack(">5I2H2B", 0, 64, 48, 0, 0, 1, 10, 0, 0))
    for said, frames, line in (
        (0, 0, ()),
        (2**32 - 1, 1, ()),
        (9, 2, ("only the first of 2 frames is sent",)),
    ):
        data = png(chunk(b"acTL", struct.pack(">II", said, 0)), *[control] * frames)
        assert read("a.png", data).reference.done == line
    apart = moving("PNG", default_image=True)
    assert read("a.png", apart).reference.done == ("only the first of 3 frames is sent",)


@pytest.mark.parametrize(
    ("kind", "notes", "done"),
    [
        (0x010001, b"", "thumbnail removed"),
        (0, b"http://ns.adobe.com/xap/1.0/\0 hdrgm:Version='1.0'", "XMP notes and HDR gain map removed"),
        (0x020002, b"", "only the first of 2 frames is sent"),
    ],
)
def test_a_thumbnail_or_gain_map_in_a_JPEG_is_no_frame(kind, notes, done):  # noqa: N802
    picture = Image.new("RGB", (64, 48), "red")
    data = written(picture, "MPO", save_all=True, append_images=[picture])
    second = data.index(b"MPF\0") + 4 + 50 + 16  # the list of pictures stands behind a directory of three rows
    data = data[:second] + struct.pack("<I", kind) + data[second + 4 :]
    if notes:
        data = data[:2] + struct.pack(">BBH", 0xFF, 0xE1, len(notes) + 2) + notes + data[2:]
    assert read("a.jpg", data).reference.done == (done,)


# --- what is hidden ----------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes) -> bytes:
    data = written(Image.new("RGB", (64, 48), "red"), "PNG")
    return data[:33] + b"".join(extra) + data[33:]


def jpeg(*segments: tuple[int, bytes], tail: bytes = b"") -> bytes:
    data = written(Image.new("RGB", (64, 48), "red"), "JPEG")
    extra = b"".join(struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments)
    return data[:2] + extra + data[2:] + tail


def webp(*extra: tuple[bytes, bytes]) -> bytes:
    data = written(Image.new("RGB", (64, 48), "red"), "WEBP", exif=Image.Exif())
    body = data[12:] + b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for k, b in extra)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET</x:xmpmeta>'
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isomSECRET" + bytes(100)
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0e\x1c\x02\x5a\0\x06SECRET"


def gap_tiff() -> bytes:
    """A TIFF whose directory has been moved behind bytes that nothing in it names."""
    data = written(Image.new("RGB", (64, 48), "red"), "TIFF") + b"SECRET"
    (first,) = struct.unpack_from("<I", data, 4)
    size = struct.unpack_from("<H", data, first)[0] * 12 + 6
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + data[first : first + size]


HIDDEN: dict[str, tuple[bytes, str]] = {
    "IPTC city": (jpeg((0xED, IPTC)), "captions (IPTC) removed"),
    "JPEG comment": (jpeg((0xFE, b"SECRET")), "comment removed"),
    "JPEG XMP": (jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)), "XMP notes removed"),
    "JPEG extended XMP": (jpeg((0xE1, b"http://ns.adobe.com/xmp/extension/\0SECRET")), "XMP notes removed"),
    "JPEG C2PA": (jpeg((0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumbSECRETc2pa")), "content credentials (C2PA) removed"),
    "JPEG of a program": (jpeg((0xEC, b"DuckySECRET")), "data of programs removed"),
    "motion photo": (jpeg(tail=FILM), "motion-photo film removed"),
    "old motion photo": (jpeg(tail=b"MotionPhoto_DataSECRET" + FILM), "motion-photo film removed"),
    "motion photo in HDR": (jpeg(tail=jpeg() + bytes(200) + FILM), "motion-photo film removed"),
    "JPEG of another program": (jpeg((0xF0, b"SECRET")), "data of programs removed"),
    "JPEG tail": (jpeg(tail=b"SECRET archive"), "data after the picture removed"),
    "author": (png(chunk(b"tEXt", b"Author\0SECRET")), "author removed"),
    "prompt": (png(chunk(b"tEXt", b"parameters\0SECRET cat, masterpiece")), "generator's prompt removed"),
    "workflow": (png(chunk(b"iTXt", b"workflow\0\0\0\0\0SECRET")), "generator's prompt removed"),
    "notes": (png(chunk(b"tEXt", b"Comment\0SECRET")), "text notes removed"),
    "PNG XMP": (png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), "XMP notes removed"),
    "PNG C2PA": (png(chunk(b"caBX", b"SECRET")), "content credentials (C2PA) removed"),
    "PNG with a film": (png() + FILM, "motion-photo film removed"),
    "PNG tail": (png() + b"SECRET", "data after the picture removed"),
    "WebP XMP": (webp((b"XMP ", XMP)), "XMP notes removed"),
    "WebP C2PA": (webp((b"C2PA", b"SECRET")), "content credentials (C2PA) removed"),
    "BMP tail": (written(Image.new("RGB", (64, 48)), "BMP") + b"SECRET", "data after the picture removed"),
    "GIF comment": (written(Image.new("P", (64, 48)), "GIF", comment=b"SECRET"), "comment removed"),
    "TIFF author": (
        written(Image.new("RGB", (64, 48), "red"), "TIFF", artist="SECRET", description="SECRET"),
        "comment and author removed",
    ),
    "TIFF tail": (
        written(Image.new("RGB", (64, 48), "red"), "TIFF", compression="tiff_lzw") + b"SECRET",
        "data after the picture removed",
    ),
    "BigTIFF tail": (
        written(Image.new("L", (64, 48), "red"), "TIFF", big_tiff=True) + FILM,
        "motion-photo film removed",
    ),
    "TIFF with a gap": (gap_tiff(), "data of programs removed"),
    "TIFF notes": (
        written(Image.new("RGB", (64, 48), "red"), "TIFF", tiffinfo={700: XMP, 33723: b"SECRET", 34377: b"SECRET"}),
        "XMP notes, captions (IPTC) and camera data removed",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_hidden_is_not_sent_and_one_line_says_so(name):
    data, line = HIDDEN[name]
    assert b"SECRET" in data
    held = read("a.png", data)
    assert b"SECRET" not in held.data
    assert held.reference.done == (line,)
    assert opened(held.data).size == (64, 48)


@pytest.mark.parametrize("name", ["IPTC city", "motion photo", "prompt", "GIF comment", "WebP XMP"])
def test_pixels_stay_as_they_were(name):
    data, _ = HIDDEN[name]
    assert opened(read("a.png", data).data).convert("RGB").tobytes() == opened(data).convert("RGB").tobytes()


def test_a_large_compressed_text_does_not_stop_a_picture():
    text = zlib.compress(b"x" * 80_000_000)
    data = png(chunk(b"zTXt", b"notes\0\0" + text), chunk(b"iTXt", b"more\0\1\0\0\0" + text))
    with pytest.raises(ValueError, match="too large"):
        opened(data)
    held = read("a.png", data)
    assert held.reference.done == ("text notes removed",)
    assert len(held.data) < 1000


def test_a_phone_photo_stands_upright_and_clean():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCam", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6)})
    picture = Image.new("RGB", (5664, 4248), "navy")
    picture.paste("white", (0, 0, 2832, 2124))
    held = read("IMG_1.jpg", written(picture, "JPEG", exif=exif))
    assert (held.reference.width, held.reference.height) == (4248, 5664)
    assert held.reference.done == ("location and camera data removed", "turned upright")
    assert b"SecretCam" not in held.data
    upright = opened(held.data)
    assert upright.getpixel((4000, 100))[0] > 240  # type: ignore[index]
    assert not upright.getexif()


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("kind", [3, 4])
def test_an_orientation_counts_however_wide_its_number_is(order, kind):
    value = struct.pack(f"{order}{'H' if kind == 3 else 'I'}", 6).ljust(4, b"\0")
    mark = b"MM\0*" if order == ">" else b"II*\0"
    body = b"Exif\0\0" + mark + struct.pack(f"{order}IHHHI", 8, 1, 0x0112, kind, 1) + value + bytes(4)
    held = read("a.jpg", jpeg((0xE1, body)))
    assert (held.reference.width, held.reference.height) == (48, 64)
    assert held.reference.done == ("turned upright",)


def test_a_PNG_without_its_end_is_written_anew():  # noqa: N802
    held = read("a.png", png()[:-12])
    assert held.data.endswith(png()[-12:])
    with pytest.raises(MediaError, match="only a part of a file"):
        read("a.png", written(Image.effect_noise((64, 48), 80), "PNG")[:-400])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_JPEG_with_all_its_pixels_needs_no_end_mark(mode, options):  # noqa: N802
    data = written(Image.effect_noise((160, 96), 80).convert(mode), "JPEG", **options)
    for cut in (1, 2):
        held = read("a.jpg", data[:-cut])
        assert (held.data, held.reference.done) == (read("a.jpg", data).data, ())
    last_scan = data.rindex(b"\xff\xda")
    for end in (len(data) - 6, len(data) // 2, last_scan + 3, last_scan):
        with pytest.raises(MediaError, match=r"a\.jpg is only a part of a file"):
            read("a.jpg", data[:end])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_part_of_a_picture_is_called_that(kind, share):
    data = written(Image.effect_noise((160, 96), 80).convert("RGB"), kind)
    with pytest.raises(MediaError, match=r"a\.jpg is only a part of a file"):
        read("a.jpg", data[: int(len(data) * share)])


def test_an_orientation_in_XMP_counts():  # noqa: N802
    body = b"http://ns.adobe.com/xap/1.0/\0<rdf:Description tiff:Orientation='6'/>"
    held = read("a.jpg", jpeg((0xE1, body)))
    assert (held.reference.width, held.reference.height) == (48, 64)


def test_a_TIFF_that_names_itself_without_end_is_not_followed_without_end():  # noqa: N802
    rows = struct.pack("<HHII", 273, 4, 400_000, 8) * 600
    data = b"II*\0" + struct.pack("<IH", 8, 600) + rows + bytes(4) + bytes(1_700_000)
    with pytest.raises(struct.error):
        list(named_parts(data))
    with pytest.raises(MediaError, match=r"a\.tif is "):
        read("a.tif", data)


# --- lossless and transparent ------------------------------------------------------------------------------------


def test_a_lossless_WebP_stays_lossless_or_it_is_said():  # noqa: N802
    picture = Image.effect_noise((300, 100), 80).convert("RGB")
    held = read("a.webp", written(picture, "WEBP", lossless=True))
    cut, done = fixed(held, MediaLimits(max_ratio=1.0))
    assert cut.tobytes() == picture.crop((100, 0, 200, 100)).tobytes()
    assert done == ("cropped to 100×100",)
    _, done = fixed(held, MediaLimits(types=("image/jpeg",)))
    assert done == ("converted to JPEG", "compressed with loss")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_that_becomes_white_is_said(mode):
    picture = Image.new("RGBA", (300, 100), (255, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    held = read("a.png", written(picture, "PNG", **options))
    made, done = fixed(held, MediaLimits(types=("image/jpeg",)))
    assert made.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    assert "transparent parts became white" in done


# --- what a format cannot hold -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 20000), (20000, 1)])
def test_a_line_of_pixels_fits_or_is_shrunk(size):
    held = read("a.png", written(Image.new("RGB", size), "PNG"))
    made, done = fixed(held, MediaLimits(types=("image/webp",)))
    assert max(made.size) == 16383
    assert done[0] == f"shrunk to {made.width}×{made.height}"
    made, _ = fixed(held, MediaLimits(min_ratio=0.8, max_ratio=1.5, max_side=300), Way.PAD)
    assert max(made.size) == 300


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg", "group4"])
def test_how_a_TIFF_is_packed_is_no_camera_data(compression):  # noqa: N802
    picture = Image.new("1" if compression == "group4" else "YCbCr", (64, 48))
    assert read("a.tiff", written(picture, "TIFF", compression=compression)).reference.done == ()


def test_a_fax_is_shrunk_without_its_compression():
    held = read("a.tiff", written(Image.new("1", (300, 100)), "TIFF", compression="group4"))
    assert fixed(held, MediaLimits(max_side=150))[0].size == (150, 50)


# --- HEIC and AVIF -----------------------------------------------------------------------------------------------


def heic(picture: Image.Image, **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    return written(picture, "HEIF", **options)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"])
def test_every_brand_of_HEIC_is_taken_and_converted(brand):  # noqa: N802
    data = heic(Image.new("RGB", (128, 96), (200, 30, 40)))
    held = read("IMG_1.HEIC", data.replace(b"ftypheic", b"ftyp" + brand, 1))
    assert (held.reference.media_type, held.reference.width, held.reference.height) == ("image/jpeg", 128, 96)
    assert held.reference.done == ("converted from HEIC to JPEG",)
    assert colour(opened(held.data)) == pytest.approx((200, 30, 40), abs=6)


@pytest.mark.parametrize("others", [b"mif1heicmiaf", b"isommp42mp41", b"heicisomqt  ", b"iso8msf1hevc"])
@pytest.mark.parametrize("brand", [b"heic", b"hevc", b"mif1", b"msf1", b"isom", b"mp42", b"qt  ", b"MiHE", b"avci"])
def test_a_HEIC_is_a_picture_whatever_brands_of_films_it_bears(brand, others):  # noqa: N802
    data = heic(Image.new("RGB", (128, 96), (200, 30, 40)))
    assert data[16:28] == b"mif1heicmiaf"
    held = read("a.heic", data[:8] + brand + data[12:16] + others + data[28:])
    assert held.reference.done == ("converted from HEIC to JPEG",)
    assert colour(opened(held.data)) == pytest.approx((200, 30, 40), abs=6)


@pytest.mark.parametrize("others", [b"avifmif1miafMA1B", b"isommp42mp41iso8", b"mif1isomavifiso8"])
@pytest.mark.parametrize("brand", [b"avif", b"mif1", b"isom", b"mp42", b"MA1B"])
def test_an_AVIF_is_a_picture_whatever_brands_of_films_it_bears(brand, others):  # noqa: N802
    data = written(Image.new("RGB", (128, 96), (200, 30, 40)), "AVIF")
    assert data[16:32] == b"avifmif1miafMA1B"
    held = read("a.avif", data[:8] + brand + data[12:16] + others + data[32:])
    assert held.reference.done == ("converted from AVIF to JPEG",)


def test_a_film_with_a_picture_as_its_cover_is_a_film():
    start = b"\0\0\0\x1cftypisom\0\0\2\0isommif1mp41"
    assert detect(start) is formats.MP4
    cover = heic(Image.new("RGB", (128, 96)))[28:]
    assert detect(start + cover + struct.pack(">I4s", 16, b"moov") + bytes(8)) is formats.MP4
    assert detect(start + cover[:-1]) is formats.MP4, "the beginning of a longer file"


def test_a_HEIC_that_calls_itself_an_AVIF_is_refused_in_words():  # noqa: N802
    data = heic(Image.new("RGB", (128, 96))).replace(b"ftypheic", b"ftypavif", 1)
    with pytest.raises(MediaError, match=r"a\.heic is damaged, or an AVIF picture of a rare kind"):
        read("a.heic", data)


@pytest.mark.parametrize("brand", [b"avif", b"avis"])
def test_AVIF_is_taken_and_converted(brand):  # noqa: N802
    data = written(Image.new("RGB", (128, 96), (200, 30, 40)), "AVIF")
    if brand == b"avis":
        data = moving("AVIF")
        assert data[8:12] == b"avis"
    held = read("a.avif", data)
    assert held.reference.media_type == "image/jpeg"
    assert held.reference.done[-1] == "converted from AVIF to JPEG"


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(
    ("tail", "line"), [(b"SECRET archive", "data after the picture removed"), (FILM, "motion-photo film removed")]
)
def test_what_stands_behind_a_HEIC_or_AVIF_is_not_sent_and_one_line_says_so(kind, tail, line):  # noqa: N802
    held = read("a.heic", written(Image.new("RGB", (128, 96)), kind) + tail)
    assert b"SECRET" not in held.data
    assert held.reference.done[0] == line


def test_a_transparent_AVIF_becomes_a_PNG():  # noqa: N802
    held = read("a.avif", written(Image.new("RGBA", (128, 96), (200, 30, 40, 100)), "AVIF"))
    assert held.reference.media_type == "image/png"
    assert opened(held.data).mode == "RGBA"


def test_place_and_camera_leave_a_HEIC_and_it_stands_upright():  # noqa: N802
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCam", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6)})
    held = read("a.heic", heic(Image.new("RGB", (128, 96), "red"), exif=exif.tobytes()))
    assert b"SecretCam" not in held.data
    assert held.reference.done[0] == "location and camera data removed"
    assert sorted(opened(held.data).size) == [96, 128]
    assert not opened(held.data).getexif()


# --- named -------------------------------------------------------------------------------------------------------


def tiff(*tags: tuple[int, int, int, int]) -> bytes:
    rows = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4) + b"NIKON CORPORATION\0" + bytes(100)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by x -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg/>',
            "an SVG drawing",
        ),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "an EPS drawing"),
        (b"\xc5\xd0\xd3\xc6" + bytes(28), "an EPS drawing"),
        (b"%!PS-Adobe-3.0\n%%Pages: 1\n", "a PostScript document"),
        (b"\xd7\xcd\xc6\x9a" + bytes(40), "a WMF drawing"),
        (b"\x01\0\x09\0\0\x03" + bytes(40), "a WMF drawing"),
        (b"\x01\0\0\0" + bytes(36) + b" EMF" + bytes(40), "an EMF drawing"),
        (b"\xff\x0a\xfa\x1f" + bytes(20), "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), "a JPEG 2000 picture"),
        (b"\xff\x4f\xff\x51" + bytes(20), "a JPEG 2000 picture"),
        (b"8BPS\0\x01" + bytes(20), "a Photoshop picture (PSD)"),
        (b"\0\0\x01\0\x01\0" + bytes(20), "an icon (ICO)"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(20), "a raw camera picture"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01" + bytes(20), "a raw camera picture"),
        (tiff((50706, 1, 4, 0x401)), "a raw camera picture"),
        (tiff((271, 2, 18, 8 + 2 + 24 + 4), (330, 4, 1, 0)), "a raw camera picture"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(20), "a raw camera picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document, not a picture, video or sound"),
        (b"v/1\x01" + bytes(20), "an OpenEXR picture"),
        (b"\0\0\x02\0\x01\0\x20\x20\0\0\0\0\0\0\x30\1\0\0\x16\0\0\0" + bytes(40), "a cursor (CUR)"),
        *((written(Image.new(mode, (30, 20)), "TGA"), "a TGA picture") for mode in ("L", "RGB", "RGBA")),
        (written(Image.new("RGB", (30, 20)).quantize(4), "TGA"), "a TGA picture"),
        (written(Image.new("RGB", (30, 20)), "TGA", compression="tga_rle"), "a TGA picture"),
        (written(Image.new("RGB", (30, 20)), "PCX"), "a PCX picture"),
        (written(Image.new("RGB", (30, 20)), "SGI"), "an SGI picture"),
        (b"RIFF\x64\0\0\0ACONanih" + bytes(20), "an animated cursor (ANI)"),
        (b"FORM\0\0\0\x20ILBMBMHD" + bytes(20), "an IFF picture (ILBM)"),
        (b"PF\n2 2\n-1.0\n" + bytes(48), "a PNM picture"),
        (b"#?RGBE\nFORMAT=32-bit_rle_rgbe\n", "an HDR picture"),
        (b"SIMPLE  =                    T", "a FITS picture"),
        (bytes(128) + b"DICM" + bytes(20), "a DICOM picture"),
        (tiff((262, 3, 1, 32803)), "a raw camera picture"),
        (b"qoif" + bytes(20), "a QOI picture"),
    ],
)
def test_other_pictures_are_named_for_what_they_are(data, title):
    with pytest.raises(MediaError) as caught:
        read("a.png", data)
    assert (caught.value.what, caught.value.fix) == (f"a.png is {title}", "Convert it to PNG or JPEG.")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is a web page, not a picture, video or sound"),
        (b"#EXTM3U\n#EXTINF:4,\n1.ts\n", "is an HLS playlist, not a picture, video or sound"),
        (b"<title>404</title>Not found", "is a web page, not a picture, video or sound"),
        (b'{"error": {"message": "no"}}', "is text, not a picture, video or sound"),
        (b"PK\x05\x06" + bytes(18), "is a ZIP archive, not a picture, video or sound"),
        (b"BZh91AY&SY" + bytes(20), "is a compressed file (bzip2), not a picture, video or sound"),
        (b"a.png".ljust(257, b"\0") + b"ustar\x0000", "is a TAR archive, not a picture, video or sound"),
        (b"\xff", "is not a picture, video or sound that can be read"),
        (bytes(5000), "is not a picture, video or sound that can be read"),
        (b"PK\x03\x04" + bytes(20), "is a ZIP archive, not a picture, video or sound"),
        (b"", "is empty"),
        (b"\x80\x81\x82\x83", "is not a picture, video or sound that can be read"),
    ],
)
def test_what_is_no_media_is_one_sentence(data, what):
    with pytest.raises(MediaError) as caught:
        read("a.png", data)
    assert caught.value.what == f"a.png {what}"
    assert caught.value.fix.count(".") == 1


def test_only_the_decoder_of_the_format_is_asked(monkeypatch):
    asked: list[Any] = []
    real = Image.open

    def spy(*args: Any, **kwargs: Any) -> Image.Image:
        asked.append(kwargs.get("formats"))
        return real(*args, **kwargs)

    monkeypatch.setattr(Image, "open", spy)
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"):
        held = read("a.png", written(Image.new("RGB", (300, 100)), kind))
        thumbnail(held.data)
        fixed_limits = MediaLimits(max_side=100)
        fix = fix_for(held.reference, fixed_limits)
        assert fix is not None
        fix.apply(held.data)
    assert None not in asked
    assert all(len(each) == 1 for each in asked)


# --- the shape ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "size", "left", "right"),
    [
        (Way.START, (100, 100), 0, 84),
        (Way.MIDDLE, (100, 100), 85, 169),
        (Way.END, (100, 100), 170, 255),
        (Way.PAD, (300, 300), 0, 255),
    ],
)
def test_a_person_chooses_which_part_is_kept(way, size, left, right):
    held = read("a.png", written(Image.fromarray((ramp() * 255).astype(np.uint8)), "PNG"))
    fix = fix_for(held.reference, MediaLimits(max_ratio=1.0), way)
    assert fix is not None
    assert fix.title == ("Pad" if way is Way.PAD else "Crop")
    assert fix.ways == tuple(Way)
    made = opened(fix.apply(held.data).data)
    middle = made.height // 2
    assert made.size == size
    assert (made.getpixel((0, middle)), made.getpixel((made.width - 1, middle))) == pytest.approx((left, right), abs=2)
    if way is Way.PAD:
        assert made.getpixel((150, 5)) == 0


def test_text_chunks_of_ours_are_whole():
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", "SECRET")
    data = written(Image.new("RGB", (64, 48)), "PNG", pnginfo=info)
    assert read("a.png", data).reference.done == ("generator's prompt removed",)
    assert detect(data) is not None


def test_a_thumbnail_dims_what_a_cut_to_a_ratio_loses() -> None:
    out = io.BytesIO()
    Image.new("RGB", (320, 320), (200, 100, 50)).save(out, "PNG")
    with Image.open(io.BytesIO(thumbnail(out.getvalue(), ratio=16 / 9))) as shown:
        middle, top, left = (shown.getpixel(at) for at in ((160, 160), (160, 20), (20, 160)))
    assert middle == left == (200, 100, 50)
    assert max(top) < 80
