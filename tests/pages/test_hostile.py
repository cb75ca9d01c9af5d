"""Every page with a store whose every text is hostile: no page fails, and no text is anything but text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.html.present import Slide, build_page
from dailies.compare.export import write_csv
from dailies.people import NOBODY_SIGNS_IN, Browser
from dailies.services import Services
from tests.pages.conftest import Open
from tests.pages.hostile import FAMILY, LONG, NOW, SHORT, SIGNS, TRACKER, empty, fill

BROWSER = "the browser of the hostile store"
PLAIN = frozenset(
    {
        *("Code.code_text", "Image.alt", "ImageList.alt", "BidiComponent.json"),
        *("VegaLiteChart.spec", "VegaLiteChart.alt"),
        *("TextArea.default", "TextArea.value", "TextArea.id", "TextInput.default", "TextInput.value"),
        *("Selectbox.options", "Selectbox.raw_value", "MultiSelect.options", "MultiSelect.raw_values"),
    }
)
"""Fields of elements that Streamlit shows as they are."""


@pytest.fixture(scope="module")
def hostile(services: Services) -> Iterator[str]:
    """The id of a comparison in the hostile store, whose assets are forgotten afterwards."""
    store = services.store
    gateway = TRACKER.removesuffix("/track")
    services.keyring.put(services.settings.signer.handle(BROWSER, gateway), gateway, "sk-of-the-hostile-store")
    yield fill(store, gateway)
    empty(store, gateway)


def strings(proto: Any) -> Iterator[tuple[str, str]]:
    """Every string of an element, with the name of its field."""
    for field, value in proto.ListFields():
        name = f"{proto.DESCRIPTOR.name}.{field.name}"
        for each in value if field.is_repeated else [value]:
            if field.type == field.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
                yield from strings(each)
            elif isinstance(each, str):
                yield name, each


def walk(node: Any) -> Iterator[tuple[str, str]]:
    if getattr(node, "proto", None) is not None:
        yield from strings(node.proto)
    for child in getattr(node, "children", {}).values():
        yield from walk(child)


def assert_harmless(app: AppTest) -> int:
    """Assert that nothing hostile stands in Markdown; return in how many elements the hostile text stands."""
    assert not app.exception
    assert not [box.value for box in app.warning if "cannot be shown" in box.value]
    found = 0
    for name, text in walk(app._tree):
        if "track" not in text and "head" not in text:
            continue
        found += 1
        if name not in PLAIN and not name.endswith((".id", ".key", ".url", ".query_string")):
            assert [sign for sign in SIGNS if re.search(rf"(?<!\\){re.escape(sign)}", text)] == [], (name, text[:300])
    return found


@pytest.mark.parametrize(
    "page",
    ["home", "library", FAMILY, "other", "compare", "leaderboard", "plan", "queue", "seen", "assets", "settings"],
)
def test_a_page_shows_hostile_text_as_text(hostile: str, services: Services, open_page: Open, page: str) -> None:
    app = open_page(page)
    app.session_state["session/no cookie"] = BROWSER
    services.store.browsers.save(Browser(BROWSER, TRACKER.removesuffix("/track"), keyed=True), NOW)
    found = assert_harmless(app.run())
    assert found or page in ("plan", "queue", "settings")


@pytest.mark.parametrize("page", ["compare", "vote"])
def test_a_comparison_shows_hostile_text_as_text(hostile: str, open_page: Open, page: str) -> None:
    assert assert_harmless(open_page(page, c=hostile))


def test_a_typed_hostile_prompt_is_text(open_page: Open) -> None:
    assert assert_harmless(open_page("other", model=SHORT))
    app = open_page(FAMILY)
    app.session_state[f"{FAMILY}/prompt"] = LONG
    app.session_state[f"{FAMILY}/metadata"] = LONG
    app.run()
    assert assert_harmless(app)
    next(button for button in app.button if button.label == "Generate").click().run()
    assert assert_harmless(app)


def test_a_table_file_holds_no_formula(hostile: str, services: Services) -> None:
    comparison = services.store.comparisons.get(hostile)
    assert comparison is not None
    written = write_csv(comparison, services.of(NOBODY_SIGNS_IN).store.runs_of(comparison))
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert any("track" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) and not cell.lstrip("-").isdecimal()]


def test_the_page_for_presenting_holds_hostile_text_as_data(hostile: str, services: Services) -> None:
    comparison = services.store.comparisons.get(hostile)
    assert comparison is not None
    slides = [Slide(comparison, services.of(NOBODY_SIGNS_IN).store.runs_of(comparison))]
    page = build_page(slides, lambda name: f"clips/{name}", lambda name: None, title=True, prompt=True)
    assert "track" in page
    assert not [
        sign for sign in ("<img", "<script>document", "</script><script>document", f"<{TRACKER}") if sign in page
    ]
