"""The board of waiting and failing: plots per model and gateway over time, and a table beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import session
from components.words import format_duration
from dailies.seen import LIKE, Ending, Share, divide
from dailies.vocabulary import PARAMETERS

_MOST_LINES = 6  # more lines in one plot cannot be told apart
_HEIGHT = 280

Shares = Mapping[tuple[str, ...], Share]


def draw_board(endings: Sequence[Ending]) -> None:
    """Draw how long runs waited and how many failed, by day, and how long by length and size."""
    several = len({ending.place.gateway for ending in endings}) > 1

    def name(ending: Ending) -> str:
        place = ending.place
        return f"{place.model} · {session.name_gateway(place.gateway)}" if several else place.model

    shares = divide(endings, lambda ending: (name(ending), f"{ending.ended:%Y-%m-%d}"))
    most = sorted(divide(endings, name).items(), key=lambda each: -each[1].runs)[:_MOST_LINES]
    shown = {key: share for key, share in shares.items() if key[0] in dict(most)}
    alike = divide(
        [ending for ending in endings if ending.wait is not None],
        lambda ending: (name(ending), *(str(ending.values.get(name, "")) for name in LIKE)),
    )
    few = f" The plots show the {_MOST_LINES} with the most runs." if len(shown) < len(shares) else ""
    st.subheader("Waiting", anchor=False)
    st.caption(
        "From sending to the clip: the median of each day; beside it by length and size, as a run under way and Plan "
        f"expect it.{few}"
    )
    left, right = st.columns([3, 2])
    with left:
        rows = [_plot(key, share.usual) for key, share in shown.items() if share.usual is not None]
        _draw_plot(
            rows, "Usual wait (s)", {}, "Usual wait by day, model and gateway; the table holds it by length and size"
        )
    with right:
        _draw_table([_list_alike(key, share) for key, share in sorted(alike.items())])
    st.subheader("Failing", anchor=False)
    left, right = st.columns([3, 2])
    with left:
        rows = [_plot(key, share.failed / share.runs) for key, share in shown.items()]
        percent = {"axis": {"format": ".0%"}, "scale": {"domain": [0, 1]}}
        _draw_plot(rows, "Failed", percent, "Share of failed runs by day, model and gateway; the table holds the same")
    with right:
        _draw_table(
            [_list_day(key, share) for key, share in sorted(shares.items(), key=lambda each: each[0][1], reverse=True)]
        )


def _plot(key: tuple[str, ...], value: float) -> dict[str, Any]:
    return {"model": key[0], "day": key[1], "value": round(value, 3)}


def _list_alike(key: tuple[str, ...], share: Share) -> dict[str, Any]:
    asked = [f"{value} {PARAMETERS[name].unit}".strip() for name, value in zip(LIKE, key[1:], strict=True) if value]
    usual, slowest = (format_duration(each) if each is not None else "–" for each in (share.usual, share.slowest))
    return {
        "Model": key[0],
        "Asked": " · ".join(asked) or "–",
        "Usual wait": usual,
        "Nine of ten": slowest,
        "Runs": share.runs,
    }


def _list_day(key: tuple[str, ...], share: Share) -> dict[str, Any]:
    return {
        "Day": key[1],
        "Model": key[0],
        "Failed": share.failed,
        "Runs": share.runs,
        "Usual wait": format_duration(share.usual) if share.usual is not None else "–",
    }


def _draw_table(rows: Sequence[Mapping[str, Any]]) -> None:
    st.dataframe(rows, hide_index=True, width="stretch", height=_HEIGHT if len(rows) > 6 else "auto")


def _draw_plot(rows: Sequence[Mapping[str, Any]], title: str, value: Mapping[str, Any], alt: str) -> None:
    if not rows:
        st.caption("No run ended with a clip in this time.")
        return
    day = {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": None, "scale": {"type": "utc"}}
    spec = {
        "data": {"values": list(rows)},
        "mark": {"type": "line", "point": {"size": 50, "filled": True}, "tooltip": True},
        "encoding": {
            "x": day | {"axis": {"format": "%d %b", "labelOverlap": True, "tickCount": {"interval": "day", "step": 1}}},
            "y": {"field": "value", "type": "quantitative", "title": title, **value},
            "color": {
                "field": "model",
                "type": "nominal",
                "legend": {"orient": "bottom", "columns": 2, "labelLimit": 150, "title": None},
            },
        },
        "height": _HEIGHT,
    }
    st.vega_lite_chart(spec=spec, alt=alt)
