"""*Make equal*: one press gives all lanes the largest length, ratio, size and sound in common, which is said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from components.form import values
from components.words import escape
from dailies.compare.equal import NAMES, Equal, find_equal
from dailies.compare.lanes import Shared
from dailies.domain import Cell
from dailies.vocabulary import Value


def draw_equal(
    scope: str, cells: Sequence[tuple[str, str, Cell | None]], shared: Sequence[Shared], chosen: Mapping[str, Value]
) -> None:
    """Draw the popover. `cells`: each lane's own scope, name and cell; `chosen`: the idea's values."""
    able = [(name, cell) for _, name, cell in cells if cell is not None and not cell.refused]
    if len(able) < 2:
        return
    box = st.popover("Make equal", icon=":material/balance:", key=f"{scope}/equal", on_change="rerun", type="tertiary")
    if not box.open:
        return
    with box:
        equal = find_equal(able, chosen)
        if not equal.said:
            st.markdown("These lanes have no length, ratio, size or sound to choose.")
            return
        st.markdown("\n".join(f"- {escape(said)}" for said in equal.said))
        if equal.values:
            st.button(
                "Set these for all lanes",
                icon=":material/balance:",
                key=f"{scope}/equal/set",
                help="Own values of a lane for these are taken away.",
                on_click=_set,
                args=(scope, cells, shared, equal),
            )


def _set(scope: str, cells: Sequence[tuple[str, str, Cell | None]], shared: Sequence[Shared], equal: Equal) -> None:
    for each in shared:
        if each.parameter.id in equal.values:
            values.set_value(scope, each.parameter, equal.values[each.parameter.id])
    for own, _, cell in cells:
        for parameter in cell.parameters if cell else ():
            if parameter.id in NAMES and parameter.id in equal.values:
                values.set_value(own, replace(parameter, default=None, required=False), None)
