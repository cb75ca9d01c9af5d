"""Still pictures of a finished film."""

from __future__ import annotations

import io
from pathlib import Path

import av
from av.video.reformatter import Colorspace
from PIL import Image

SHEET_COLUMNS, SHEET_ROWS, SHEET_CELL = 4, 3, 240  # of a sprite sheet; the cell's width in pixels


def draw_poster(film: Path) -> Image.Image:
    """Draw the first frame."""
    return read_frames(film, 1)[0]


def draw_sheet(film: Path) -> bytes:
    """Draw evenly spaced frames on one JPEG, row by row."""
    frames = read_frames(film, SHEET_COLUMNS * SHEET_ROWS)
    width, height = SHEET_CELL, round(SHEET_CELL * frames[0].height / frames[0].width)
    sheet = Image.new("RGB", (width * SHEET_COLUMNS, height * SHEET_ROWS))
    for number, frame in enumerate(frames):
        row, column = divmod(number, SHEET_COLUMNS)
        sheet.paste(frame.resize((width, height)), (column * width, row * height))
    return encode_picture(sheet, "JPEG")


def read_frames(film: Path, count: int) -> list[Image.Image]:
    """Decode `count` evenly spaced frames of a film, the first one included; a short film repeats frames."""
    found: list[Image.Image] = []
    with av.open(str(film), "r") as container:
        total = container.streams.video[0].frames
        for number, frame in enumerate(container.decode(video=0)):
            while len(found) < count and total * len(found) // count <= number:
                found.append(convert_frame(frame))
            if len(found) == count:
                break
    return found


def convert_frame(frame: av.VideoFrame) -> Image.Image:
    """Convert a frame of BT.709 video to RGB."""
    return Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709))


def encode_picture(picture: Image.Image, form: str) -> bytes:
    """Encode a picture in a format of Pillow."""
    target = io.BytesIO()
    picture.save(target, form, quality=85)
    return target.getvalue()
