"""`layout.js`: where pictures stand and which part of them is visible; and what the captions of `stage.js` say."""

from __future__ import annotations

import itertools

import pytest

from tests.browser.player.films import near

pytestmark = pytest.mark.browser

WIDE, TALL, SQUARE = 16 / 9, 9 / 16, 1
BOXES = [(1440, 650, 8, 22), (390, 600, 8, 22), (1920, 1080, 2, 0), (700, 700, 8, 22), (120, 90, 8, 22)]
SHAPES = [[WIDE], [TALL], [SQUARE], [WIDE, TALL], [TALL, TALL, WIDE]]


def grid(ratios: list[float], *box: float) -> str:
    return f"gridOf({ratios}, {', '.join(map(str, box))})"


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("count", range(1, 9))
def test_a_grid_keeps_its_rules(call, box, count) -> None:
    """Pictures keep their ratio, stay apart and in the window, and no other number of columns makes them larger."""
    width, height, gap, caption = box
    for shapes in SHAPES:
        ratios = list(itertools.islice(itertools.cycle(shapes), count))
        tried = "(ratios, ...box) => ratios.map((_, at) => gridWith(at + 1, ratios, ...box).area)"
        made, areas = call(f"[{grid(ratios, *box)}, ({tried})({ratios}, ...{list(box)})]")
        places = made["places"]
        assert len(places) == count
        assert [one["width"] / one["height"] for one in places] == pytest.approx(ratios, rel=1e-4)
        if width >= 390:
            assert min(one["left"] for one in places) >= -1e-3
            assert max(one["left"] + one["width"] for one in places) <= width + 1e-3
        rows = -(-count // made["columns"])
        least = 40 + rows * caption + (rows - 1) * gap
        assert made["height"] <= max(height, least) + 1e-3
        for one, other in itertools.combinations(places, 2):
            beside = one["left"] + one["width"] + gap <= other["left"] + 1e-3
            beside |= other["left"] + other["width"] + gap <= one["left"] + 1e-3
            above = one["top"] + one["height"] + caption + gap <= other["top"] + 1e-3
            assert beside or above
        assert made["area"] >= max(areas) / 1.001**count
        assert made["area"] == pytest.approx(sum(one["width"] * one["height"] for one in places), rel=1e-4)


@pytest.mark.parametrize(
    ("ratios", "box", "columns"),
    [
        ([WIDE] * 2, (1440, 650, 8, 22), 2),
        ([WIDE] * 4, (1440, 650, 8, 22), 2),
        ([WIDE] * 6, (1440, 650, 8, 22), 3),
        ([WIDE] * 8, (1440, 650, 8, 22), 4),
        ([TALL] * 4, (1440, 650, 8, 22), 4),
        ([TALL] * 8, (1440, 650, 8, 22), 8),
        ([WIDE] * 2, (390, 600, 8, 22), 1),
        ([WIDE] * 4, (390, 600, 8, 22), 1),
        ([TALL] * 4, (390, 600, 8, 22), 2),
        ([], (390, 600, 8, 22), 0),
    ],
)
def test_the_number_of_columns(call, ratios, box, columns) -> None:
    assert call(grid(ratios, *box))["columns"] == columns


def box(left: float, top: float, width: float, height: float) -> dict[str, float]:
    return {"left": left, "top": top, "width": width, "height": height}


@pytest.mark.parametrize(
    ("columns", "ratios", "size", "height", "places"),
    [
        # one picture in the middle, under its caption
        (1, [2], (1000, 222, 8, 22), 222, [box(300, 0, 400, 200)]),
        # two rows: caption and gap between them, no gap after the last
        (2, [2] * 3, (600, 252, 8, 22), 252, [box(96, 0, 200, 100), box(304, 0, 200, 100), box(96, 130, 200, 100)]),
        # different shapes in a row: both in the middle of their places
        (2, [2, 1], (808, 622, 8, 22), 422, [box(0, 100, 400, 200), box(408, 0, 400, 400)]),
        # rows share the height: a tall shape takes no room from a flat one
        (1, [4, 0.5], (400, 260, 8, 22), 260, [box(0, 0, 400, 100), box(173, 130, 54, 108)]),
        # a window without room still shows something
        (2, [1, 1], (20, 10, 8, 22), 62, [box(-34, 0, 40, 40), box(14, 0, 40, 40)]),
    ],
)
def test_the_places_of_a_grid(call, columns, ratios, size, height, places) -> None:
    made = call(f"gridWith({columns}, {ratios}, {', '.join(map(str, size))})")
    assert made["height"] == near(height)
    assert made["places"] == near(places)


@pytest.mark.parametrize(
    ("wanted", "allowed", "limit"),
    [
        ([100, 200, 300], 600, "Infinity"),
        ([100, 200, 300], 599, 299),
        ([100, 200, 300], 450, 175),
        ([300, 100, 200], 450, 175),
        ([100, 200, 300], 300, 100),
        ([100, 200, 300], 150, 50),
        ([], 100, "Infinity"),
    ],
)
def test_no_row_is_higher_than_the_limit(call, wanted, allowed, limit) -> None:
    assert call(f"rowLimit({wanted}, {allowed})") == near(limit)


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ((1, 0.5, 0.5), (1, 0.5, 0.5)),
        ((1, 0.1, 0.9), (1, 0.5, 0.5)),
        ((0.5, 0.5, 0.5), (1, 0.5, 0.5)),
        ((2, 0.1, 0.9), (2, 0.25, 0.75)),
        ((4, 0.3, 0.2), (4, 0.3, 0.2)),
        ((4, 0.1, 0.95), (4, 0.125, 0.875)),
        ((99, 0, 1), (16, 1 / 32, 31 / 32)),
    ],
)
def test_a_region_stays_within_the_picture(call, region, inside) -> None:
    scale, x, y = region
    scaled, across, down = inside
    assert call(f"clampRegion({{ scale: {scale}, x: {x}, y: {y} }})") == near({"scale": scaled, "x": across, "y": down})


@pytest.mark.parametrize(
    ("region", "scale", "point", "zoomed"),
    [
        ((1, 0.5, 0.5), 2, (0.5, 0.5), (2, 0.5, 0.5)),
        ((1, 0.5, 0.5), 2, (0.4, 0.7), (2, 0.45, 0.6)),
        ((2, 0.5, 0.5), 4, (0.2, 0.9), (4, 0.425, 0.6)),
        ((4, 0.5, 0.4), 2, (0.4, 0.6), (2, 0.525, 0.375)),
        ((4, 0.2, 0.8), 1, (0.5, 0.5), (1, 0.5, 0.5)),
        ((8, 0.5, 0.5), 99, (0.5, 0.5), (16, 0.5, 0.5)),
        ((2, 0.25, 0.75), 0.1, (0, 1), (1, 0.5, 0.5)),
    ],
)
def test_zoom_keeps_a_point_where_it_is(call, region, scale, point, zoomed) -> None:
    before = f"{{ scale: {region[0]}, x: {region[1]}, y: {region[2]} }}"
    after = {"scale": zoomed[0], "x": zoomed[1], "y": zoomed[2]}
    assert call(f"zoomAbout({before}, {scale}, {{ x: {point[0]}, y: {point[1]} }})") == near(after)


@pytest.mark.parametrize(
    ("said", "file", "ratio"),
    [
        ((640, 480), (1280, 720), 4 / 3),
        ((0, 480), (1280, 720), 16 / 9),
        ((640, 0), (300, 600), 0.5),
        ((0, 0), (0, 0), 16 / 9),
    ],
)
def test_the_ratio_of_a_clip(call, said, file, ratio) -> None:
    clip = f"{{ width: {said[0]}, height: {said[1]} }}"
    assert call(f"ratioOf({{ clip: {clip}, video: {{ videoWidth: {file[0]}, videoHeight: {file[1]} }} }})") == near(
        ratio
    )


@pytest.mark.parametrize(
    ("clips", "rule", "tags"),
    [
        ("clip(2), clip(2)", "hold", [[], []]),
        ("clip(2), clip(3)", "hold", [["holds from 2 s"], ["ends last"]]),
        ("clip(2), clip(3)", "loop", [["repeats after 2 s"], ["ends last"]]),
        ("clip(2), clip(3)", "stretch", [["stretched ×0.67"], []]),
        ("clip(2.345, 24, { offset: 0.5 }), clip(3)", "hold", [["holds from 2.85 s"], ["ends last"]]),
        ("clip(2, 24, { offset: 1 }), clip(3)", "stretch", [["stretched ×0.67", "ends last"], ["holds from 3 s"]]),
    ],
)
def test_the_tags_of_durations(call, clips, rule, tags) -> None:
    plan = f"makePlan([{clips}], '{rule}')"
    assert call(f"((plan) => plan.tracks.map((track) => durationTags(track, plan)))({plan})") == tags
