"""A blind vote in a file: ballots go out, are answered by keys, and come back once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from components.compare.export import draw_questions
from components.html.exported import Source, build_blind_page
from dailies.compare.ratings import select_counted
from dailies.store import Store
from tests.browser.exported.conftest import NOW, until

pytestmark = pytest.mark.browser


def answer(page: Page, file: Path, *keys: str) -> Mapping[str, object]:
    """Open a blind vote, answer it by keys, and give the saved ballot."""
    page.goto(file.as_uri())
    for number, key in enumerate(keys, start=1):
        expect(page.locator("#count")).to_have_text(f"Question {number} of 6")
        expect(page.locator("video")).to_have_count(2)
        page.keyboard.press(key)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save ballot").click()
    ballot: Mapping[str, object] = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    return ballot


def test_ballots_go_out_and_come_back_once(
    alone: Page, source: Source, store: Store, panel: Callable[[], AppTest], tmp_path: Path
) -> None:
    questions = draw_questions(source, store.comparisons, NOW)
    file = tmp_path / "vote.html"
    file.write_text(build_blind_page(source, questions), encoding="utf-8")
    assert [n for n in ("alpha-1", "beta-2", "gamma-3") if n.encode() in file.read_bytes()] == []
    assert list(store.comparisons.votes("c1")) == list(questions), "they are kept before anybody sees them"

    keys = ("a", "b", "t", "x", "a", "b")
    first = answer(alone, file, *keys)
    expect(alone.get_by_text("All 6 answered.")).to_be_visible()
    said = {"a": "left", "b": "right", "t": "tie", "x": "bad"}
    assert [a["outcome"] for a in first["answers"]] == [said[key] for key in keys]
    assert [a["question"] for a in first["answers"]] == [q.id for q in questions]
    second = answer(alone, file, "a")
    assert second["ballot"] != first["ballot"], "the same file serves several people"

    app = panel()
    for ballot, words, counts in (
        (first, "6 answers counted", 6),
        (first, "imported before", 6),
        (second, "1 answer counted", 7),
    ):
        app.file_uploader[0].set_value(("ballot.json", json.dumps(ballot).encode(), "application/json")).run()
        next(b for b in app.button if b.label == "Count these ballots").click().run()
        shown = [*app.success, *app.error]
        assert [words in message.value for message in shown] == [True], [m.value for m in shown]
        assert len(select_counted(store.comparisons.votes("c1"))) == counts
    votes = {v.id: v for v in questions}
    first_votes = [v for v in select_counted(store.comparisons.votes("c1")) if v.ballot == first["ballot"]]
    sides = sorted((v.criterion, v.left, v.right, v.left_name) for v in first_votes)
    assert sides == sorted((v.criterion, v.left, v.right, v.left_name) for v in votes.values())


def test_neither_a_name_nor_the_key_for_play_is_an_answer(
    alone: Page, source: Source, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "vote.html"
    file.write_text(build_blind_page(source, draw_questions(source, store.comparisons, NOW)), encoding="utf-8")
    alone.goto(file.as_uri())
    alone.get_by_label("Your name (optional)").fill("")
    alone.get_by_label("Your name (optional)").press_sequentially("Beata X")
    expect(alone.locator("#count")).to_have_text("Question 1 of 6")
    alone.get_by_role("button", name="Tie").click()
    expect(alone.locator("#count")).to_have_text("Question 2 of 6")
    alone.keyboard.press("Space")
    until(alone, "videos.length === 2 && videos.every(v => !v.paused)")
    expect(alone.locator("#count")).to_have_text("Question 2 of 6")
    with alone.expect_download() as saved:
        alone.get_by_role("button", name="Save ballot").click()
    ballot = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert (ballot["voter"], len(ballot["answers"])) == ("Beata X", 1)
