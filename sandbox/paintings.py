"""The pictures behind a film of a prompt: skies, ridges, water, towers, trunks, lights, folds; painted once per film.

Arrays of floats from 0 to 255, rows first. The same seed paints the same picture. `looks` decides what is painted.
"""

from __future__ import annotations

import colorsys
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Field = npt.NDArray[np.float32]
Rgb = tuple[float, float, float]


class Light(NamedTuple):
    """The light of a picture: colours from 0 to 255 of the upper sky, the horizon, the lamp and the near ground."""

    high: Rgb
    low: Rgb
    lamp: Rgb
    near: Rgb
    dark: bool


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Mix two colours; `share` is the part of the other one."""
    return tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def from_hls(hue: float, light: float, strength: float) -> Rgb:
    """Make a colour of hue, lightness and saturation, each from 0 to 1."""
    red, green, blue = colorsys.hls_to_rgb(hue % 1, light, strength)
    return red * 255, green * 255, blue * 255


def choose_light(chance: np.random.Generator, hour: str) -> Light:
    """Choose the colours of an hour: `dawn`, `day`, `dusk`, `night` or `neon`."""
    turn = float(chance.uniform(-0.05, 0.05))
    if hour == "day":
        return Light(
            from_hls(0.58 + turn, 0.42, 0.55), from_hls(0.54 + turn, 0.78, 0.5), (255, 246, 222),
            from_hls(0.36 + turn * 2, 0.16, 0.3), False,
        )  # fmt: skip
    if hour == "dawn":
        return Light(
            from_hls(0.66 + turn, 0.42, 0.32), from_hls(0.04 + turn, 0.78, 0.75), (255, 226, 190),
            from_hls(0.70 + turn, 0.15, 0.3), False,
        )  # fmt: skip
    if hour == "dusk":
        return Light(
            from_hls(0.72 + turn, 0.22, 0.45), from_hls(0.05 + turn, 0.56, 0.85), (255, 190, 120),
            from_hls(0.74 + turn, 0.08, 0.4), True,
        )  # fmt: skip
    if hour == "neon":
        # Blue to red: a green night looks ill.
        hue, lamp = float(chance.uniform(0.55, 0.95)), float(chance.choice((0.09, 0.13, 0.5, 0.92)))
        return Light(
            from_hls(hue, 0.10, 0.6), from_hls(hue + 0.12, 0.30, 0.7), from_hls(lamp, 0.72, 0.95),
            from_hls(hue, 0.05, 0.5), True,
        )  # fmt: skip
    return Light(
        from_hls(0.62 + turn, 0.06, 0.6), from_hls(0.58 + turn, 0.22, 0.5), (232, 236, 255),
        from_hls(0.62 + turn, 0.04, 0.4), True,
    )  # fmt: skip


def to_picture(pixels: Field, size: tuple[int, int], chance: np.random.Generator) -> Image.Image:
    """Scale a painting to its size, with grain against banding."""
    small = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    large = np.asarray(small.resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = chance.integers(-1, 2, (size[1], size[0], 1), np.int16)
    return Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8))


def make_noise(chance: np.random.Generator, width: int, height: int, cells: int, octaves: int = 4) -> Field:
    """Make clouds of noise from 0 to 1; `cells` is the number of bumps across."""
    total = np.zeros((height, width), np.float32)
    weight, used = 1.0, 0.0
    for _ in range(octaves):
        rows = max(2, round(cells * height / width))
        coarse = Image.fromarray(chance.random((rows, max(2, cells)), np.float32))
        total += weight * np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)
        used, weight, cells = used + weight, weight * 0.5, cells * 2
    return np.asarray(np.clip(total / used, 0, 1), np.float32)


def make_ridge(chance: np.random.Generator, width: int, rough: float) -> Field:
    """Make the outline of hills from 0 to 1; `rough` from 0 (dunes) to 1 (rocks)."""
    across = np.linspace(0, 1, width, dtype=np.float32)
    total = np.zeros(width, np.float32)
    weight, waves = 1.0, float(chance.uniform(0.8, 1.6))
    for _ in range(7):
        total += weight * np.sin(2 * np.pi * (waves * across + float(chance.random())))
        weight, waves = weight * (0.34 + 0.22 * rough), waves * float(chance.uniform(1.8, 2.3))
    return np.asarray((total - total.min()) / max(1e-6, float(total.max() - total.min())), np.float32)


def paint_sky(chance: np.random.Generator, width: int, height: int, light: Light, horizon: float) -> Field:
    """Paint a sky down to the horizon (a share of the height): a gradient, clouds, stars at night, and the lamp."""
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] / horizon
    share = np.clip(down, 0, 1) ** 1.4
    sky = np.array(light.high, np.float32) * (1 - share) + np.array(light.low, np.float32) * share
    sky = np.repeat(sky, width, axis=1)
    clouds = make_noise(chance, width, height, 5) ** 2
    sky += (clouds * (18 if light.dark else 60))[..., None] * np.array((1.0, 0.95, 0.95), np.float32)
    if light.dark:
        stars = chance.random((height, width)) > 0.9985
        sky += (stars * chance.uniform(40, 190, (height, width)))[..., None] * (1 - share)
    x, y = float(chance.uniform(0.2, 0.8)) * width, float(chance.uniform(0.25, 0.8)) * horizon * height
    radius = float(chance.uniform(0.035, 0.075)) * height
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(columns - x, rows - y)
    glow = np.exp(-away / (radius * 5)) * 0.55 + np.exp(-away / (radius * 1.6)) * 0.5
    disc = np.clip(radius - away + 0.5, 0, 1)
    lamp = np.array(light.lamp, np.float32)
    sky += (glow[..., None] * (lamp - sky)) * 0.75
    return np.asarray(sky * (1 - disc[..., None]) + lamp * disc[..., None], np.float32)


def fill_below(picture: Field, line: Field, color: Rgb, fade: Rgb | None = None) -> None:
    """Fill everything below a line (rows, one for each column) with a colour that may fade to another downwards."""
    height = picture.shape[0]
    rows = np.arange(height, dtype=np.float32)[:, None]
    inside = np.clip(rows - line[None, :], 0, 1)[..., None]
    base = np.array(color, np.float32)
    if fade is not None:
        deep = np.clip((rows - line[None, :]) / (height * 0.35), 0, 1)[..., None]
        base = base * (1 - deep) + np.array(fade, np.float32) * deep
    picture *= 1 - inside
    picture += inside * base


def paint_hills(
    chance: np.random.Generator, width: int, height: int, light: Light, *, rough: float, count: int
) -> Field:
    """Paint ridges behind each other, paler with the distance."""
    picture = paint_sky(chance, width, height, light, 0.66)
    for number in range(count):
        near = (number + 1) / count
        line = height * (0.74 - 0.3 * (1 - near) ** 1.2) - make_ridge(chance, width, rough) * height * (
            0.10 + 0.2 * near
        )
        line += height * 0.26 * near
        color = mix(light.low, light.near, 0.25 + 0.7 * near)
        fill_below(picture, line.astype(np.float32), color, mix(color, light.low, 0.35 * (1 - near)))
    return picture


def paint_sea(chance: np.random.Generator, width: int, height: int, light: Light) -> Field:
    """Paint a sky and its reflection on moving water."""
    horizon = float(chance.uniform(0.46, 0.62))
    picture = paint_sky(chance, width, height, light, horizon)
    edge = round(horizon * height)
    deep = height - edge
    rows = edge - 1 - (np.arange(deep) * edge / deep * 0.96).astype(int)
    down = np.linspace(0, 1, deep, dtype=np.float32)[:, None]
    wave = np.sin(np.arange(width)[None, :] * 0.05 + 40 * np.sqrt(down) * np.pi) * (1 + 9 * down)
    wave += (make_noise(chance, width, deep, 16) - 0.5) * 26 * (0.2 + down)
    columns = np.clip(np.arange(width)[None, :] + wave, 0, width - 1).astype(int)
    mirrored = picture[np.clip(rows, 0, edge - 1)[:, None], columns]
    ripple = 0.68 + 0.34 * np.sin(90 * np.sqrt(down + 0.01) * np.pi + wave * 0.35)
    picture[edge:] = mirrored * (ripple * (1 - 0.45 * down))[..., None] + np.array(light.near, np.float32) * 0.25
    return picture


def paint_nebula(chance: np.random.Generator, width: int, height: int, light: Light) -> Field:
    """Paint clouds of light among stars, and a planet."""
    one, two = make_noise(chance, width, height, 3, 5), make_noise(chance, width, height, 4, 5)
    hue = float(chance.random())
    picture = np.zeros((height, width, 3), np.float32) + np.array(from_hls(hue, 0.03, 0.6), np.float32)
    picture += (np.clip(one - 0.42, 0, 1) ** 1.3 * 5)[..., None] * np.array(from_hls(hue, 0.3, 0.8), np.float32)
    picture += (np.clip(two - 0.45, 0, 1) ** 1.4 * 6)[..., None] * np.array(from_hls(hue + 0.3, 0.3, 0.8), np.float32)
    stars = chance.random((height, width))
    picture += (np.clip(stars - 0.996, 0, 1) * 50_000)[..., None]
    x, y = float(chance.uniform(0.15, 0.85)) * width, float(chance.uniform(0.2, 0.75)) * height
    radius = float(chance.uniform(0.12, 0.3)) * height
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (columns - x) / radius, (rows - y) / radius
    inside = np.clip((1 - np.hypot(across, down)) * radius, 0, 1)
    lit = np.clip(0.12 - (across * 0.75 + down * 0.5) + 0.35 * (one - 0.5), 0.02, 1.2)
    bands = 0.8 + 0.25 * np.sin(down * float(chance.uniform(4, 14)) + 6 * two)
    planet = np.array(from_hls(hue + 0.55, 0.55, 0.5), np.float32) * (lit * bands)[..., None]
    halo = np.exp(-np.clip(np.hypot(across, down) - 1, 0, 9) * 7) * 60 * (lit > 0.1)
    picture += halo[..., None] * np.array(light.lamp, np.float32) / 255
    return np.asarray(picture * (1 - inside[..., None]) + planet * inside[..., None], np.float32)


def paint_silk(chance: np.random.Generator, width: int, height: int, _: Light) -> Field:
    """Paint folds of coloured light."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = columns / height, rows / height
    bend = make_noise(chance, width, height, 3, 2) * 2.4
    turn = float(chance.uniform(0, np.pi))
    along = across * np.cos(turn) + down * np.sin(turn)
    folds = np.sin(along * 6 + bend * 4) + 0.6 * np.sin(along * 11 - bend * 7 + 2) + 0.3 * np.sin(down * 19 + bend * 9)
    hue, lit = float(chance.uniform(0.5, 1.1)), (folds + 1.9) / 3.8
    one, two = np.array(from_hls(hue, 0.10, 0.7), np.float32), np.array(from_hls(hue + 0.1, 0.5, 0.75), np.float32)
    three = np.array(from_hls(hue + 0.2, 0.78, 0.85), np.float32)
    share = np.clip(lit, 0, 1)[..., None]
    return np.asarray(one * (1 - share) + two * share + three * np.clip(share - 0.72, 0, 1) * 1.9, np.float32)


def paint_bokeh(chance: np.random.Generator, width: int, height: int, light: Light) -> Field:
    """Paint a street at night out of focus, mirrored on wet ground."""
    picture = Image.new("RGB", (width, height), tuple(round(part) for part in light.high))
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(90):
        x, y = float(chance.uniform(0, width)), abs(float(chance.normal(0.42, 0.14))) * height
        radius = float(chance.uniform(0.012, 0.055)) * height * (1.4 if chance.random() > 0.8 else 1)
        hue = float(chance.choice((0.02, 0.08, 0.12, 0.55, 0.62, 0.85, 0.93)))
        color = tuple(round(part) for part in from_hls(hue, 0.6, 0.9))
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.ellipse(box, fill=(*color, int(chance.integers(50, 130))), outline=(*color, 170))
        mirrored = 1.24 * height - y * 0.9
        pen.ellipse((box[0] * 1.0, mirrored - radius * 3, box[2], mirrored + radius * 3), fill=(*color, 46))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(height / 180)), np.float32)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    return np.asarray(soft * (1 - 0.45 * np.clip(down - 0.62, 0, 1)), np.float32)


# --- what stands in front ----------------------------------------------------------------------------------------


def draw_towers(chance: np.random.Generator, width: int, height: int, color: Rgb, lamp: Rgb | None) -> Image.Image:
    """Draw the outline of a town on a transparent picture, with lit windows if there is a lamp colour."""
    picture = Image.new("RGBA", (width, height))
    drawing = ImageDraw.Draw(picture)
    solid = (*(round(part) for part in color), 255)
    x = -10
    while x < width:
        wide = int(chance.uniform(0.10, 0.34) * height)
        top = int(chance.uniform(0.0, 0.75) ** 1.3 * height)
        drawing.rectangle((x, top, x + wide, height), fill=solid)
        if chance.random() > 0.7:
            drawing.line((x + wide // 2, max(0, top - height // 8), x + wide // 2, top), fill=solid, width=2)
        if lamp is not None:
            step = max(5, height // 22)
            for left in range(x + step // 2, x + wide - step // 2, step):
                for row in range(top + step // 2, height, step):
                    if chance.random() > 0.62:
                        shine = (*(round(part) for part in lamp), int(chance.integers(90, 240)))
                        drawing.rectangle((left, row, left + step // 2 - 1, row + step // 2), fill=shine)
        x += wide + int(chance.uniform(-0.04, 0.05) * height)
    return picture


def draw_trunks(chance: np.random.Generator, width: int, height: int, color: Rgb) -> Image.Image:
    """Draw the trunks and branches of a wood on a transparent picture."""
    picture = Image.new("RGBA", (width, height))
    drawing = ImageDraw.Draw(picture)
    solid = (*(round(part) for part in color), 255)
    x = float(chance.uniform(0, 0.1)) * height
    while x < width:
        wide = float(chance.uniform(0.012, 0.06)) * height
        lean = float(chance.uniform(-0.04, 0.04)) * height
        drawing.polygon([(x, height), (x + lean, 0), (x + lean + wide * 0.6, 0), (x + wide, height)], fill=solid)
        for _ in range(int(chance.integers(3, 8))):
            y = float(chance.uniform(0.02, 0.7)) * height
            reach = float(chance.uniform(-0.22, 0.22)) * height
            from_x = x + wide / 2 + lean * (1 - y / height)
            drawing.line((from_x, y, from_x + reach, y - abs(reach) * 0.55), fill=solid, width=max(1, int(wide * 0.16)))
        x += float(chance.uniform(0.12, 0.5)) * height
    return picture


def draw_ground(chance: np.random.Generator, width: int, height: int, color: Rgb, rough: float) -> Image.Image:
    """Draw the near ground on a transparent picture: a ridge, with grass on a rough one."""
    picture = Image.new("RGBA", (width, height))
    drawing = ImageDraw.Draw(picture)
    solid = (*(round(part) for part in color), 255)
    line = height * (1 - 0.75 * make_ridge(chance, width, rough * 0.4))
    drawing.polygon([(0, height), *((x, float(line[x])) for x in range(0, width, 4)), (width, height)], fill=solid)
    if rough > 0.5:
        for _ in range(width // 3):
            x = int(chance.integers(0, width))
            reach, lean = float(chance.uniform(0.05, 0.22)) * height, float(chance.uniform(-0.05, 0.05)) * height
            drawing.line((x, float(line[x]) + 3, x + lean, float(line[x]) - reach), fill=solid, width=2)
    return picture


def draw_drops(chance: np.random.Generator, width: int, height: int, kind: str) -> Image.Image:
    """Draw one tile of what falls or rises through the picture, as a mask: `rain`, `snow`, `embers` or `dust`."""
    mask = Image.new("L", (width, height))
    drawing = ImageDraw.Draw(mask)
    count = {"rain": 130, "snow": 110, "embers": 50, "dust": 36}[kind]
    for _ in range(count):
        x, y = float(chance.uniform(0, width)), float(chance.uniform(0, height))
        near = float(chance.uniform(0.25, 1.0))
        if kind == "rain":
            reach = height * 0.05 * near
            drawing.line((x, y, x - reach * 0.12, y + reach), fill=round(90 * near), width=1 if near < 0.8 else 2)
        else:
            radius = height * {"snow": 0.006, "embers": 0.0036, "dust": 0.003}[kind] * near
            drawing.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(215 * near))
    return mask
