"""Reference slots: what cannot be used is refused in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dailies.domain import Clip, Reference
from dailies.vocabulary import MediaKind, Mode, RunState
from tests.pages.conftest import MakeRun, Open, plain, png, press, texts, widget


def test_a_text_file_called_png_is_refused_in_words(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    app.file_uploader[0].set_value(("notes.png", b"just text", "image/png")).run()
    assert "notes.png is text, not a picture, video or sound" in plain(app.error[0].value)


def test_a_link_that_is_none_is_refused_and_stays_in_its_field(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    widget(app, "text_input", "Link: first frame").set_value("not a link").run()
    assert "is not a web address" in plain(app.error[0].value)
    assert widget(app, "text_input", "Link: first frame").value == "not a link"


def names(app: AppTest, scope: str, slot: str) -> list[str]:
    return [reference.name for reference in app.session_state[f"{scope}/references"].get(slot, ())]


def with_three(open_page: Open) -> AppTest:
    app = open_page("grok", mode="references")
    return app.file_uploader[0].set_value([(f"{n}.png", png((640, 360 + n)), "image/png") for n in range(3)]).run()


def test_what_is_given_is_listed_and_the_way_in_is_empty_again(open_page: Open) -> None:
    app = with_three(open_page)
    assert names(app, "grok", "references") == ["0.png", "1.png", "2.png"]
    assert not app.file_uploader[0].value
    app.run()
    assert names(app, "grok", "references") == ["0.png", "1.png", "2.png"]


def test_one_of_three_is_removed_and_the_others_keep_their_order(open_page: Open) -> None:
    app = with_three(open_page)
    [button for button in app.button if button.label == "Remove"][1].click().run()
    assert names(app, "grok", "references") == ["0.png", "2.png"]


def test_a_fix_replaces_the_picture_in_its_place(open_page: Open) -> None:
    app = open_page("kling", mode="references")
    toggle = next(toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged"))
    toggle.set_value(True).run()
    app.session_state["kling/mode"] = "first_frame"
    app.run()
    app.file_uploader[0].set_value(("wide.bmp", bmp(), "image/bmp")).run()
    before = app.session_state["kling/references"]["first_frame"][0]
    assert "bmp" in before.media_type
    press(app, "Convert")
    (after,) = app.session_state["kling/references"]["first_frame"]
    assert after.media_type in ("image/png", "image/jpeg", "image/webp")
    assert not [button for button in app.run().button if button.label == "Convert"]


def bmp() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1280, 720), (90, 120, 60)).save(out, "BMP")
    return out.getvalue()


def repeated() -> None:
    """A slot, and a button that calls its callback again with the turn that has passed, as Streamlit may."""
    import streamlit as st

    from components.form import adding, references
    from dailies.catalog.load import load
    from dailies.vocabulary import Mode

    cell = load().families["sora"].cell("sora-2", Mode.FIRST_FRAME)
    assert cell is not None
    references.draw_slots("form", cell.slots)
    if st.session_state.get("form/link/first_frame/0"):
        st.session_state["link of turn 0"] = st.session_state["form/link/first_frame/0"]

    def again() -> None:
        st.session_state["form/link/first_frame/0"] = "https://media.example/a.png"
        adding._take_link("form", "first_frame", 0)

    st.button("Again", on_click=again)


def test_a_callback_that_streamlit_repeats_adds_nothing_twice(services: Any) -> None:
    app = AppTest.from_function(repeated, default_timeout=30).run()
    widget(app, "text_input", "Link: first frame").set_value("https://media.example/a.png").run()
    assert names(app, "form", "first_frame") == ["a.png"]
    press(app, "Again")
    assert names(app, "form", "first_frame") == ["a.png"]


def wide() -> bytes:
    """A picture whose left is red and whose right is blue."""
    import io

    from PIL import Image

    out = io.BytesIO()
    picture = Image.new("RGB", (2000, 400), "red")
    picture.paste("blue", (1000, 0, 2000, 400))
    picture.save(out, "PNG")
    return out.getvalue()


def colours(app: AppTest, digest: str) -> set[tuple[int, ...]]:
    import io

    from PIL import Image

    from dailies.services import open_services

    with Image.open(io.BytesIO(open_services().store.files.read(digest))) as picture:
        return {colour for _, colour in picture.convert("RGB").getcolors() or []}


@pytest.mark.parametrize(
    ("way", "button", "size", "shown"),
    [
        ("Crop: keep the left", "Crop", (1000, 400), {(255, 0, 0)}),
        ("Crop: keep the right", "Crop", (1000, 400), {(0, 0, 255)}),
        ("Pad: keep everything, add bars", "Pad", (2000, 800), {(255, 0, 0), (0, 0, 255), (0, 0, 0)}),
    ],
)
def test_the_kept_part_is_chosen_seen_used_and_undone(open_page: Open, way, button, size, shown) -> None:
    app = open_page("kling", mode="first_frame")
    app.file_uploader[0].set_value(("wide.png", wide(), "image/png")).run()
    (before,) = app.session_state["kling/references"]["first_frame"]
    app = widget(app, "selectbox", "How wide.png gets its shape").select(way).run()
    received = [plain(caption.value) for caption in app.caption if "After the fix" in caption.value]
    assert f"{size[0]}×{size[1]}" in received[0]
    press(app, button)
    (after,) = app.session_state["kling/references"]["first_frame"]
    assert (after.width, after.height) == size
    assert colours(app, after.digest) == shown
    press(app, "Undo")
    assert app.session_state["kling/references"]["first_frame"] == (before,)


def test_a_tall_picture_keeps_its_top_or_bottom(open_page: Open) -> None:
    app = open_page("kling", mode="first_frame")
    app.file_uploader[0].set_value(("tall.png", png((400, 2000)), "image/png")).run()
    options = widget(app, "selectbox", "How tall.png gets its shape").options
    assert options[1:3] == ["Crop: keep the top", "Crop: keep the bottom"]


def test_what_was_done_to_a_picture_is_read_beside_it(open_page: Open) -> None:
    import io

    from PIL import Image

    out = io.BytesIO()
    frames = [Image.new("RGB", (640, 360), (90 * number, 0, 0)) for number in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=b"secret")
    app = open_page("kling", mode="first_frame")
    app.file_uploader[0].set_value(("moving.gif", out.getvalue(), "image/gif")).run()
    texts = plain(" ".join(markdown.value for markdown in app.markdown))
    assert "Comment removed." in texts
    assert "Only the first of 3 frames is sent." in texts


def test_references_are_numbered_moved_and_named_in_the_prompt(open_page: Open) -> None:
    app = open_page("vidu", mode="references")
    app.session_state["vidu/entry"], app.session_state["vidu/model"] = "official", "viduq2-pro"
    links = (Reference(f"<b>{name}</b>", MediaKind.IMAGE, url=f"https://media.example/{name}.png") for name in "abc")
    app.session_state["vidu/references"] = {"references": tuple(links)}
    app.run()
    assert not app.exception
    app = press(app, ":material/chevron_right:")
    assert [name[3] for name in names(app, "vidu", "references")] == ["b", "a", "c"]
    widget(app, "text_area", "Prompt").set_value("A dance of").run()
    app = next(button for button in app.button if plain(button.label) == "@2").click().run()
    assert widget(app, "text_area", "Prompt").value == "A dance of @2 "


def test_a_reference_is_replaced_in_its_place(open_page: Open) -> None:
    app = open_page("vidu", mode="first_frame")
    app.file_uploader[0].set_value(("old.png", png(), "image/png")).run()
    app = press(app, "Replace")
    app.file_uploader[0].set_value(("new.png", png((1280, 724)), "image/png")).run()
    assert names(app, "vidu", "first_frame") == ["new.png"]
    assert app.get("file_uploader") == []
    app = press(press(app, "Replace"), "Keep it")
    assert names(app, "vidu", "first_frame") == ["new.png"]


def test_the_frame_of_a_clip_that_is_gone_is_said(open_page: Open, make_run: MakeRun, services: Any) -> None:
    clip = Clip("nowhere.mp4", "nowhere.jpg", 1, 5.0, 1280, 720, 24.0, "h264", "")
    make_run("A boat", datetime.now(UTC), "http://127.0.0.1:9", state=RunState.DONE, clip=clip)
    app = open_page("vidu", mode="first_frame")
    app.session_state["vidu/earlier/first_frame"] = True
    app = press(app.run(), "Use this frame")
    assert not app.exception
    assert app.error


def test_what_a_run_was_given_can_be_used_again(open_page: Open, services: Any, make_run: MakeRun) -> None:
    data = png((640, 360))
    held = Reference("<i>sea</i>.png", MediaKind.IMAGE, services.store.files.keep(data), media_type="image/png", size=9)
    run = make_run("A boat", datetime.now(UTC), "http://127.0.0.1:9")
    request = replace(run.request, mode=Mode.FIRST_FRAME, references={"first_frame": (held, held)})
    other = services.store.runs.add(replace(run, id="r-with-a-sea", press="", request=request))
    app = open_page("vidu", mode="first_frame")
    app.session_state["vidu/earlier/first_frame"] = True
    app = press(app.run(), "Use")
    assert names(app, "vidu", "first_frame") == ["<i>sea</i>.png"]
    services.store.runs.delete(other.id)


def test_a_frames_thumbnail_says_what_the_shape_of_the_clip_cuts(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    app.file_uploader[0].set_value(("tall.png", png((720, 1280)), "image/png")).run()
    assert "16:9 may cut the dimmed edges." in texts(app)
    widget(app, "selectbox", "Aspect ratio").set_value("9:16").run()
    assert "dimmed edges" not in texts(app)


def dragged() -> None:
    """A slot of three, and a button that does what a drag of the second card to the first place does, twice."""
    import streamlit as st

    from components.form import references
    from components.form.held import get_references

    def drag() -> None:
        for _ in range(2):  # the second time, another reference stands where that one was
            references._take_drag("form", "references", "https://media.example/b.png", 1, 0)
        references._take_drag("form", "references", "https://media.example/b.png", 0, 9)

    st.button("Drag", on_click=drag)
    st.text(" ".join(each.name for each in get_references("form").get("references", ())))


def test_a_drag_moves_what_was_dragged_and_nothing_else(services: Any) -> None:
    app = AppTest.from_function(dragged, default_timeout=30)
    links = (Reference(name, MediaKind.IMAGE, url=f"https://media.example/{name}.png") for name in "abc")
    app.session_state["form/references"] = {"references": tuple(links)}
    press(app.run(), "Drag")
    assert names(app, "form", "references") == ["b", "a", "c"]
