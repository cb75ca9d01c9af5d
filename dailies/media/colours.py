"""Shades and colours: pictures of any depth, inks and profiles as 8 bits of grey or RGB that look the same (Pillow)."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from dailies.formats import PHOTOMETRIC

_SAMPLES = 339
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_OUTLIERS = 0.5  # per cent of the pixels at each end that do not say what range floats have


def plain(picture: Image.Image) -> Image.Image:
    """Return a picture in 8 bits of grey or colour, with transparency where it has some. Shades are kept."""
    if _is_signed(picture):
        return _shade(picture)
    if picture.mode in ("L", "RGB", "RGBA"):
        if picture.mode != "RGBA" and picture.has_transparency_data:
            return picture.convert("RGBA")
        return picture
    if picture.mode == "F" or picture.mode[0] == "I":
        return _shade(picture)
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def by_tags(picture: Image.Image) -> bool:
    """Whether only the tags of a TIFF tell the shades of its numbers: a copy of the picture has none."""
    deep = picture.mode == "F" or picture.mode[0] == "I"
    inverted = deep and getattr(picture, "tag_v2", {}).get(PHOTOMETRIC) == 0
    return inverted or _is_signed(picture) or _is_unsigned(picture)


def _is_signed(picture: Image.Image) -> bool:
    """Whether a picture of 8 bits has signed ones, which Pillow reads as unsigned."""
    return picture.mode == "L" and 2 in getattr(picture, "tag_v2", {}).get(_SAMPLES, ())


def _is_unsigned(picture: Image.Image) -> bool:
    """Whether a picture of 32 bits has unsigned ones, which Pillow reads as signed."""
    return picture.mode == "I" and 2 not in getattr(picture, "tag_v2", {}).get(_SAMPLES, (2,))


def _shade(picture: Image.Image) -> Image.Image:
    """Bring deep shades to 8 bits by the range of their format; floats, which have none, by what they hold."""
    import numpy as np  # much to load, and few pictures need it

    tags = getattr(picture, "tag_v2", {})
    numbers = np.asarray(picture)
    values = (numbers.view(np.int8) if _is_signed(picture) else numbers).astype(np.float32)
    if _is_signed(picture):
        values *= 2  # 0 to 127 are the shades from black to white, as in signed numbers of more bits
    if _is_unsigned(picture):
        values = values % np.float32(2**32)
    finite = values[np.isfinite(values)]
    ends = [_OUTLIERS, 100 - _OUTLIERS] if picture.mode == "F" else [0, 100]
    some = finite[:: 1 + finite.size // 1_000_000] if picture.mode == "F" else finite
    low, high = map(float, np.percentile(some, ends)) if finite.size else (0.0, 1.0)
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    elif low >= 0:
        low, high = 0.0, next((top for top in (1.0, 255.0, 32767.0, 65535.0) if high <= top), high)
    levels = np.clip((values - low) * (255 / (high - low or 1)) + 0.5, 0, 255).astype(np.uint8)
    if tags.get(PHOTOMETRIC) == 0:  # white is zero; Pillow heeds this in 8 bits only
        levels = 255 - levels
    return Image.fromarray(levels)


def normal(picture: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Return a picture in grey or RGB with the profile that fits it; inks become sRGB through their own profile."""
    icc = picture.info.get("icc_profile")
    space = icc[16:20] if icc else b""
    if picture.mode in ("CMYK", "LAB"):
        return to_srgb(picture, icc if space in (b"CMYK", b"Lab ") else None), None
    made = plain(picture)
    if icc and space == b"GRAY" and made.mode != "L":
        grey = picture.mode in ("LA", "La", "L", "I;16")
        return (_paint_grey(made, icc) if grey else made), None
    if space == b"RGB " and made.mode == "L":
        made = made.convert("RGB")
    fits = icc and space in (b"RGB ", b"GRAY") and _transform(made.resize((1, 1)), icc) is not None
    return made, icc if fits else None


def _paint_grey(picture: Image.Image, icc: bytes) -> Image.Image:
    """Return a grey picture with transparency in sRGB, as its profile of greys means it."""
    made = to_srgb(picture.getchannel("R"), icc).convert("RGBA")
    made.putalpha(picture.getchannel("A"))
    return made


def to_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """Return a picture in the colours that everybody assumes who looks at no profile."""
    made = _transform(picture, icc) if icc else None
    return plain(picture) if made is None else made


def _transform(picture: Image.Image, icc: bytes) -> Image.Image | None:
    """Return a picture in sRGB through its profile; None where the profile is broken or fits no such picture."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        made = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode, renderingIntent=intent)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    if made is not None:
        made.info.pop("icc_profile", None)
    return made
