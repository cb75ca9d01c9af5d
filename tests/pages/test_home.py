"""Home: an idea sent in place, the documents behind its matrix, and what the matrix folds."""

from __future__ import annotations

from components.screens.home import list_matrix_rows
from dailies.catalog.load import load
from dailies.services import Services
from tests.pages.conftest import Open, plain, png, press, texts, widget


def test_home_links_the_documents_behind_its_table(open_page: Open) -> None:
    said = texts(open_page("home"))
    assert "[Video Model Support Matrix](https://docs.octopusx.ai/en/videos/model-matrix)" in said
    assert "[Domestic Video Models](https://docs.octopusx.ai/en/videos/aigc/overview)" in said


def test_an_idea_is_sent_in_place_and_its_run_is_shown_large(open_page: Open, services: Services) -> None:
    app = open_page("home")
    widget(app, "text_area", "Prompt").set_value("A heron lifts off at home")
    app = press(app, "Generate")
    assert not app.exception
    (run,) = services.store.runs.list(search="heron lifts")
    assert run.request.model == widget(app, "selectbox", "Model").value
    assert run.id in app.session_state["session/mine"]
    assert "A heron lifts off at home" in [plain(caption.value) for caption in app.run().caption]


def test_the_idea_goes_from_home_to_a_page_and_back(open_page: Open) -> None:
    app = press(open_page("home"), "Paper boat")
    prompt = widget(app, "text_area", "Prompt").value
    assert prompt.startswith("A paper boat")
    app = press(app, "References and settings")
    assert widget(app, "text_area", "Prompt").value == prompt
    app.query_params.clear()
    app = app.switch_page("../pages/sora.py").run()
    assert widget(app, "text_area", "Prompt").value == prompt
    app.session_state["sora/mode"] = "first_frame"
    app.run().file_uploader[0].set_value(("a.png", png((720, 1280)), "image/png")).run()
    app.query_params.clear()
    app = app.switch_page("../pages/home.py").run()
    assert widget(app, "text_area", "Prompt").value == prompt
    assert "1 file is kept for the modes that use them" in plain(texts(app))
    app.query_params.clear()
    app = app.switch_page("../pages/vidu.py").run()
    assert list(app.session_state["vidu/references"]) == ["first_frame"]


def test_families_of_which_only_the_group_is_documented_are_folded() -> None:
    folded = {row["family"] for row in list_matrix_rows(load()) if row["folded"]}
    assert {"hunyuan", "mingmou"} <= folded
    assert not folded & {"sora", "veo", "kling", "vidu", "wan"}
