"""Spending on the Settings page: the expected cost of runs and chat calls, by day, model and person; the limits."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import streamlit as st

from components import session
from components.words import count, escape
from dailies.compare.export import disarm
from dailies.compare.plan import spell_amount
from dailies.money import Spent
from dailies.text import join_and

_PERIODS = {7: "7 days", 30: "30 days", 365: "a year"}


def draw_spending() -> None:
    """Draw what this person spent and the limits; for an operator, what everybody spent."""
    everybody = session.person().operator
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Spending", anchor=False)
        days = st.segmented_control(
            "Period",
            list(_PERIODS),
            default=30,
            required=True,
            format_func=_PERIODS.__getitem__,
            key="spending/days",
            label_visibility="collapsed",
        )
    _draw_limits()
    services = session.services()
    since = services.now() - timedelta(days=days or 30)
    spent = services.store.list_spending(since, everybody=everybody)
    names = {each.id: each.title for each in services.store.list_people()} if everybody else {}
    spent = [replace(each, owner=names.get(each.owner, each.owner)) for each in spent]
    if not spent:
        st.info("Nothing was sent in this period.", icon=":material/payments:")
        return
    _draw_sums(spent)
    _draw_plot(spent, since, services.now())
    _draw_table(spent, by_person=everybody)


def _draw_limits() -> None:
    limits = session.services().settings.spending
    lines = [
        f"{name}: {spell_amount(amount, '').strip()}"
        for name, amount in (
            ("Asks first above", limits.confirm_cost),
            ("At most per press", limits.max_cost),
            ("Per person and day", limits.budget_day),
            ("Per person and month", limits.budget_month),
        )
        if amount is not None
    ]
    lines.append(f"Clips per press: {limits.max_runs}")
    st.caption(" · ".join(lines) + ". Days and months are in UTC; each currency counts by itself.")


def _draw_sums(spent: Sequence[Spent]) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in spent:
        for money in each.known:
            sums[money.currency] += money.amount
    runs, calls = (sum(each.times for each in spent if each.chat is chat) for chat in (False, True))
    unknown = sum(each.unknown for each in spent)
    with st.container(horizontal=True):
        for currency, amount in sorted(sums.items()):
            st.metric("Estimated", spell_amount(amount, currency), width="content")
        st.metric("Runs", runs, width="content")
        if calls:
            about = "Prompts that a chat model was asked to improve or to translate."
            st.metric("Chat calls", calls, width="content", help=about)
        st.metric("Price unknown", unknown, width="content", help="These had no price on file. Unknown is not free.")
        if free := sum(each.free for each in spent):
            st.metric("Sandbox, free", free, width="content", help="The built-in sandbox charges nothing.")


def _draw_plot(spent: Sequence[Spent], since: datetime, until: datetime) -> None:
    rows = [
        {"day": each.day, "model": each.model, "amount": float(money.amount), "currency": money.currency}
        for each in spent
        for money in each.known
    ]
    if not rows:
        return
    currencies = sorted({str(row["currency"]) for row in rows})
    spec = {
        "data": {"values": rows},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                "axis": {"format": "%d %b", "labelOverlap": True},
                # All of the period: one day alone would be a bar as wide as the page.
                "scale": {
                    "type": "utc",
                    "domain": [f"{since:%Y-%m-%d}", f"{until + timedelta(days=1):%Y-%m-%d}"],
                },
            },
            "y": {"field": "amount", "type": "quantitative", "aggregate": "sum", "title": None},
            # Below: beside the bars it would leave them no room on a phone.
            "color": {"field": "model", "type": "nominal", "title": None, "legend": {"orient": "bottom", "columns": 2}},
            **({"row": {"field": "currency", "title": None}} if len(currencies) > 1 else {}),
        },
        "height": 240,
    }
    st.caption(f"Estimated cost by day, in {escape(join_and(currencies))}")
    st.vega_lite_chart(spec=spec, alt="Estimated cost by day and model; the table below holds the same figures")


def _draw_table(spent: Sequence[Spent], *, by_person: bool) -> None:
    rows = [_row(each, by_person) for each in spent]
    columns = {name: [escape(row[name]) for row in rows] for name in rows[0]}
    st.table(columns, border="horizontal", hide_index=True, height=320 if len(rows) > 8 else "content", alt="Spending")
    st.download_button(
        "Save as CSV", write_spending(spent), "spending.csv", "text/csv", icon=":material/download:", key="spending/csv"
    )


def _row(each: Spent, by_person: bool) -> dict[str, str]:
    known = join_and(spell_amount(money.amount, money.currency) for money in each.known)
    unknown = f"{each.unknown} unknown" if each.unknown else ""
    free = f"{each.free} sandbox, free" if each.free else ""
    times = count(each.times, "chat call") if each.chat else str(each.times)
    row = {"Day": each.day.replace("-", "\N{NON-BREAKING HYPHEN}"), "Model": each.model, "Runs": times}
    row["Estimated cost"] = " + ".join(part for part in (known, unknown, free) if part)
    return {"Person": each.owner or "everybody", **row} if by_person else row


def write_spending(spent: Sequence[Spent]) -> str:
    """Write one row for each day, model, person and currency; calls of chat models have columns of their own.

    A cost that is unknown is left empty, never zero.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    counted = ("runs_without_a_price", "sandbox_runs", "chat_calls", "chat_calls_without_a_price", "sandbox_chat_calls")
    writer.writerow(("day", "model", "person", "runs", "estimated_cost", "currency", *counted))
    for each in spent:
        rows = [(str(money.amount), money.currency) for money in each.known] or [("", "")]
        for number, (amount, currency) in enumerate(rows):
            counts = [str(each.times), str(each.unknown), str(each.free)] if number == 0 else [""] * 3
            runs, *others = [""] * 3 + counts if each.chat else counts + [""] * 3
            writer.writerow((each.day, disarm(each.model), disarm(each.owner), runs, amount, disarm(currency), *others))
    return out.getvalue()
