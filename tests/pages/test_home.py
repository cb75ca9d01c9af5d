"""Home: the documents behind its matrix, and its takes."""

from __future__ import annotations

from tests.pages.conftest import Open, texts


def test_home_links_the_documents_behind_its_table(open_page: Open) -> None:
    said = texts(open_page("home"))
    assert "[Video Model Support Matrix](https://docs.octopusx.ai/en/videos/model-matrix)" in said
    assert "[Domestic Video Models](https://docs.octopusx.ai/en/videos/aigc/overview)" in said
