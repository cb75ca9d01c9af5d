"""The drawings of a film: backdrop, prompt, captions, waveform, and cards for missing media.

Pillow pictures, drawn once per film.
"""

from __future__ import annotations

import colorsys
import random

import numpy as np
from PIL import Image, ImageDraw

from sandbox.order import Order
from sandbox.typeface import BOLD, MONO, SANS, Typeface, draw_label

RGB = tuple[int, int, int]
PAPER = (240, 236, 228, 255)
QUIET = (205, 202, 196, 255)
SHADE = (8, 9, 12)
LONGEST = 900


def make_palette(seed: int) -> tuple[RGB, RGB, RGB]:
    """Make two glows and a matching accent colour from a seed."""
    hue = random.Random(seed).random()  # noqa: S311 (colours, not secrets)
    glow, other, accent = (
        colorsys.hls_to_rgb((hue + shift) % 1, light, strength)
        for shift, light, strength in ((0.0, 0.34, 0.55), (0.13, 0.24, 0.6), (0.02, 0.66, 0.8))
    )
    return to_rgb(glow), to_rgb(other), to_rgb(accent)


def to_rgb(color: tuple[float, float, float]) -> RGB:
    """Scale a colour from 0-1 to 0-255."""
    red, green, blue = (round(255 * part) for part in color)
    return red, green, blue


def draw_backdrop(width: int, height: int, seed: int) -> Image.Image:
    """Draw two soft lights in a dark room, with grain against banding."""
    chance = random.Random(seed)  # noqa: S311 (a picture, not secrets)
    glow, other, _ = make_palette(seed)
    across, down = np.meshgrid(np.linspace(0, 1, 192), np.linspace(0, 1, 108))
    room = np.full((108, 192, 3), (17, 18, 22), np.float64)
    for color, spread in ((glow, 0.42), (other, 0.5)):
        x, y = chance.uniform(0.05, 0.95), chance.uniform(0.0, 0.75)
        light = np.exp(-((across - x) ** 2 + ((down - y) * 0.8) ** 2) / (2 * spread**2 / 2.5))
        room += light[..., None] * np.array(color)
    room *= (1 - 0.55 * ((across - 0.5) ** 2 + (down - 0.5) ** 2))[..., None]
    small = Image.fromarray(np.clip(room, 0, 235).astype(np.uint8))
    picture = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    grain = np.random.default_rng(seed).integers(-1, 2, (height, width, 1), np.int16)
    return Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8))


def draw_slate(prompt: str, head: str, facts: str, size: tuple[int, int], seed: int) -> Image.Image:
    """Draw the lower part of a film of words: a shade, a headline, the prompt as large as suits it, and the facts."""
    wide, high = size
    unit = min(size)
    accent = make_palette(seed)[2]
    small = Typeface(MONO, max(10, round(unit / 46)))
    left = unit // 16
    face, lines, left_out = fit_text(prompt, wide - 2 * left, round(high * 0.66))
    notes: list[str] = [f"and {left_out:,} more characters"] if left_out else []
    notes += ["some characters have no font on this machine"] if not face.covers(prompt) else []
    below = small.wrap(facts, wide - small.size * 2)
    line_height = round(face.size * 1.3)
    foot = round(small.size * (1.5 * len(below) + 1.6))
    text = line_height * len(lines) + round(small.size * 1.6) * len(notes)
    height = min(high, text + foot + small.size * 6)
    picture = Image.new("RGBA", (wide, height), (*SHADE, 0))
    rise = np.sin((np.linspace(0, 1, height) * 1.6).clip(0, 1) * np.pi / 2) ** 2 * 205
    picture.putalpha(Image.fromarray(np.repeat(rise.astype(np.uint8)[:, None], wide, axis=1)))
    drawing = ImageDraw.Draw(picture)
    top = height - foot - text
    drawing.rectangle((left, top - small.size * 2.9, left + unit // 14, top - small.size * 2.5), fill=(*accent, 255))
    small.draw(drawing, left, top - small.size * 1.0, head, (*accent, 255))
    for number, line in enumerate(lines):
        baseline: float = top + line_height * number + face.size
        face.draw(drawing, left + 2, baseline + 2, line, (*SHADE, 150))
        face.draw(drawing, left, baseline, line, PAPER)
    for number, note in enumerate(notes):
        baseline = top + line_height * len(lines) + small.size * (1.2 + 1.6 * number)
        small.draw(drawing, left, baseline, note, (*accent, 255))
    for number, line in enumerate(below):
        baseline = height - small.size * (0.9 + 1.5 * (len(below) - 1 - number))
        small.draw(drawing, small.size, baseline, line, QUIET)
    return picture


def fit_text(text: str, width: int, height: int) -> tuple[Typeface, list[str], int]:
    """Find the largest type in which a text fits, the fewer lines the larger; and how many characters do not fit."""
    text = " ".join(text.split())
    for share, allowed in ((0.05, 2), (0.042, 3), (0.035, 4), (0.03, 6), (0.026, 9), (0.022, 40)):
        face = Typeface(BOLD, max(12, round((height / 0.66) * share)))
        most = max(1, min(allowed, int(height / (face.size * 1.3))))
        if face.measure(text[:400]) > width * most:  # cheaper than wrapping, and certain
            continue
        lines = face.wrap(text, width)
        if len(lines) <= most:
            return face, lines, 0
    cut = face.wrap(text[: round(most * width / face.size * 3)], width)[:most]
    shown = sum(map(len, cut))
    return face, [*cut[:-1], cut[-1][:-1] + "…"], max(0, len(text) - shown)


def list_facts(order: Order, size: tuple[int, int]) -> str:
    """List what was ordered, in one line."""
    parts = [
        order.mode.replace("_", " "),
        f"{order.seconds} s",
        f"{size[0]}×{size[1]}",
        "as the picture" if order.follow else order.ratio,
        "sound on" if order.audio else "sound off",
        *([f"seed {order.seed}"] if order.seed is not None else []),
        *order.notes,
        *([f"{len(order.shots)} shots"] if order.shots else []),
        "sandbox",
    ]
    return "  ·  ".join(parts)


def draw_strip(headline: str, text: str, width: int, face: Typeface) -> Image.Image:
    """Draw the lower edge: a gradient with an optional headline and the facts."""
    margin = face.size
    above = face.wrap(headline[:LONGEST], width - margin * 2) if headline else []
    if len(above) > 2:
        above = [above[0], above[1][:-1] + "…"]
    lines = [*above, *face.wrap(text, width - margin * 2)]
    height = round(face.size * (1.5 * len(lines) + 2.6))
    shade = Image.new("L", (1, height))
    for row in range(height):
        shade.putpixel((0, row), round(200 * min(1.0, row / (height * 0.55))))
    picture = Image.new("RGBA", (width, height), (*SHADE, 0))
    picture.putalpha(shade.resize((width, height)))
    drawing = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        baseline = height - face.size * (0.9 + 1.5 * (len(lines) - 1 - number))
        face.draw(drawing, margin, baseline, line, PAPER if number < len(above) else QUIET)
    return picture


def draw_caption(text: str, size: int, seed: int) -> Image.Image:
    """Draw a small label, such as the name of a tile."""
    face = Typeface(SANS, size)
    words = draw_label(text, face, PAPER)
    tag = Image.new("RGBA", (words.width + size, words.height + size // 3), (*SHADE, 170))
    ImageDraw.Draw(tag).rectangle((0, 0, max(2, size // 6), tag.height), fill=(*make_palette(seed)[2], 255))
    tag.alpha_composite(words, (size // 2, size // 6))
    return tag


def draw_card(title: str, address: str, size: tuple[int, int], seed: int) -> Image.Image:
    """Draw the placeholder for media that could not be had, legible at the size of a tile."""
    wide, high = size
    unit = min(wide / 60, high / 40)
    picture = draw_backdrop(wide, high, seed ^ 0x5EED).point(lambda value: value * 0.75)
    drawing = ImageDraw.Draw(picture)
    edge = round(unit * 1.5)
    drawing.rectangle(
        (edge, edge, wide - edge, high - edge), outline=make_palette(seed)[2], width=max(1, round(unit / 5))
    )
    face = Typeface(BOLD, max(9, round(unit * 3.2)))
    left, baseline = unit * 4, unit * 8
    for line in face.wrap(title, wide - left * 2):
        face.draw(drawing, left, baseline, line, PAPER)
        baseline += face.size * 1.3
    small = Typeface(MONO, max(8, round(unit * 2)))
    for line in small.wrap(address[:LONGEST], wide - left * 2)[:8]:
        small.draw(drawing, left, baseline, line, QUIET)
        baseline += small.size * 1.4
    return picture


def draw_waveform(peaks: list[float], width: int, height: int, seed: int) -> Image.Image:
    """Draw bars of loudness around a middle line."""
    picture = Image.new("RGBA", (width, height))
    drawing = ImageDraw.Draw(picture)
    accent = make_palette(seed)[2]
    step = width / len(peaks)
    for number, peak in enumerate(peaks):
        reach = max(2, peak * height * 0.46)
        left = number * step
        box = (left, height / 2 - reach, left + step * 0.55, height / 2 + reach)
        drawing.rounded_rectangle(box, radius=step * 0.25, fill=(*accent, 220))
    return picture
