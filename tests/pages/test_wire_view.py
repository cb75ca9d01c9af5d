"""The request view: what is drawn once it is opened."""

from __future__ import annotations

from tests.pages.conftest import Open, texts


def test_the_sources_of_a_form_are_links_of_the_page_itself(open_page: Open) -> None:
    app = open_page("wan")
    app.session_state["wan/wire"] = True
    said = texts(app.run())
    assert "[Video Model Support Matrix](https://docs.octopusx.ai/en/videos/model-matrix)" in said
    assert "[new-api source code](https://github.com/QuantumNous/new-api)" in said
