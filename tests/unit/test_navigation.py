"""The pages as the sidebar lists them."""

from __future__ import annotations

from dataclasses import dataclass

from components.navigation import list_pages


@dataclass(frozen=True)
class Page:
    """What is read of a page of Streamlit, which makes none outside of a script."""

    url_path: str
    title: str
    icon: str
    visibility: str = "visible"


def test_a_hidden_page_has_no_section_of_the_list():
    home = Page("", "Home", ":material/grid_view:")
    vote = Page("vote", "Blind vote", ":material/how_to_vote:", "hidden")
    assert list_pages({"Own": {home: "What there is.", vote: ""}}) == [  # type: ignore[dict-item]
        {"section": "Own", "name": "", "title": "Home", "icon": "grid_view", "about": "What there is."},
        {"section": "", "name": "vote", "title": "Blind vote", "icon": "how_to_vote", "about": ""},
    ]
