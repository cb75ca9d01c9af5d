"""Extracts of a clip for where no video can be shown: a contact sheet and an animated preview (Pillow)."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dailies.errors import MediaError
from dailies.media import upright
from dailies.media.measure import frames, opened, probe

_EDGE, _STRIP = 8, 22  # pixels around a picture, and below it for its time
_TALLEST = 4  # heights of a picture in widths; a film of a few columns would be taller than any file can hold
_LONGEST = 600.0  # seconds that are read


def make_contact_sheet(path: Path, columns: int = 4, rows: int = 3, width: int = 360) -> bytes:
    """Return a JPEG with pictures spread evenly over a clip, each `width` pixels wide, with its time in seconds.

    Raises `MediaError` for a file that is no film.
    """
    shown = _pick(path, columns * rows, width)
    height = shown[0][1].height
    rows = -(-len(shown) // columns)
    size = columns * (width + _EDGE) + _EDGE, rows * (height + _STRIP + _EDGE) + _EDGE
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for number, (at, picture) in enumerate(shown):
        row, column = divmod(number, columns)
        corner = _EDGE + column * (width + _EDGE), _EDGE + row * (height + _STRIP + _EDGE)
        sheet.paste(picture, corner)
        draw.text((corner[0], corner[1] + height + 3), f"{at:.1f} s", fill="black", font=font)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88)
    return out.getvalue()


def animate(path: Path, width: int = 480, rate: int = 8, longest: float = 8.0) -> bytes:
    """Return an animated WebP of the first `longest` seconds of a clip, at `rate` pictures a second.

    Raises `MediaError` for a file that is no film.
    """
    seconds = min(longest, probe(path).seconds)
    shown = _pick(path, max(1, round(seconds * rate)), width, seconds)
    out = io.BytesIO()
    first, *rest = (picture for _, picture in shown)
    first.save(out, "WEBP", save_all=True, append_images=rest, duration=round(1000 / rate), loop=0, quality=72)
    return out.getvalue()


def _pick(path: Path, number: int, width: int, seconds: float | None = None) -> list[tuple[float, Image.Image]]:
    """Return up to `number` different pictures spread evenly over the clip, with their times in seconds."""
    length = min(_LONGEST, probe(path).seconds if seconds is None else seconds)
    wanted = [length * step / number for step in range(number)]
    found: list[tuple[float, Image.Image]] = []
    with opened(path) as (container, stream):
        first = None
        for frame in frames(container, stream):
            first = frame.time or 0.0 if first is None else first
            at = (frame.time or 0.0) - first
            if len(found) == number or at > length:
                break
            if at + 1e-3 < wanted[len(found)]:
                continue
            broad, high = upright.sides(frame, stream.sample_aspect_ratio)
            scale = min(width / max(1, broad), _TALLEST * width / max(1, high))
            made = upright.show(frame, (max(1, round(broad * scale)), max(1, round(high * scale))), "rgb24")
            found.append((at, Image.fromarray(made.to_ndarray())))
    if not found:
        raise MediaError("No picture of this clip can be read.", "Fetch the clip again.")
    return found
