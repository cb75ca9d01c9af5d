"""References as bytes: what is this file, and what can be done so that a model takes it (Pillow).

The only module of `dailies` that imports PIL. It decides by the bytes, never by the file's name. Pictures are turned
upright and freed of their metadata (place, camera, time) on the way in.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image, ImageOps, UnidentifiedImageError

from dailies.domain import MediaKind, MediaLimits, Reference
from dailies.errors import MediaError

Image.MAX_IMAGE_PIXELS = 120_000_000  # a 12k × 10k picture; beyond that a small file can fill the memory

_PICTURES = {
    "JPEG": "image/jpeg",
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
    """Sniff, orient, clean and measure an uploaded file.

    Raises `MediaError` for bytes that are no picture, video or sound we know, whatever the file is called.
    """
    if not data:
        raise MediaError(f"{name} is empty", "Choose another file.")
    other = sniff(data)
    if other is not None:
        kind, media_type = other
        return Media(_reference(name, data, kind, media_type), data)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            return _picture(name, data, picture)
    except Image.DecompressionBombError as error:
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

    Raises `MediaError` for anything else.
    """
    address = address.strip()
    parts = urlsplit(address)
    if parts.scheme == "asset" and re.fullmatch(r"asset://[\w.:-]+", address):
        return Reference(address, kind, asset=address.removeprefix("asset://"))
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", address):
        raise MediaError(f"{address or 'The link'} is not a web address", "Paste a link that begins with https://.")
    return Reference(parts.path.rsplit("/", 1)[-1] or parts.netloc, kind, url=address)


def fix_for(reference: Reference, limits: MediaLimits) -> Fix | None:
    """The one change that brings a picture inside the limits, or None where it is inside or nothing helps."""
    if reference.kind is not MediaKind.IMAGE or not reference.width or not reference.height:
        return None
    ratio = reference.width / reference.height
    wrong_shape = (limits.min_ratio and ratio < limits.min_ratio) or (limits.max_ratio and ratio > limits.max_ratio)
    wrong_type = limits.types and reference.media_type not in limits.types
    too_long = limits.max_side and max(reference.width, reference.height) > limits.max_side
    too_heavy = limits.max_bytes and reference.size > limits.max_bytes
    if not (wrong_shape or wrong_type or too_long or too_heavy):
        return None
    names = [
        name
        for name, needed in (
            ("crop", wrong_shape),
            ("convert", wrong_type),
            ("shrink", too_long or too_heavy),
        )
        if needed
    ]
    return Fix(" and ".join(names).capitalize(), lambda data: _fitted(data, limits))


def thumbnail(data: bytes, side: int = 320) -> bytes:
    """A PNG of a picture, at most `side` pixels long."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((side, side))
        return _saved(picture, "PNG")


def cropped(data: bytes, ratio: float) -> bytes:
    """The middle of a picture at width / height = `ratio`, in its own format where that can be written, else PNG."""
    with Image.open(io.BytesIO(data)) as picture:
        return _saved(_cut(picture, ratio), picture.format or "PNG")


def _reference(
    name: str, data: bytes, kind: MediaKind, media_type: str, size: tuple[int, int] | None = None, *done: str
) -> Reference:
    width, height = size or (None, None)
    digest = hashlib.sha256(data).hexdigest()
    return Reference(name, kind, digest, "", "", media_type, len(data), width, height, None, done)


def sniff(data: bytes) -> tuple[MediaKind, str] | None:
    """Kind and media type of a video or sound by its first bytes; None for anything else, pictures included."""
    head = data[:64]
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"avif", b"heic", b"heix", b"mif1"):
            return None
        if brand in (b"M4A ", b"M4B "):
            return MediaKind.AUDIO, "audio/mp4"
        return MediaKind.VIDEO, "video/quicktime" if brand == b"qt  " else "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return MediaKind.VIDEO, "video/x-msvideo"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return MediaKind.AUDIO, "audio/wav"
    if head[:4] == b"\x1aE\xdf\xa3":
        return MediaKind.VIDEO, "video/webm"
    if head[:4] in (b"OggS", b"fLaC"):
        return MediaKind.AUDIO, "audio/ogg" if head[:4] == b"OggS" else "audio/flac"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MediaKind.AUDIO, "audio/mpeg"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return MediaKind.AUDIO, "audio/aac"
    return None


def _picture(name: str, data: bytes, picture: Image.Image) -> Media:
    media_type = _PICTURES.get(picture.format or "")
    if media_type is None:
        raise MediaError(f"{name} is a {picture.format} picture", "Convert it to JPEG, PNG or WebP.")
    exif = picture.getexif()
    turned = exif.get(0x0112, 1) not in (0, 1)
    if not turned and not exif and not {"xmp", "comment", "XML:com.adobe.xmp"} & set(picture.info):
        return Media(_reference(name, data, MediaKind.IMAGE, media_type, picture.size), data)
    upright = ImageOps.exif_transpose(picture)
    clean = _saved(upright, picture.format or "PNG", icc=picture.info.get("icc_profile"))
    done = ["location and camera data removed"] if exif or "xmp" in picture.info else []
    done += ["turned upright"] if turned else []
    return Media(_reference(name, clean, MediaKind.IMAGE, media_type, upright.size, *done), clean)


def _fitted(data: bytes, limits: MediaLimits) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        picture: Image.Image = opened
        kind = _PICTURES.get(opened.format or "", "image/png")
        if limits.types and kind not in limits.types:
            kind = next((k for k in _CONVERTS_TO if k in limits.types), "image/png")
        ratio = picture.width / picture.height
        if limits.min_ratio and ratio < limits.min_ratio:
            picture = _cut(picture, limits.min_ratio)
        elif limits.max_ratio and ratio > limits.max_ratio:
            picture = _cut(picture, limits.max_ratio)
        if limits.max_side and max(picture.size) > limits.max_side:
            picture = ImageOps.contain(picture, (limits.max_side, limits.max_side))
        name = next(name for name, known in _PICTURES.items() if known == kind)
        written = _saved(picture, name)
        while limits.max_bytes and len(written) > limits.max_bytes and min(picture.size) > 64:
            # Fewer pixels keep the look at any format; three quarters a side is a little more than half the bytes.
            picture = ImageOps.scale(picture, 0.75)
            written = _saved(picture, name)
        return written


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
    if name == "JPEG" and picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    out = io.BytesIO()
    quality = {"quality": 95} if name in ("JPEG", "WEBP") else {}
    picture.save(out, name, **quality, **({"icc_profile": icc} if icc else {}))
    return out.getvalue()


def renamed(reference: Reference) -> str:
    """The reference's name with the suffix its bytes deserve, for the file part's `filename`."""
    suffix = _SUFFIXES.get(reference.media_type)
    if suffix is None:
        return reference.name
    stem = reference.name.rsplit(".", 1)[0] if "." in reference.name else reference.name
    return f"{stem}{suffix}"
