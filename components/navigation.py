"""The pages as Streamlit's navigation takes them, made once.

To make one Streamlit looks for its file and asks for its real path; with thirty of them that took longer than drawing
the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dailies.tree import TREE

_PAGES = TREE / "pages"


def make_page(name: str, title: str, icon: str, **look: Any) -> StreamlitPage:
    """Make the page of a file in `pages/`. `icon` is the name of a Material icon; `look` are arguments of `st.Page`."""
    return copy(_make_once(name, title, icon, **look))  # each run of a script marks its own as the one to be drawn


@cache
def _make_once(name: str, title: str, icon: str, **look: Any) -> StreamlitPage:
    return st.Page(_PAGES / f"{name}.py", title=title, icon=f":material/{icon}:", **look)


def list_pages(sections: Mapping[str, Mapping[StreamlitPage, str]]) -> list[dict[str, str]]:
    """Return the pages of each section as the sidebar lists them; what each is for stands beside it in `sections`."""
    return [
        {
            "section": section if page.visibility == "visible" else "",
            "name": page.url_path,
            "title": page.title,
            "icon": page.icon.removeprefix(":material/").removesuffix(":"),
            "about": about,
        }
        for section, pages in sections.items()
        for page, about in pages.items()
    ]
