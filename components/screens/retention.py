"""Old clips on the Settings page: the operator's rule, and what it would take now."""

from __future__ import annotations

import streamlit as st

from components import session
from components.words import count, escape, format_time
from dailies.work.housekeeping import UNDO


def draw_retention() -> None:
    """Draw the rule and, when it is asked for, what it would take; nothing where clips stay for good."""
    rule = session.services().settings.retention
    if not rule:
        return
    st.subheader("Old clips", anchor=False)
    parts = [f"Clips are deleted after {rule.days} days."] if rule.days else []
    if rule.quota:
        parts.append(f"Each person's clips may take {rule.quota / 1e9:g} GB; beyond that the oldest go.")
    st.markdown(
        f"{' '.join(parts)} What is starred, in a comparison or continued by another run stays. The rest can be "
        f"brought back for {UNDO.days} days: filter the Library by *Deleted runs*."
    )
    box = st.expander("What would go now", icon=":material/auto_delete:", key="retention/plan", on_change="rerun")
    if box.open:
        with box:
            _draw_plan()


def _draw_plan() -> None:
    services = session.services()
    sweep = services.plan_sweep()
    st.markdown(f"{count(len(sweep.all), 'run')} with {sweep.size / 1e6:.1f} MB. Nothing is deleted by looking.")
    if sweep.begins:
        coming, day = services.plan_sweep(at=sweep.begins), format_time(sweep.begins, st.context.timezone_offset)
        st.info(
            f"The rule is new or stricter than before. All of it counts from {day} on, and takes "
            f"{count(len(coming.all), 'run')} with {coming.size / 1e6:.1f} MB then, if nothing changes.",
            icon=":material/event:",
        )
    if not sweep.all:
        return
    names = {each.id: each.title for each in services.store.list_people()}
    rows: dict[str, list[int]] = {}
    for each in sweep.all:
        row = rows.setdefault(each.owner, [0, 0])
        row[0] += 1
        row[1] += each.size
    st.table(
        {
            "Person": [escape(names.get(owner, owner) or "everybody") for owner in rows],
            "Runs": [row[0] for row in rows.values()],
            "MB": [f"{row[1] / 1e6:.1f}" for row in rows.values()],
            "Now in use (MB)": [f"{sweep.used.get(owner, 0) / 1e6:.1f}" for owner in rows],
        },
        border="horizontal",
        width="content",
        hide_index=True,
        alt="What the rule for old clips would take now, by person",
    )
