"""The blind vote and the leaderboard without a browser: stored questions, void rules, and the table."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dailies.compare.nouns import Comparison, Idea, Lane, Outcome, Vote
from dailies.domain import Clip
from dailies.services import Services
from tests.pages.conftest import Open

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLIP = Clip("take.mp4", "take.jpg", 10, 4.0, 64, 48, 24.0, "h264", "aac")
NAMES = ("Atelier_one", "Borough *two*", "Cutting three", "Dock four")

Compared = Callable[..., Comparison]


@pytest.fixture
def compared(services: Services) -> Iterator[Compared]:
    """Makes comparisons of finished clips; they and their votes are gone after the test."""
    store = services.store.comparisons
    made: list[str] = []

    def make(count: int, **changes: Any) -> Comparison:
        its = tuple(Lane(f"lane{n}", title=NAMES[n], clip=CLIP) for n in range(count))
        comparison = Comparison(f"c-{secrets.token_hex(6)}", "", NOW, NOW, idea=Idea(prompt="A boat"), lanes=its)
        made.append(comparison.id)
        return store.add(replace(comparison, **changes))

    yield make
    for comparison in made:
        store.delete(comparison)


def voted(
    services: Services, comparison: Comparison, left: int, right: int, *outcomes: Outcome, **changes: Any
) -> None:
    base = Vote("", comparison.id, "motion", f"lane{left}", f"lane{right}", NAMES[left], NAMES[right], "anna", NOW)
    asked = [replace(base, id=secrets.token_hex(8), outcome=outcome, **changes) for outcome in outcomes]
    services.store.comparisons.ask(asked)


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.subheader, app.title)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def table(app: AppTest, number: int = 0) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = app.table[number].value.to_dict("records")
    return rows


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def answer(app: AppTest, outcome: Outcome) -> AppTest:
    """Press the answer's button of whichever question is shown."""
    shown = next(b for b in app.button if b.key and b.key.endswith(f"/{outcome.value}"))
    return shown.click().run()


def asked(app: AppTest) -> str:
    """The id of the question that is shown."""
    return next(b.key.split("/")[1] for b in app.button if b.key and b.key.endswith("/tie"))


# --- the vote ----------------------------------------------------------------------------------------------------


def test_without_a_comparison_the_page_says_where_to_begin(open_page: Open) -> None:
    assert "belongs to a comparison" in texts(open_page("vote"))
    assert "does not exist" in texts(open_page("vote", c="nowhere"))


def test_one_finished_clip_is_not_enough(open_page: Open, compared: Compared) -> None:
    waiting = compared(2, lanes=(Lane("a", title="One", clip=CLIP), Lane("b", model="two", run="gone")))
    app = open_page("vote", c=waiting.id)
    assert "needs two finished clips. This comparison has 1 so far" in texts(app)
    assert not [b for b in app.button if b.key == "vote/start"]


def test_nothing_is_asked_before_start_and_all_is_stored_before_anything_is_shown(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3, criteria=("motion", "light"))
    app = open_page("vote", c=comparison.id)
    assert "6 questions" in texts(app)
    assert services.store.comparisons.votes(comparison.id) == []
    press(app, "vote/start")
    votes = services.store.comparisons.votes(comparison.id)
    assert len(votes) == 6
    assert {(v.outcome, v.void) for v in votes} == {(None, False)}
    assert asked(app) == votes[0].id
    assert "1 of 6" in texts(app)
    assert app.query_params["voter"] == votes[0].voter


def test_a_round_asks_as_many_questions_as_one_wants(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(3, criteria=("motion", "light"))
    app = open_page("vote", c=comparison.id)
    assert "These votes will count" in texts(app)
    app.number_input(key=f"vote/many/{comparison.id}").set_value(2).run()
    press(app, "vote/start")
    assert len(services.store.comparisons.votes(comparison.id)) == 2
    assert "1 of 2" in texts(app)


def test_a_vote_begins_from_the_list_until_the_names_have_been_seen(open_page: Open, compared: Compared) -> None:
    comparison = compared(2)
    app = open_page("compare")
    key = f"compare/vote/{comparison.id}"
    assert not next(button for button in app.button if button.key == key).disabled
    app.session_state["session/seen names"] = {comparison.id}
    assert next(button for button in app.run().button if button.key == key).disabled


def test_a_reload_finds_the_same_question_with_the_same_sides(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3)
    app = press(open_page("vote", c=comparison.id), "vote/start")
    answer(app, Outcome.LEFT)
    before = services.store.comparisons.votes(comparison.id)
    again = open_page("vote", c=comparison.id, voter=before[0].voter)
    assert asked(again) == asked(app) == before[1].id
    assert services.store.comparisons.votes(comparison.id) == before
    another = press(open_page("vote", c=comparison.id), "vote/start")
    assert asked(another) not in {vote.id for vote in before}


def test_a_round_is_answered_and_names_come_at_the_end_alone(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3)
    app = press(open_page("vote", c=comparison.id), "vote/start")
    for outcome in (Outcome.LEFT, Outcome.BAD, Outcome.RIGHT):
        assert not any(name.split()[0] in texts(app) for name in NAMES)
        answer(app, outcome)
    assert "All 3 questions answered" in texts(app)
    assert not app.table
    press(app, "vote/reveal")
    votes = services.store.comparisons.votes(comparison.id)
    assert [v.outcome for v in votes] == [Outcome.LEFT, Outcome.BAD, Outcome.RIGHT]
    assert not any(v.void for v in votes)
    rows = table(app)
    assert {row["Clip"] for row in rows} == {"A · Atelier\\_one", "B · Borough \\*two\\*", "C · Cutting three"}
    assert sum(row["Won"] for row in rows) == sum(row["Lost"] for row in rows) == 2
    assert sum(row["Tied"] for row in rows) == 2


def test_who_has_seen_the_names_is_told_before_and_votes_void(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(2)
    app = open_page("vote", c=comparison.id)
    app.session_state["session/seen names"] = {comparison.id}
    app.run()
    assert "your votes would be void" in texts(app)
    assert f"?c={comparison.id}" in app.code[0].value
    press(app, "vote/start")
    assert "this vote is void" in texts(app)
    answer(app, Outcome.LEFT)
    (vote,) = services.store.comparisons.votes(comparison.id)
    assert (vote.outcome, vote.void) == (Outcome.LEFT, True)


def test_names_seen_on_the_way_void_what_is_open_for_good(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3)
    app = press(open_page("vote", c=comparison.id), "vote/start")
    answer(app, Outcome.LEFT)
    app.session_state["session/seen names"] = {comparison.id}
    app.run()
    votes = services.store.comparisons.votes(comparison.id)
    assert [v.void for v in votes] == [False, True, True]
    assert "The others were dropped" in texts(app)
    again = open_page("vote", c=comparison.id, voter=votes[0].voter)
    assert not [b for b in again.button if b.key and b.key.endswith("/left")]


def test_stopping_keeps_what_was_said_and_revealing_then_voids_the_rest(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3)
    app = press(open_page("vote", c=comparison.id), "vote/start")
    answer(app, Outcome.TIE)
    press(app, "vote/stop")
    assert "1 of 3 answered" in texts(app)
    press(app, "vote/on")
    assert "2 of 3" in texts(app)
    press(app, "vote/stop")
    press(app, "vote/reveal")
    votes = services.store.comparisons.votes(comparison.id)
    assert [(v.outcome, v.void) for v in votes] == [(Outcome.TIE, False), (None, True), (None, True)]
    assert {row["Tied"] for row in table(app)} == {1}


def test_a_question_whose_clip_is_gone_is_passed_over(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(3)
    app = press(open_page("vote", c=comparison.id), "vote/start")
    services.store.comparisons.change(comparison.id, lambda c: c.with_lane(replace(c.lanes[2], clip=None)), NOW)
    app.run()
    left = next(v for v in services.store.comparisons.votes(comparison.id) if {v.left, v.right} == {"lane0", "lane1"})
    assert asked(app) == left.id
    answer(app, Outcome.RIGHT)
    assert "1 of 3 answered. The others were dropped" in texts(app)


# --- the leaderboard ---------------------------------------------------------------------------------------------


def test_no_vote_tells_how_to_get_some(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(2)
    voted(services, comparison, 0, 1, Outcome.LEFT, void=True)
    found = texts(open_page("leaderboard"))
    assert "press “Blind vote”" in found
    assert "Void votes" in found


def test_the_table_tells_points_interval_votes_and_stars(
    open_page: Open, compared: Compared, services: Services
) -> None:
    comparison = compared(3)
    outcomes = [Outcome.LEFT] * 8 + [Outcome.RIGHT] * 3 + [Outcome.BAD]
    voted(services, comparison, 0, 1, *outcomes)
    voted(services, comparison, 1, 0, Outcome.LEFT, criterion="light")
    services.store.comparisons.change(comparison.id, lambda c: c.with_lane(replace(c.lanes[0], stars=4)), NOW)
    services.store.comparisons.change(comparison.id, lambda c: c.with_lane(replace(c.lanes[2], stars=2)), NOW)
    app = open_page("leaderboard")
    assert app.selectbox(key="leaderboard/criterion").value == "motion"
    first, second, third = table(app)
    assert (first["Name"], first["W/T/L"], first["Votes"], first["State"]) == (
        "Atelier\\_one",
        "8/1/3",
        "12",
        "settled",
    )
    low, high = (int(end) for end in first["95 %"].split("\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"))
    assert low < int(first["Points"]) < high
    assert int(first["Points"]) + int(second["Points"]) == 2000
    assert (first["Stars"], second["Stars"]) == ("4.0\N{NO-BREAK SPACE}(1)", "–")
    assert (third["Name"], third["State"], third["Stars"]) == ("Cutting three", "no vote", "2.0\N{NO-BREAK SPACE}(1)")
    assert "12 votes, 8% of them both bad" in texts(app)
    app.selectbox(key="leaderboard/criterion").set_value("light").run()
    assert table(app)[0]["Name"] == "Borough \\*two\\*"
    assert "preliminary" in table(app)[0]["State"]
    assert table(app)[0]["95 %"] == "none\N{NO-BREAK SPACE}yet"
    assert "Every name has fewer than 10 votes" in texts(app)


def test_a_new_vote_is_in_the_points_at_the_next_look(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(2)
    voted(services, comparison, 0, 1, Outcome.LEFT, Outcome.LEFT)
    app = open_page("leaderboard")
    assert table(app)[0]["W/T/L"] == "2/0/0"
    voted(services, comparison, 0, 1, Outcome.RIGHT)
    assert table(app.run())[0]["W/T/L"] == "2/0/1"


def test_groups_that_no_vote_joins_are_said(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(4)
    both = [Outcome.LEFT, Outcome.RIGHT] * 6
    voted(services, comparison, 0, 1, *both)
    voted(services, comparison, 2, 3, *both)
    app = open_page("leaderboard")
    assert "cannot be compared" in texts(app)
    assert all("preliminary" in row["State"] for row in table(app))


def test_a_liking_for_one_side_is_said(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(2)
    voted(services, comparison, 0, 1, *[Outcome.RIGHT] * 12)
    voted(services, comparison, 1, 0, *[Outcome.RIGHT] * 11, Outcome.LEFT)
    assert "The right clip won unusually often. Left won 1 of 24" in texts(open_page("leaderboard"))


def test_clips_of_one_name_alone_give_nothing_to_rank(open_page: Open, compared: Compared, services: Services) -> None:
    comparison = compared(2)
    voted(services, comparison, 0, 1, Outcome.LEFT, right_name=NAMES[0])
    assert "nothing to rank" in texts(open_page("leaderboard"))
