"""References as bytes: what is this file, and what can be done so that a model takes it (Pillow).

The only module of `dailies` that imports PIL. It decides by the bytes, never by the file's name. Pictures are turned
upright and freed of their metadata (place, camera, time) on the way in.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from dailies.domain import MediaLimits, Reference
from dailies.errors import MediaError
from dailies.media import formats
from dailies.text import LINK_CHARS, clean, clean_file_name
from dailies.vocabulary import MediaKind

_MOST_PIXELS = 120_000_000  # a 12k × 10k picture; beyond that a small file can fill the memory
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS  # Pillow itself only warns up to twice this

_PICTURES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with more pictures behind it, as telephones write them
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
}
_CONVERTS_TO = ("image/png", "image/jpeg", "image/webp")
_WRITES = {"JPEG": ("L", "RGB", "CMYK"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}
_TIFF_LAYOUT = frozenset((254, 255, *range(256, 260), 262, 266, *range(273, 285), 296, 317, *range(320, 326), 338, 339))


@dataclass(frozen=True, slots=True)
class Media:
    """A reference and its bytes."""

    reference: Reference
    data: bytes


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that would make a reference acceptable: the words for the button, and the work itself."""

    title: str
    apply: Callable[[bytes], bytes]


def read(name: str, data: bytes) -> Media:
    """Sniff, orient, clean and measure an uploaded file, and clean its name.

    Raises `MediaError` for bytes that are no picture, video or sound we know, whatever the file is called.
    """
    name = clean_file_name(name)
    if not data:
        raise MediaError(f"{name} is empty", "Choose another file.")
    known = formats.detect(data)
    if known is not None and known.kind in (MediaKind.VIDEO, MediaKind.AUDIO):
        return Media(_reference(name, data, known.kind, known.media_type), data)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise Image.DecompressionBombError
            picture.load()
            return _picture(name, data, picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(f"{name} is too large a picture to open", "Shrink it to at most 10,000 px a side.") from error
    except UnidentifiedImageError as error:
        raise MediaError(
            f"{name} is not a picture, video or sound that can be read",
            "Choose a JPEG, PNG, WebP, MP4, MP3 or WAV file.",
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise MediaError(f"{name} is damaged: {error}", "Export it again, or choose another file.") from error


def link(address: str, kind: MediaKind) -> Reference:
    """A reference by link: `https://…` or `asset://…`. Nothing is fetched: the gateway does that.

    The address is cleaned. Raises `MediaError` for anything else.
    """
    address = clean(address.strip())
    if len(address) > LINK_CHARS:
        raise MediaError(f"The link has {len(address)} characters of at most {LINK_CHARS}", "Paste a shorter link.")
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket that opens no address
        parts = urlsplit("")
    if parts.scheme == "asset" and re.fullmatch(r"asset://[\w.:-]+", address):
        return Reference(address, kind, asset=address.removeprefix("asset://"))
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", address):
        raise MediaError(f"{address or 'The link'} is not a web address", "Paste a link that begins with https://.")
    return Reference(parts.path.rsplit("/", 1)[-1] or parts.netloc, kind, url=address)


def fix_for(reference: Reference, limits: MediaLimits) -> Fix | None:
    """The one change that brings a picture inside the limits, or None where it is inside or nothing helps."""
    if reference.kind is not MediaKind.IMAGE or not reference.width or not reference.height:
        return None
    if limits.min_side and min(reference.width, reference.height) < limits.min_side:
        return None
    low, high = _ratios(limits)
    wrong_shape = not low <= reference.width / reference.height <= high
    wrong_type = limits.types and reference.media_type not in limits.types
    too_long = limits.max_side and max(reference.width, reference.height) > limits.max_side
    too_heavy = limits.max_bytes and reference.size > limits.max_bytes
    names = [
        name
        for name, needed in (
            ("crop", wrong_shape),
            ("convert", wrong_type),
            ("shrink", too_long or too_heavy),
        )
        if needed
    ]
    return Fix(" and ".join(names).capitalize(), lambda data: _fitted(data, limits)) if names else None


def thumbnail(data: bytes, side: int = 320) -> bytes:
    """A PNG of a picture, at most `side` pixels long."""
    with Image.open(io.BytesIO(data)) as picture:
        small = _plain(picture)
        small.thumbnail((side, side))
        return _saved(small, "PNG")


def letterbox(data: bytes, width: int, height: int) -> bytes:
    """Fit a picture whole into a black PNG of exactly this size in pixels."""
    with Image.open(io.BytesIO(data)) as picture:
        return _saved(ImageOps.pad(_plain(picture).convert("RGB"), (width, height), color="black"), "PNG")


def _reference(
    name: str, data: bytes, kind: MediaKind, media_type: str, size: tuple[int, int] | None = None, *done: str
) -> Reference:
    width, height = size or (None, None)
    digest = hashlib.sha256(data).hexdigest()
    return Reference(name, kind, digest, media_type=media_type, size=len(data), width=width, height=height, done=done)


def _picture(name: str, data: bytes, picture: Image.Image) -> Media:
    media_type = _PICTURES.get(picture.format or "")
    if media_type is None:
        raise MediaError(f"{name} is a {picture.format} picture", "Convert it to JPEG, PNG or WebP.")
    exif = picture.getexif()
    turned = exif.get(0x0112, 1) not in (0, 1)
    tags = set(exif) - _TIFF_LAYOUT if picture.format == "TIFF" else set(exif)
    several = picture.format == "MPO"
    noted = {"xmp", "comment", "XML:com.adobe.xmp"} & set(picture.info)
    if not turned and not tags and not several and not noted:
        return Media(_reference(name, data, MediaKind.IMAGE, media_type, picture.size), data)
    upright = ImageOps.exif_transpose(picture)
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    kind = "JPEG" if several else picture.format or "PNG"
    clean = _saved(upright, kind, icc=picture.info.get("icc_profile"))
    done = ["location and camera data removed"] if tags or noted else []
    done += ["turned upright"] if turned else []
    done += ["reduced to its first picture"] if several else []
    return Media(_reference(name, clean, MediaKind.IMAGE, media_type, upright.size, *done), clean)


def _ratios(limits: MediaLimits) -> tuple[float, float]:
    """The lowest and highest width / height that a picture inside the limits can have."""
    low, high = limits.min_ratio or 0.0, limits.max_ratio or math.inf
    if limits.min_side and limits.max_side:
        low, high = max(low, limits.min_side / limits.max_side), min(high, limits.max_side / limits.min_side)
    return low, high


def _fitted(data: bytes, limits: MediaLimits) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        kind = _PICTURES.get(opened.format or "", "image/png")
        if limits.types and kind not in limits.types:
            kind = next((k for k in _CONVERTS_TO if k in limits.types), "image/png")
        name = next(name for name, known in _PICTURES.items() if known == kind)
        low, high = _ratios(limits)
        ratio = opened.width / opened.height
        cut = _cut(opened, low) if ratio < low else _cut(opened, high) if ratio > high else opened
        longest = min(max(cut.size), limits.max_side or max(cut.size))
        written = _saved(_scaled(cut, longest, limits), name)
        shortest = limits.min_side or 16
        while limits.max_bytes and len(written) > limits.max_bytes:
            # Fewer pixels keep the look at any format; three quarters a side is a little more than half the bytes.
            longest = int(longest * 0.75)
            if longest * min(cut.size) / max(cut.size) < shortest:
                break
            written = _saved(_scaled(cut, longest, limits), name)
        return written


def _scaled(picture: Image.Image, longest: int, limits: MediaLimits) -> Image.Image:
    """A picture made smaller until its longer side is `longest`, still of a shape inside the limits after rounding."""
    if max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    low, high = _ratios(limits)
    if width / height > high:
        width = max(1, int(height * high))
    elif width / height < low:
        height = max(1, int(width / low))
    return _plain(picture).resize((width, height), Image.Resampling.LANCZOS)


def _cut(picture: Image.Image, ratio: float) -> Image.Image:
    """The middle of a picture with exactly that shape or a hair inside it."""
    width, height = picture.size
    if width / height > ratio:
        new = max(1, int(height * ratio))
        left = (width - new) // 2
        return picture.crop((left, 0, left + new, height))
    new = max(1, int(width / ratio))
    top = (height - new) // 2
    return picture.crop((0, top, width, top + new))


def _saved(picture: Image.Image, name: str, icc: bytes | None = None) -> bytes:
    if name in _WRITES and picture.mode not in _WRITES[name]:
        picture = _plain(picture)
    if name == "JPEG" and picture.mode == "RGBA":
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture)
        picture = paper
    out = io.BytesIO()
    quality = {"quality": 95} if name in ("JPEG", "WEBP") else {}
    picture.save(out, name, **quality, **({"icc_profile": icc} if icc else {}))
    return out.getvalue()


def _plain(picture: Image.Image) -> Image.Image:
    """A picture in ordinary colours, with transparency where it has some."""
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def renamed(reference: Reference) -> str:
    """The reference's name with the suffix its bytes deserve, for the file part's `filename`."""
    suffix = _SUFFIXES.get(reference.media_type)
    if suffix is None:
        return reference.name
    stem = reference.name.rsplit(".", 1)[0] if "." in reference.name else reference.name
    return f"{stem}{suffix}"


def label(text: str, width: int, height: int) -> bytes:
    """A PNG of exactly this size in pixels: light letters on black, cut short with … where there is no room."""
    picture = Image.new("RGB", (width, height), "black")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=height * 0.55)
    room, shown = width - height // 2, " ".join(text.split())
    while shown and draw.textlength(shown, font) > room:
        shown = f"{shown.removesuffix('…')[:-1].rstrip()}…" if len(shown) > 2 else ""
    draw.text((height // 4, height / 2), shown, fill=(235, 235, 235), font=font, anchor="lm")
    return _saved(picture, "PNG")
