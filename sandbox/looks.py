"""Looks: what a film of words alone shows. The prompt's words and the seed choose the place, the hour and the camera.

A look is a scene: a painted background under a slow camera, something near that passes by, something in the air.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from sandbox import paintings
from sandbox.paintings import Light, choose_light, to_picture
from sandbox.planes import WHITE, Layer, Planes
from sandbox.scenes import Still

PLACES: dict[str, str] = {
    "sea": r"sea|ocean|wave|beach|boat|ship|lake|river|water|puddle|fish|whale|harbou?r|island|海|湖|河|船|水|鱼",
    "city": r"city|town|street|tower|skyline|car|traffic|taxi|subway|robot|building|城|街|车|楼",
    "bokeh": r"neon|night street|rain|lights?|umbrella|bar|concert|party|雨|霓虹|灯|夜",
    "hills": r"mountain|hill|valley|snow|horse|field|meadow|farm|cliff|eagle|山|雪|谷|草",
    "dunes": r"desert|dune|sand|camel|mars|canyon|沙|漠",
    "woods": r"forest|tree|wood|deer|fox|leaf|leaves|mist|fog|garden|bird|林|树|叶|雾|鸟",
    "space": r"space|star|planet|galaxy|rocket|moon|astronaut|orbit|星|月|宇宙|空间",
    "silk": r"abstract|silk|ink|smoke|paint|flow|colou?r|dance|fabric|music|抽象|丝|墨|舞",
}
"""The places and the words that lead there."""

HOURS = {
    "night": r"night|moon|midnight|dark|star|夜|月",
    "dusk": r"dusk|sunset|evening|golden|autumn|黄昏|日落|秋",
    "dawn": r"dawn|sunrise|morning|mist|spring|清晨|日出|春",
    "day": r"noon|sunny|summer|daylight|bright|白天|夏",
    "neon": r"neon|cyber|future|robot|club|霓虹|未来",
}
AIR = {"rain": r"rain|storm|puddle|雨", "snow": r"snow|winter|雪|冬", "embers": r"fire|ember|lantern|candle|火|灯笼"}
_FALL = {"rain": 1.6, "snow": 0.12, "embers": -0.16, "dust": -0.03}  # heights of the frame a second


@dataclass(frozen=True)
class Look:
    """A place, an hour, and what is in the air; empty: nothing."""

    place: str
    hour: str
    air: str


def choose_look(prompt: str, seed: int) -> Look:
    """Choose a look: by the words of a prompt where they say something, else by the seed."""
    chance = np.random.default_rng(seed)

    def speaks_of(words: str) -> bool:
        apart = re.split(r"\|(?=[^\x00-\x7f])", words)  # a script without spaces has no beginnings of words
        return bool(re.search(rf"\b(?:{apart[0]})|{'|'.join(apart[1:]) or '(?!)'}", prompt, re.IGNORECASE))

    def pick(named: dict[str, str], others: tuple[str, ...]) -> str:
        found = [name for name, words in named.items() if speaks_of(words)]
        drawn = str(chance.choice(others))
        return str(chance.choice(found)) if found else drawn

    place = pick(PLACES, tuple(PLACES))
    hour = pick(HOURS, ("dawn", "day", "dusk", "dusk", "night", "neon"))
    air = pick(AIR, ("dust", "", "", "snow" if place == "hills" else "dust"))
    return Look(place, hour, air)


class Vista:
    """A picture under a camera, with a near layer that passes and particles that fall or rise."""

    def __init__(
        self,
        ground: Still,
        near: Layer | None,
        drops: Image.Image | None,
        fall: float,
        size: tuple[int, int],
        seconds: float,
    ) -> None:
        self.ground, self.near, self.drops, self.fall = ground, near, drops, fall
        self.size, self.seconds = size, seconds

    def at(self, t: float) -> Planes:
        frame = self.ground.at(t)
        wide, high = self.size
        if self.near is not None:
            travel = self.near.size[0] - wide
            self.near.draw(frame, -round(travel * t / self.seconds / 2) * 2, (high - self.near.size[1]) // 2 * 2)
        if self.drops is not None:
            y = round(self.fall * high * t) % high
            frame.y.paste(WHITE, (0, y), self.drops)
            frame.y.paste(WHITE, (0, y - high), self.drops)
        return frame


def make_vista(prompt: str, size: tuple[int, int], seconds: float, seed: int) -> Vista:
    """Make the scene of a prompt. Frames are `size` pixels; the camera takes `seconds`."""
    look = choose_look(prompt, seed)
    chance = np.random.default_rng(seed)
    light = choose_light(chance, look.hour)
    wide, high = size
    # Painted at half the size: the shapes are soft, and sharp edges belong to the near layer.
    scale = min(1.0, 512 / max(size))
    small = max(32, round(wide * scale)), max(32, round(high * scale))
    picture = to_picture(_PAINTERS[look.place](chance, *small, light), size, chance)
    zoom = float(chance.uniform(1.12, 1.3))
    ground = Still(picture, size, seconds, seed=seed, zoom=zoom, backwards=bool(chance.random() > 0.5), detail=1.0)
    drops = paintings.draw_drops(chance, wide, high, look.air) if look.air else None
    return Vista(ground, _make_near(look, light, size, chance), drops, _FALL.get(look.air, 0), size, seconds)


def _make_near(look: Look, light: Light, size: tuple[int, int], chance: np.random.Generator) -> Layer | None:
    """Make what passes in front; a place that is all sky or all colour has nothing there."""
    wide, high = size[0] + round(size[0] * 0.22), size[1]
    dark = paintings.mix(light.near, (4, 4, 8), 0.55)
    if look.place == "city":
        lamp = paintings.mix(light.lamp, (255, 214, 140), 0.5) if light.dark else None
        return Layer(paintings.draw_towers(chance, wide, round(high * 0.5), dark, lamp))
    if look.place == "woods":
        return Layer(paintings.draw_trunks(chance, wide, high, dark))
    if look.place in ("hills", "dunes"):
        rough = 0.8 if look.place == "hills" else 0.1
        return Layer(paintings.draw_ground(chance, wide, round(high * 0.24), dark, rough))
    return None


def _paint_city(chance: np.random.Generator, width: int, height: int, light: Light) -> paintings.Field:
    sky = paintings.paint_sky(chance, width, height, light, 0.85)
    far = paintings.draw_towers(
        chance,
        width,
        round(height * 0.62),
        paintings.mix(light.low, light.near, 0.55),
        light.lamp if light.dark else None,
    )
    picture = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))
    picture.paste(far, (0, height - far.height), far)
    return np.asarray(picture, np.float32)


def _paint_woods(chance: np.random.Generator, width: int, height: int, light: Light) -> paintings.Field:
    picture = Image.fromarray(np.clip(paintings.paint_sky(chance, width, height, light, 1.0), 0, 255).astype(np.uint8))
    for share in (0.25, 0.5):
        trunks = paintings.draw_trunks(chance, width, height, paintings.mix(light.low, light.near, share))
        picture.paste(trunks, (0, 0), trunks)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    fog = np.clip(down - 0.35, 0, 1) * 0.75
    return np.asarray(np.asarray(picture, np.float32) * (1 - fog) + np.array(light.low, np.float32) * fog, np.float32)


def _paint_hills(chance: np.random.Generator, width: int, height: int, light: Light) -> paintings.Field:
    return paintings.paint_hills(chance, width, height, light, rough=0.9, count=5)


def _paint_dunes(chance: np.random.Generator, width: int, height: int, light: Light) -> paintings.Field:
    sand = light._replace(near=paintings.from_hls(float(chance.uniform(0.03, 0.09)), 0.34, 0.5))
    return paintings.paint_hills(chance, width, height, sand, rough=0.05, count=4)


_PAINTERS: dict[str, Callable[[np.random.Generator, int, int, Light], paintings.Field]] = {
    "sea": paintings.paint_sea,
    "city": _paint_city,
    "bokeh": paintings.paint_bokeh,
    "hills": _paint_hills,
    "dunes": _paint_dunes,
    "woods": _paint_woods,
    "space": paintings.paint_nebula,
    "silk": paintings.paint_silk,
}
