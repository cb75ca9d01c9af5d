"""The wire view: the exact request before it is sent, and as code to copy. The key is always a placeholder."""

from __future__ import annotations

import json

import streamlit as st

from components import session
from components.form.sending import NO_PROMPT, format_problems, show_notices
from components.session import key
from components.words import escape, link_source
from dailies.domain import Cell, Draft
from dailies.exchange import Call
from dailies.request import snippets, wire
from dailies.request.draft import Checked
from dailies.vocabulary import Body


def draw_wire_view(scope: str, cell: Cell, asked: Draft, checked: Checked) -> None:
    """Draw an expander with the request that a draft would become. `checked` comes from `sending.check_shown`."""
    call = wire.encode(checked.request, cell) if checked.request else None
    title = f"Request: {escape(_summarize(call))}" if call else f"Request: POST {cell.route.create} · not complete"
    box = st.expander(title, icon=":material/cable:", key=key(scope, "wire"), on_change="rerun")
    if not box.open:
        return
    with box:
        if checked.request is None or call is None:
            st.markdown(f"The request can be shown once this is settled:\n{format_problems(checked.problems)}")
        else:
            show_notices(wire.find_overlaps(checked.request, cell))
            if not asked.prompt.strip():
                st.caption(f"The prompt is still empty: “{NO_PROMPT}” stands in for it.")
            if call.callback and session.services().settings.is_callable(session.gateway().name):
                what = "The gateway is asked to tell this installation when the clip is ready: an address is added"
                what += f" at `{call.callback}` when the request leaves. Copied code has none."
                st.markdown(f":small[:material/notifications: {what}]")
            _draw_call(call, cell)
        _draw_sources(cell)


def format_call(call: Call) -> str:
    """Format a call for people: the JSON body, or the parts of the form one per line."""
    if call.body is Body.FORM:
        return json.dumps([wire.describe_part(part) for part in call.form], ensure_ascii=False, indent=2)
    return json.dumps(wire.abridge(call.json), ensure_ascii=False, indent=2)


def _draw_call(call: Call, cell: Cell) -> None:
    address = session.base_url()
    texts = {
        "Form parts" if call.body is Body.FORM else "JSON": (format_call(call), "json"),
        "curl": (snippets.write_curl(call, address), "bash"),
        "Python, httpx": (snippets.write_httpx(call, address), "python"),
    }
    if sdk := snippets.write_openai(call, cell.route, address):
        texts["Python, openai"] = (sdk, "python")
    for tab, (text, language) in zip(st.tabs(list(texts)), texts.values(), strict=True):
        with tab:
            st.code(text, language=language, wrap_lines=True)
    st.markdown(
        ":small[`$DAILIES_API_KEY` stands for the key, which is added when the request leaves and never shown.]"
    )


def _draw_sources(cell: Cell) -> None:
    """Link the sources of the form on the page itself: a keyboard cannot reach a link inside a tooltip."""
    origins = [cell.support.origin, cell.model.origin, *(parameter.origin for parameter in cell.parameters)]
    origins += [slot.limits.origin for slot in cell.slots if slot.limits.origin]
    origins += [rule.origin for rule in cell.rules]
    citations = [citation for origin in origins for citation in origin.citations]
    sources = dict.fromkeys(citation.source for citation in citations if citation.source.address)
    st.markdown(f":small[What this form offers is documented in {', '.join(map(link_source, sources))}.]")


def _summarize(call: Call) -> str:
    if call.body is Body.FORM:
        return f"{call.method} {call.path} · multipart · {len(call.form)} parts"
    return f"{call.method} {call.path} · JSON"
