"""The Present page's code for the room: where it leads, and when there is none."""

from __future__ import annotations

import pytest

from components.html.present import build_page, draw_code, find_link


@pytest.mark.parametrize(
    ("address", "public", "link"),
    [
        ("http://127.0.0.1:8501/present?c=1", "", ""),
        ("http://localhost:8501/present?c=1", "", ""),
        ("http://127.0.0.1:8501/present?c=1", "https://dailies.example", "https://dailies.example/present?c=1"),
        ("http://10.0.0.7/present?r=a", "https://dailies.example/app/", "https://dailies.example/app/present?r=a"),
        ("http://10.0.0.7:8501/present?r=a,b", "", "http://10.0.0.7:8501/present?r=a,b"),
    ],
)
def test_the_code_leads_where_others_reach_the_app(address: str, public: str, link: str) -> None:
    assert find_link(address, public) == link


def test_there_is_no_code_without_a_link_or_for_one_too_long() -> None:
    assert draw_code("") == ""
    assert draw_code("https://dailies.example/" + "a" * 1000) == ""
    assert draw_code("https://dailies.example/present?c=1").startswith("<svg")


def test_a_hostile_link_is_text() -> None:
    page = build_page([], str, lambda _: None, link="https://dailies.example/present?c=<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
