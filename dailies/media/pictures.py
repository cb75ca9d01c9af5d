"""Pictures as pixels: opened safely, turned upright, cut, scaled and saved; `colours` keeps how they look (Pillow).

The format is judged before (`dailies.formats`), and only the decoder of that format is asked.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pillow_heif
from PIL import Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin, UnidentifiedImageError

from dailies import formats
from dailies.domain import MediaLimits
from dailies.errors import MediaError
from dailies.formats import Format
from dailies.media import hidden
from dailies.media.colours import by_tags, normal, plain, to_srgb
from dailies.text import join_and

MOST_PIXELS = 120_000_000
"""A picture of 12,000 × 10,000 pixels. Beyond that a small file can fill the memory."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow itself only warns up to twice this
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 1024 * 1024  # colour profiles count as text; texts are taken out before
pillow_heif.register_heif_opener(thumbnails=False)

TAKEN: dict[Format, str] = {
    formats.JPEG: "JPEG",
    formats.PNG: "PNG",
    formats.WEBP: "WEBP",
    formats.GIF: "GIF",
    formats.BMP: "BMP",
    formats.TIFF: "TIFF",
    formats.HEIC: "HEIF",
    formats.AVIF: "AVIF",
}
"""The formats that are taken, with Pillow's names."""

_BRANDS = {formats.HEIC: b"heic", formats.AVIF: b"avif"}

_CONVERTED = (formats.HEIC, formats.AVIF)  # no model takes these
_CONVERTS_TO = (formats.PNG, formats.JPEG, formats.WEBP)
_LOSSY = (formats.JPEG, formats.HEIC, formats.AVIF)
_WRITES = {"JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA"), "BMP": ("L", "RGB"), "GIF": ("L", "RGB", "RGBA")}
_TIFF_LAYOUT = frozenset((254, 255, *range(256, 260), 262, 266, *range(273, 285), 296, 317, *range(320, 326)))
_TIFF_LAYOUT |= {*range(322, 326), 338, 339, 34675}
# What single codecs need to be read.
_TIFF_LAYOUT |= {292, 293, 318, 319, 332, 334, 336, *range(340, 343), 347, *range(512, 522), *range(529, 533)}
_TIFF_NOTES = {270: "comment", 315: "author", 33432: "author", 700: "XMP notes", 33723: "captions (IPTC)"}
_ORIENTATION, _GPS = 0x0112, 0x8825
_PICTURES = 0xB002  # the list of the pictures in a JPEG of several
_GAIN_MAPS = (b"hdrgm:", b"HDRGainMap", b"urn:iso:std:iso:ts:21496")
_LONGEST = {formats.WEBP: 16_383, formats.JPEG: 65_500}  # pixels a side that a format can hold
# What Pillow raises for broken files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
)


class Way(StrEnum):
    """How a picture gets another shape: the part of it that is kept, or bars around the whole of it."""

    MIDDLE = "middle"
    START = "start"  # the top of a tall picture, the left of a wide one
    END = "end"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class Made:
    """A file made of another, and what differs, in words."""

    data: bytes
    done: tuple[str, ...] = ()


@dataclass(slots=True)
class Cleaned:
    """A picture as it is kept: its bytes, format and size in pixels, and what was done to it in words."""

    data: bytes
    known: Format
    size: tuple[int, int]
    done: list[str] = field(default_factory=list)


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """Open and decode a picture of a format that is taken. Raises Pillow's errors and `DecompressionBombError`."""
    known = formats.detect(data)
    name = TAKEN.get(known) if known else None
    if known is None or name is None:
        raise UnidentifiedImageError("not a picture of a format that is taken")
    with Image.open(io.BytesIO(_rebrand(data, known)), formats=(name,)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        picture.load()
        yield picture


def _rebrand(data: bytes, known: Format) -> bytes:
    """Return a picture in an ISO file without brands of films: a decoder would look for one."""
    brand, end = _BRANDS.get(known), min(256, int.from_bytes(data[:4], "big"))
    if brand is None or not formats.is_still(data):
        return data
    return data[:8] + brand + data[12:16] + brand * ((end - 16) // 4) + data[16 + (end - 16) // 4 * 4 :]


def clean(name: str, data: bytes, known: Format) -> Cleaned:
    """Return a picture upright and without what is hidden in it. Raises `MediaError` that names the file."""
    found = hidden.strip(data, known)
    with _named(name, known, cut=found.cut):
        return _clean(data, known, found)


@contextmanager
def _named(name: str, known: Format, *, cut: bool = False) -> Iterator[None]:
    """Turn what Pillow raises into a `MediaError` that names the file."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(f"{name} is too large a picture to open", "Shrink it to at most 10,000 px a side.") from error
    except _DAMAGED as error:
        cut = cut or "truncat" in str(error).lower()
        what = f"{name} is only a part of a file" if cut else f"{name} is damaged, or {known.title} of a rare kind"
        raise MediaError(what, "Export it again, or choose another file.") from error


def _clean(data: bytes, known: Format, found: hidden.Stripped) -> Cleaned:
    if known in _CONVERTED:
        found.note(*(words for mark, words in hidden.MARKS if mark in data))
    if found.endless and not _is_drawn(found.data):
        raise OSError("truncated")
    with opened(found.data) as picture:
        frames = _count_frames(data, picture, found)
        if known not in (formats.JPEG, formats.PNG, formats.WEBP, formats.GIF):
            _read_inside(picture, found)
        turned = found.orientation not in (0, 1)
        # HEIC pictures are decoded upright; their orientation is only a memory of the file.
        turned = turned and known is not formats.HEIC
        redrawn = turned or found.moving or found.damaged or known in _CONVERTED
        if known is formats.TIFF:
            redrawn = redrawn or bool(found.removed) or frames > 1
        done = [f"{join(list(found.removed))} removed"] if found.removed else []
        done += ["turned upright"] if turned else []
        done += [f"only the first of {frames} frames is sent"] if frames > 1 else []
        if not redrawn:
            return Cleaned(found.data, known, picture.size, done)
        icc = picture.info.get("icc_profile")
        shaded = plain(picture) if by_tags(picture) else picture
        done += ["reduced to 8 bits"] if shaded is not picture else []
        shaded.getexif()[_ORIENTATION] = found.orientation
        upright = ImageOps.exif_transpose(shaded) if turned else shaded
        after = known
        if known in _CONVERTED:
            after = formats.PNG if upright.has_transparency_data else formats.JPEG
            done.append(f"converted from {known.short} to {after.short}")
        upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
        lossless = known is formats.WEBP and is_lossless(data)
        return Cleaned(save(upright, after, icc, lossless=lossless), after, upright.size, done)


def _is_drawn(data: bytes) -> bool:
    """Whether a JPEG has all its pixels: a decoder draws any bytes before its end mark where some are missing."""
    views = []
    for filler in (b"", b"\x5a\xc3" * 64, b"\x93\x6d" * 64):
        with opened(data[:-2] + filler + data[-2:]) as picture:
            views.append(picture.tobytes())
    return views[0] == views[1] == views[2]


def _count_frames(data: bytes, picture: Image.Image, found: hidden.Stripped) -> int:
    if found.several:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as whole:
            kinds = [each["Attribute"]["MPType"] for each in (getattr(whole, "mpinfo", None) or {}).get(_PICTURES, ())]
        small = [kind for kind in kinds if kind.startswith("Large Thumbnail")]
        others = [kind for kind in kinds[1:] if kind == "Undefined"]
        light = others if any(mark in data for mark in _GAIN_MAPS) else []
        found.note(*([hidden.THUMBNAIL] if small else []), *(["HDR gain map"] if light else []))
        return max(1, len(kinds) - len(small) - len(light))
    return max(found.frames, int(getattr(picture, "n_frames", 1)))


def _read_inside(picture: Image.Image, found: hidden.Stripped) -> None:
    """Note what a picture holds whose bytes have no rule of their own."""
    if picture.format != "TIFF":
        for key, read in (("exif", found.read_exif), ("xmp", found.read_xmp)):
            if body := picture.info.get(key):
                read(body)
        original = picture.info.get("original_orientation")
        found.orientation = found.orientation if original is None else 1
        return
    exif = picture.getexif()
    found.orientation = exif.get(_ORIENTATION, 1)
    for tag in sorted(set(exif) - _TIFF_LAYOUT - {_ORIENTATION}):
        found.note(hidden.LOCATION if tag == _GPS else _TIFF_NOTES.get(tag, hidden.CAMERA))


def join(words: list[str]) -> str:
    """Return words as a list in a sentence."""
    return join_and(words)


def is_lossless(data: bytes) -> bool:
    """Whether the first picture of a WebP file is stored without loss."""
    return b"VP8L" in data[:4096] and b"VP8 " not in data[:4096]


# --- files -------------------------------------------------------------------------------------------------------


def save(picture: Image.Image, known: Format, icc: bytes | None = None, *, lossless: bool = False) -> bytes:
    """Return a picture as a file. Transparency becomes white where the format has none."""
    name = TAKEN[known]
    if name in _WRITES and picture.mode not in _WRITES[name]:
        if icc and (picture.mode == "CMYK" or icc[16:20] != b"RGB "):
            picture, icc = to_srgb(picture, icc), None
        picture = plain(picture)
        if picture.mode == "RGBA" and "RGBA" not in _WRITES[name]:
            paper = Image.new("RGB", picture.size, "white")
            paper.paste(picture, mask=picture)
            picture = paper
        if picture.mode not in _WRITES[name]:
            picture = picture.convert("RGB")
    elif name == "PNG" and picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        picture, icc = to_srgb(picture, icc) if picture.mode == "CMYK" else plain(picture), None
    if name in ("BMP", "GIF") and icc:  # which hold no profile
        picture, icc = to_srgb(picture, icc), None
    options: dict[str, object] = {}
    if name == "TIFF":
        # From the picture that was read, Pillow would take captions, notes, and a compression that may not fit.
        picture, options = picture.copy(), {"compression": "tiff_lzw"}
        picture.info = {}
    if name in ("JPEG", "WEBP"):
        options = {"lossless": True} if lossless and name == "WEBP" else {"quality": 95}
    out = io.BytesIO()
    # Without an argument Pillow takes the profile that the picture came with, whether it fits or not.
    picture.save(out, name, icc_profile=icc or b"", **options)
    return out.getvalue()


# --- other pictures made of them ---------------------------------------------------------------------------------


def thumbnail(data: bytes, side: int = 320, *, ratio: float | None = None) -> bytes:
    """Return a PNG of a picture, at most `side` pixels long, in sRGB. What a middle cut to `ratio` loses is dimmed."""
    with opened(data) as picture:
        small, icc = normal(picture)
        small = small.copy()
        small.thumbnail((side, side))
        shown = to_srgb(small, icc)
        return save(_dim_edges(shown, ratio) if ratio else shown, formats.PNG)


def _dim_edges(picture: Image.Image, ratio: float) -> Image.Image:
    """Dim what lies outside the middle part of a ratio, and draw that part's edge."""
    wide, high = picture.size
    kept = min(wide, round(high * ratio)), min(high, round(wide / ratio))
    left, top = (wide - kept[0]) // 2, (high - kept[1]) // 2
    whole, box = picture.convert("RGB"), (left, top, left + kept[0], top + kept[1])
    dimmed = Image.blend(whole, Image.new("RGB", picture.size, "black"), 0.65)
    dimmed.paste(whole.crop(box), box)
    ImageDraw.Draw(dimmed).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline="white")
    return dimmed


def label(text: str, width: int, height: int) -> bytes:
    """A PNG of exactly this size in pixels: light letters on black, cut short with … where there is no room."""
    picture = Image.new("RGB", (width, height), "black")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=height * 0.55)
    room, shown = width - height // 2, " ".join(text.split())
    while shown and draw.textlength(shown, font) > room:
        shown = f"{shown.removesuffix('…')[:-1].rstrip()}…" if len(shown) > 2 else ""
    draw.text((height // 4, height / 2), shown, fill=(235, 235, 235), font=font, anchor="lm")
    return save(picture, formats.PNG)


# --- inside the limits of a slot ---------------------------------------------------------------------------------


def fit(data: bytes, limits: MediaLimits, way: Way = Way.MIDDLE) -> Made:
    """Return a picture inside the limits: cropped or padded, converted and shrunk as far as it must be.

    Raises `MediaError` for one that cannot be changed.
    """
    after = known = formats.detect(data) or formats.PNG
    with _named("The picture", known), opened(data) as source:
        if limits.types and known.media_type not in limits.types:
            after = next((each for each in _CONVERTS_TO if each.media_type in limits.types), formats.PNG)
        if longest := _LONGEST.get(after):
            limits = replace(limits, max_side=min(limits.max_side or longest, longest))
        picture, icc = normal(source)
        low, high = ratios(limits)
        ratio, done = picture.width / picture.height, []
        shaped = picture
        if not low <= ratio <= high:
            meant = low if ratio < low else high
            shaped = _pad(picture, meant, limits) if way is Way.PAD else _cut(picture, meant, way)
            done.append("bars added" if way is Way.PAD else f"cropped to {shaped.width}×{shaped.height}")
        lossless = known is formats.WEBP and is_lossless(data)
        written = _shrink(shaped, limits, lambda each: save(each, after, icc, lossless=lossless))
        with opened(written) as made:
            smaller = shaped.width < picture.width or shaped.height < picture.height
            if made.size != shaped.size or (way is Way.PAD and smaller):
                done.append(f"shrunk to {made.width}×{made.height}")
            if after is not known:
                done.append(f"converted to {after.short}")
            if picture.mode == "RGBA" and not made.has_transparency_data and after in (formats.JPEG, formats.BMP):
                done.append("transparent parts became white")
        kept = known in _LOSSY or (known is formats.WEBP and not lossless)
        if not kept and after in (formats.JPEG, formats.WEBP) and not (lossless and after is formats.WEBP):
            done.append("compressed with loss")
        return Made(written, tuple(done))


def ratios(limits: MediaLimits) -> tuple[float, float]:
    """Return the lowest and highest width / height that a picture inside the limits can have."""
    low, high = limits.min_ratio or 0.0, limits.max_ratio or math.inf
    if limits.min_side and limits.max_side:
        low, high = max(low, limits.min_side / limits.max_side), min(high, limits.max_side / limits.min_side)
    return low, high


def _shrink(picture: Image.Image, limits: MediaLimits, write: Callable[[Image.Image], bytes]) -> bytes:
    """Write a picture, smaller and smaller until it has no more than the allowed side and bytes."""
    longest = min(max(picture.size), limits.max_side or max(picture.size))
    written = write(_scaled(picture, longest, limits))
    shortest = limits.min_side or 16
    while limits.max_bytes and len(written) > limits.max_bytes:
        # Fewer pixels keep the look at any format; three quarters a side is a little more than half the bytes.
        longest = int(longest * 0.75)
        if longest * min(picture.size) / max(picture.size) < shortest:
            break
        written = write(_scaled(picture, longest, limits))
    return written


def _scaled(picture: Image.Image, longest: int, limits: MediaLimits) -> Image.Image:
    """A picture made smaller until its longer side is `longest`, still of a shape inside the limits after rounding."""
    if max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    low, high = ratios(limits)
    if width / height > high:
        width = max(1, int(height * high))
    elif width / height < low:
        height = max(1, int(width / low))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _cut(picture: Image.Image, ratio: float, way: Way) -> Image.Image:
    """A part of a picture with exactly that shape or a hair inside it."""
    width, height = picture.size
    place = {Way.START: 0.0, Way.END: 1.0}.get(way, 0.5)
    if width / height > ratio:
        new = max(1, int(height * ratio))
        left = int((width - new) * place)
        return picture.crop((left, 0, left + new, height))
    new = max(1, int(width / ratio))
    top = int((height - new) * place)
    return picture.crop((0, top, width, top + new))


def _pad(picture: Image.Image, ratio: float, limits: MediaLimits) -> Image.Image:
    """The whole picture between black bars, of exactly that shape or a hair inside it; shrunk first if it must be."""
    width, height = picture.size
    size = (width, math.ceil(width / ratio)) if width / height > ratio else (math.ceil(height * ratio), height)
    scale = min((limits.max_side or math.inf) / max(size), math.sqrt(MOST_PIXELS / (size[0] * size[1])))
    if scale < 1:  # the bars of a line of pixels would fill the memory
        smaller = max(1, int(width * scale)), max(1, int(height * scale))
        return _pad(picture.resize(smaller, Image.Resampling.LANCZOS), ratio, limits)
    paper = Image.new(picture.mode, size, "black")
    paper.paste(picture, ((size[0] - width) // 2, (size[1] - height) // 2))
    return paper
