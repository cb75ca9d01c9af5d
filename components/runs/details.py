"""The details of a run: its ids and times, the request that was sent, and what the gateway answered."""

from __future__ import annotations

import json
from datetime import UTC

import streamlit as st

from components.form.difference import draw_difference
from components.form.wire_view import format_call
from components.words import format_code, format_duration, format_size
from dailies.compare.plan import spell_amount
from dailies.domain import Run
from dailies.encodings import read_json


def draw_details(run: Run) -> None:
    """Draw a folded part with the details of a run; its content is drawn when it is opened."""
    box = st.expander("Details", icon=":material/data_object:", key=f"details-{run.id}", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown("\n".join(f"- {name}: {format_code(value)}" for name, value in list_facts(run).items()))
        draw_rewrite(run)
        st.markdown(f"**Request** {run.call.method} {format_code(run.call.path)}")
        st.code(format_call(run.call), language="json", height=200, wrap_lines=True)
        if run.raw:
            st.markdown("**The gateway's last answer**")
            st.code(_format_answer(run.raw), language="json", height=200, wrap_lines=True)


def draw_rewrite(run: Run) -> None:
    """Draw what a chat model made of the prompt, if the run was made from that."""
    if run.rewrite:
        st.markdown(f"**Prompt rewritten by** {format_code(run.rewrite.model)}")
        draw_difference(run.rewrite)


def list_facts(run: Run) -> dict[str, str]:
    """List the ids, times and costs of a run by their names."""
    facts = {
        "Run": run.id,
        "Task": run.task or "none yet",
        "Gateway": run.gateway,
        "Status word of the gateway": run.word or "none",
        "Sent": f"{run.sent.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if run.sent else "not sent",
    }
    if run.sent and run.call.callback:
        facts["Asked to tell this installation when it is ready, at"] = run.call.callback
    if run.sent and run.finished:
        facts["Took"] = format_duration((run.finished - run.sent).total_seconds())
    if run.estimate:
        facts["Expected cost"] = spell_amount(run.estimate.amount, run.estimate.currency)
    if run.usage:
        facts["Usage, as the gateway reports it"] = run.usage
    if run.clip:
        facts["File"] = format_size(run.clip.size)
    return facts


def _format_answer(raw: str) -> str:
    """Format an answer as indented JSON, or leave it as it is if it is not JSON."""
    try:
        return json.dumps(read_json(raw), ensure_ascii=False, indent=2)
    except ValueError:
        return raw
