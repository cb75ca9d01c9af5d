"""The panel of exports offers what there is. No browser: Streamlit's own test runner draws it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dailies.store import Store


def test_the_panel_offers_what_there_is(panel: Callable[[], AppTest]) -> None:
    app = panel()
    assert not app.exception
    assert [button.label for button in app.download_button] == ["HTML", "ZIP", "MP4", "JSON", "CSV"]
    app.toggle[0].set_value(True).run()
    assert [button.label for button in app.download_button] == ["HTML", "ZIP", "MP4"], "data would name the models"
    assert not app.exception


def test_the_panel_says_which_clip_is_gone(panel: Callable[[], AppTest], store: Store) -> None:
    (store.files.clips / "b.mp4").unlink()
    app = panel()
    assert "No longer on disk: the clip of B." in app.warning[0].value
    assert [b.disabled for b in app.download_button if b.label in ("HTML", "ZIP", "MP4")] == [True] * 3
