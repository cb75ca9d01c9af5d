"""Reference slots: what cannot be used is refused in words."""

from __future__ import annotations

from tests.pages.conftest import Open, plain, widget


def test_a_text_file_called_png_is_refused_in_words(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    app.file_uploader[0].set_value(("notes.png", b"just text", "image/png")).run()
    assert "notes.png is not a picture, video or sound that can be read" in plain(app.error[0].value)


def test_a_link_that_is_none_is_refused_and_stays_in_its_field(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    widget(app, "text_input", "Link: first frame").set_value("not a link").run()
    assert "is not a web address" in plain(app.error[0].value)
    assert widget(app, "text_input", "Link: first frame").value == "not a link"
