"""The leaderboard: what all counted votes say of each name, one criterion at a time, with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from components import session
from components.heading import draw_heading
from components.words import escape
from dailies.compare.nouns import Outcome, Vote
from dailies.compare.ratings import CENTRE, FLOOR, Ranking, Standing, Stars, counted, ranking, stars

_ROW = 34  # px of the chart for one name
_NONE = "–"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_GREY = "#85888e"  # reads on the light and on the dark background
_STATES = {True: "preliminary", False: "settled"}


def leaderboard() -> None:
    """Draw the page."""
    draw_heading("Leaderboard")
    store = session.services().store.comparisons
    votes = counted(store.votes())
    if not votes:
        st.info(
            "Open a comparison with at least two finished clips and press “Blind vote”, or send a blind ballot to "
            "somebody and import it. Void votes, given by somebody who had seen the names, are never counted.",
            title="No vote counts yet",
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
        found = _ranking(tuple((vote.id, vote.outcome) for vote in of_it), of_it)
    starred = stars(store.list(session.OWNER, limit=store.count(session.OWNER)))
    if not found.standings:
        st.info("All votes by this criterion were between clips of the same name: there is nothing to rank.")
        return
    _warnings(found)
    _table(found, starred)
    _chart(found, chosen)
    _explained()


@st.cache_data(max_entries=64, show_spinner=False)
def _ranking(answers: tuple[tuple[str, Outcome | None], ...], _votes: Sequence[Vote]) -> Ranking:
    """The ranking of `_votes`, kept for as long as the same answers are asked for: resampling takes a second."""
    return ranking(_votes)


def _warnings(found: Ranking) -> None:
    if not found.connected:
        groups = "; ".join(", ".join(escape(name) for name in group) for group in found.groups)
        st.warning(
            f"No vote joins these groups, so their points cannot be compared with each other: {groups}. "
            "Vote on a comparison that holds names of both.",
            title="Not comparable",
            icon=":material/link_off:",
        )
    elif all(standing.preliminary for standing in found.standings):
        st.info(
            f"Every name has fewer than {FLOOR} votes, or no interval yet: the order may still change with a few more.",
            title="Preliminary",
            icon=":material/hourglass_top:",
        )
    side = found.position
    if side.suspect:
        more = "left" if side.left * 2 > side.decided else "right"
        st.warning(
            f"The {more} clip was preferred strikingly often: left won {side.left} of {side.decided} decided votes, so "
            f"its true share is likely between {side.low:.0%} and {side.high:.0%} instead of one half. "
            "Sides are drawn by lot: this blurs the points, but favours no name.",
            title="The side seems to matter",
            icon=":material/swap_horiz:",
        )


def _table(found: Ranking, starred: Mapping[str, Stars]) -> None:
    rows = [_row(standing, starred) for standing in found.standings]
    unvoted = sorted(set(starred) - {standing.name for standing in found.standings})
    rows += [_cells(name, _NONE, _NONE, "no vote", "0", _NONE, starred) for name in unvoted]
    columns = {title: [row[title] for row in rows] for title in rows[0]}
    st.table(columns, border="horizontal", hide_index=True, alt="Names by points, with intervals, votes and stars")
    side = found.position
    st.caption(
        f"{found.votes} votes; both bad in {found.bad / found.votes:.0%}, counted as ties. "
        + (f"Left was preferred in {side.left} of {side.decided} decided votes. " if side.decided else "None decided. ")
        + "W/T/L: won, tied, lost. Stars: the mean of 5, and how many clips have some."
    )


def _row(standing: Standing, starred: Mapping[str, Stars]) -> dict[str, str]:
    tally = standing.tally
    known = standing.low is not None and standing.high is not None
    return _cells(
        standing.name,
        f"{standing.points:.0f}",
        f"{standing.low:.0f} to {standing.high:.0f}" if known else "none yet",
        f":orange-badge[:material/hourglass_top: {_STATES[True]}]" if standing.preliminary else _STATES[False],
        str(tally.votes),
        f"{tally.wins}/{tally.ties}/{tally.losses}",
        starred,
    )


def _cells(
    name: str, points: str, interval: str, state: str, votes: str, fared: str, starred: Mapping[str, Stars]
) -> dict[str, str]:
    """One row; figures do not break over lines, on a phone the table is pushed sideways instead."""
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


def _chart(found: Ranking, criterion: str) -> None:
    """Points with their intervals, best first; hollow where preliminary."""
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
    st.caption("Bars: 95 % intervals. Hollow: preliminary. Dashed: an average name.")


def _explained() -> None:
    st.caption(
        f"Points are Bradley–Terry strengths fitted to all blind votes by this criterion: {CENTRE:.0f} is an average "
        "name, and a name with 100 more is expected to win 64 of 100 votes. A tie, and “both are bad”, is half a win "
        "for each. Every name starts with one tie against an average opponent, so that few votes claim little. "
        "The interval comes from drawing the votes again many times; a name has none before it has both won and lost. "
        f"Preliminary: fewer than {FLOOR} votes, no interval, or no vote that joins it with the others. "
        "Stars are given on the comparisons and are not part of the points."
    )
