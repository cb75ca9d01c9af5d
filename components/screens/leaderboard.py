"""The Leaderboard page: names by all counted votes, one criterion at a time, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from components import session
from components.heading import draw_heading
from components.words import escape
from dailies.compare.nouns import Outcome, Vote
from dailies.compare.ratings import CENTRE, FLOOR, Ranking, Standing, Stars, average_stars, rank, select_counted

_ROW = 34  # px of the chart for one name
_NONE = "–"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_GREY = "#85888e"  # readable on light and dark backgrounds
_STATES = {True: "preliminary", False: "settled"}


def draw_leaderboard() -> None:
    """Draw the page."""
    draw_heading("Leaderboard")
    store = session.services().store.comparisons
    votes = select_counted(store.votes())
    if not votes:
        st.info(
            "Open a comparison with at least two finished clips and press “Blind vote”, or export a blind vote and "
            "import its ballots. Void votes, by somebody who had seen the names, are never counted.",
            title="No votes yet",
            icon=":material/how_to_vote:",
        )
        return
    by_criterion: dict[str, list[Vote]] = {}
    for vote in votes:
        by_criterion.setdefault(vote.criterion, []).append(vote)
    criteria = sorted(by_criterion, key=lambda name: (-len(by_criterion[name]), name))
    chosen = st.selectbox(
        "Criterion",
        criteria,
        key="leaderboard/criterion",
        width=320,
        format_func=lambda name: f"{name} ({len(by_criterion[name])})",
        help="Votes by different criteria are never mixed.",
    )
    of_it = by_criterion[chosen]
    with st.spinner("Computing the points", show_time=False):
        found = _rank(tuple((vote.id, vote.outcome) for vote in of_it), of_it)
    starred = average_stars(store.list(limit=store.count()))
    if not found.standings:
        st.info("All votes by this criterion were between clips of the same name, so there is nothing to rank.")
        return
    _draw_warnings(found)
    _draw_table(found, starred)
    _draw_chart(found, chosen)
    _draw_explanation()


@st.cache_data(max_entries=64, show_spinner=False)
def _rank(answers: tuple[tuple[str, Outcome | None], ...], _votes: Sequence[Vote]) -> Ranking:
    """Rank `_votes`; cached by their answers, since resampling takes a second."""
    return rank(_votes)


def _draw_warnings(found: Ranking) -> None:
    if not found.connected:
        groups = "; ".join(", ".join(escape(name) for name in group) for group in found.groups)
        st.warning(
            f"No vote connects these groups, so their points cannot be compared: {groups}. "
            "Vote on a comparison with names of both groups.",
            title="Not comparable",
            icon=":material/link_off:",
        )
    elif all(standing.preliminary for standing in found.standings):
        st.info(
            f"Every name has fewer than {FLOOR} votes, or no interval yet. A few more votes can change the order.",
            title="Preliminary",
            icon=":material/hourglass_top:",
        )
    side = found.position
    if side.suspect:
        more = "left" if side.left * 2 > side.decided else "right"
        st.warning(
            f"The {more} clip won unusually often. Left won {side.left} of {side.decided} decided votes; its true "
            f"share is likely between {side.low:.0%} and {side.high:.0%}, not one half. Sides are drawn at random: "
            "this blurs the points, but favours no name.",
            title="The side seems to matter",
            icon=":material/swap_horiz:",
        )


def _draw_table(found: Ranking, starred: Mapping[str, Stars]) -> None:
    rows = [_make_row(standing, starred) for standing in found.standings]
    unvoted = sorted(set(starred) - {standing.name for standing in found.standings})
    rows += [_make_cells(name, _NONE, _NONE, "no vote", "0", _NONE, starred) for name in unvoted]
    columns = {title: [row[title] for row in rows] for title in rows[0]}
    st.table(columns, border="horizontal", hide_index=True, alt="Names by points, with intervals, votes and stars")
    side = found.position
    st.caption(
        f"{found.votes} votes, {found.bad / found.votes:.0%} of them both bad, which counts as a tie. "
        + (f"Left won {side.left} of {side.decided} decided votes. " if side.decided else "No vote was decided. ")
        + "W/T/L: won, tied, lost. Stars: mean out of 5, and the number of clips with stars."
    )


def _make_row(standing: Standing, starred: Mapping[str, Stars]) -> dict[str, str]:
    tally = standing.tally
    known = standing.low is not None and standing.high is not None
    return _make_cells(
        standing.name,
        f"{standing.points:.0f}",
        f"{standing.low:.0f} to {standing.high:.0f}" if known else "none yet",
        f":orange-badge[:material/hourglass_top: {_STATES[True]}]" if standing.preliminary else _STATES[False],
        str(tally.votes),
        f"{tally.wins}/{tally.ties}/{tally.losses}",
        starred,
    )


def _make_cells(
    name: str, points: str, interval: str, state: str, votes: str, fared: str, starred: Mapping[str, Stars]
) -> dict[str, str]:
    """Make one row. Figures do not wrap: on a phone the table scrolls sideways instead."""
    given = starred.get(name)
    return {
        "Name": escape(name),
        "Points": points,
        "95 %": interval.replace(" ", _NO_BREAK),
        "State": state,
        "Votes": votes,
        "W/T/L": fared,
        "Stars": f"{given.mean:.1f}{_NO_BREAK}({given.count})" if given else _NONE,
    }


def _draw_chart(found: Ranking, criterion: str) -> None:
    """Draw points with their intervals, best first; hollow where preliminary."""
    names = [standing.name for standing in found.standings]
    values = [asdict(standing) | {"state": _STATES[standing.preliminary]} for standing in found.standings]
    name = {"field": "name", "type": "nominal", "sort": names, "axis": {"title": None, "labelLimit": 180}}
    points = {
        "type": "quantitative",
        "scale": {"zero": False, "padding": 16},
        "axis": {"title": "Points", "format": "d", "tickCount": 6, "labelBound": True},
    }
    shown = [{"field": field, "format": ".0f"} for field in ("points", "low", "high")]
    spots: list[dict[str, Any]] = [
        {
            "mark": {"type": "point", "size": 90, "strokeWidth": 2, "opacity": 1, "filled": filled},
            "transform": [{"filter": f"{'!' if filled else ''}datum.preliminary"}],
            "encoding": {"y": name, "x": {"field": "points", **points}, "tooltip": [*shown, {"field": "state"}]},
        }
        for filled in (True, False)
    ]
    spec: dict[str, Any] = {
        "data": {"values": values},
        "height": {"step": _ROW},
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [3, 3], "color": _GREY},
                "data": {"values": [{"points": CENTRE}]},
                "encoding": {"x": {"field": "points", **points}},
            },
            {
                "mark": {"type": "bar", "height": 3, "opacity": 0.6},
                "transform": [{"filter": "isValid(datum.low)"}],
                "encoding": {"y": name, "x": {"field": "low", **points}, "x2": {"field": "high"}},
            },
            *spots,
        ],
    }
    alt = f"Points and 95 % intervals by {criterion}, best first: {', '.join(names)}. The table has the figures."
    st.vega_lite_chart(spec=spec, alt=alt)
    st.caption("Bars: 95 % intervals. Hollow: preliminary. Dashed line: an average name.")


def _draw_explanation() -> None:
    st.caption(
        f"Points are Bradley–Terry strengths fitted to all blind votes by this criterion. {CENTRE:.0f} is an average "
        "name; a name with 100 more wins 64 of 100 votes. Tie and Both bad are half a win for each side. Every name "
        "starts with one tie against an average opponent, so that few votes claim little. Intervals come from "
        "resampling the votes; a name has none before it has both won and lost. Preliminary: fewer than "
        f"{FLOOR} votes, no interval, or no vote that connects it with the others. Stars are given on comparisons and "
        "do not change the points."
    )
