"""The wire view: the exact request before it is sent, and as code to copy. The key is always a placeholder."""

from __future__ import annotations

import json
from dataclasses import replace

import streamlit as st

from components import session
from components.session import key
from components.words import link_source
from dailies.domain import Cell, Draft
from dailies.exchange import (
    Call,
)
from dailies.request import draft, snippets, wire
from dailies.vocabulary import Body

_NO_PROMPT = "…"


def draw_wire_view(scope: str, cell: Cell, asked: Draft) -> None:
    """An expander with the request that the draft would become."""
    stand_in = asked if asked.prompt.strip() else replace(asked, prompt=_NO_PROMPT)
    checked = draft.check(stand_in, cell)
    call = wire.encode(checked.request, cell) if checked.request else None
    title = f"Request: {_summary(call)}" if call else f"Request: POST {cell.route.create} · not complete"
    box = st.expander(title, icon=":material/cable:", key=key(scope, "wire"), on_change="rerun")
    if not box.open:
        return
    with box:
        if checked.request is None or call is None:
            lines = "\n".join(f"- **{p.where}** {p.what}. {p.fix}" for p in checked.problems)
            st.markdown(f"The request can be shown once this is settled:\n{lines}")
            _sources(cell)
            return
        for notice in wire.overlaps(checked.request, cell):
            st.caption(f":material/info: **{notice.where}** {notice.what}")
        if not asked.prompt.strip():
            st.caption("The prompt is still empty: “…” stands in its place.")
        _tabs(call, cell)
        _sources(cell)


def _sources(cell: Cell) -> None:
    """Link the sources of the form in the page itself: no keyboard reaches a link inside a tooltip."""
    origins = [cell.support.origin, cell.model.origin, *(parameter.origin for parameter in cell.parameters)]
    origins += [slot.limits.origin for slot in cell.slots if slot.limits.origin]
    origins += [rule.origin for rule in cell.rules]
    citations = [citation for origin in origins for citation in origin.citations]
    sources = dict.fromkeys(citation.source for citation in citations if citation.source.address)
    st.markdown(f":small[What this form offers is documented in {', '.join(map(link_source, sources))}.]")


def format_call(call: Call) -> str:
    """A call as people read it: the JSON body, or the parts of the form one to a line."""
    if call.body is Body.FORM:
        return json.dumps([wire.part_facts(part) for part in call.form], ensure_ascii=False, indent=2)
    return json.dumps(wire.abridged(call.json), ensure_ascii=False, indent=2)


def _tabs(call: Call, cell: Cell) -> None:
    address = session.base_url()
    sdk = snippets.python_openai(call, cell.route, address)
    texts = {
        "Form parts" if call.body is Body.FORM else "JSON": (format_call(call), "json"),
        "curl": (snippets.curl(call, address), "bash"),
        "Python, httpx": (snippets.python_httpx(call, address), "python"),
    }
    if sdk:
        texts["Python, openai"] = (sdk, "python")
    for tab, (text, language) in zip(st.tabs(list(texts)), texts.values(), strict=True):
        with tab:
            st.code(text, language=language, wrap_lines=True)
    st.caption("`$DAILIES_API_KEY` stands for the key; it is added when the request leaves, and shown nowhere.")


def _summary(call: Call) -> str:
    if call.body is Body.FORM:
        return f"{call.method} {call.path} · multipart · {len(call.form)} parts"
    return f"{call.method} {call.path} · JSON"
