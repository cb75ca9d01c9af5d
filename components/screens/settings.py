"""Settings: which gateway this browser session talks to, its key, and what a check of it found.

The key goes into this process's memory and nowhere else; the field is emptied when it is sent.
"""

from __future__ import annotations

import streamlit as st

from components import session
from components.heading import draw_heading
from components.screens.channel_keys import draw_channel_keys
from components.screens.chat_model import draw_chat_model
from components.screens.gateway_check import draw_check, start_check
from components.screens.people import draw_people
from components.screens.retention import draw_retention
from components.screens.spending import draw_spending
from components.words import escape
from dailies.errors import DailiesError
from dailies.gateway.channel_keys import explain, recognise
from dailies.gateways import SANDBOX, normalise
from dailies.text import LINK_CHARS, clean

_OTHER = "another address"


def settings() -> None:
    """Draw the page."""
    draw_heading("Settings")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Gateway", anchor=False)
        _choose()
        draw_channel_keys()
        draw_chat_model()
    with right:
        st.subheader("In use", anchor=False)
        _in_use()
    draw_spending()
    draw_retention()
    draw_people()


def _choose() -> None:
    """The gateways that there are, then what the chosen one needs."""
    known, current = session.services().settings, session.gateway().name
    names = [gateway.name for gateway in known.gateways.values() if gateway.open_to(session.user())]
    typed = [] if current in (*names, SANDBOX) else [current]
    titles = {name: found.title for name in (*names, *typed, SANDBOX) if (found := known.gateway(name, session.user()))}
    options = [*titles, *([_OTHER] if known.own_addresses else [])]
    chosen = st.radio(
        "Send requests to",
        options,
        index=options.index(current) if current in options else None,
        format_func=lambda name: escape(titles.get(name, "Another address")),
        captions=[_about(name) for name in options],
        key="settings/gateway",
    )
    if chosen == _OTHER:
        _form("", "Base URL")
    elif chosen == SANDBOX:
        if current != SANDBOX and st.button("Use the sandbox", icon=":material/science:"):
            _use(SANDBOX, "")
    elif chosen is not None:
        _form(chosen, "")


def _about(name: str) -> str:
    if name == SANDBOX:
        return "Built in. Renders real clips from the request: no key, no network, no cost."
    if name == _OTHER:
        return "Any OpenAI-compatible gateway, with your own key."
    if session.services().keyring.get("", name) is not None:
        return "The operator's key pays, unless you enter your own."
    return "Needs your own key."


def _form(name: str, address_label: str) -> None:
    """The address where it is not known, and the key."""
    pays = bool(name) and session.services().keyring.get("", name) is not None
    with st.form(f"settings/form/{name}", clear_on_submit=False):
        address = name
        if address_label:
            address = st.text_input(address_label, placeholder="https://gateway.example")
        entered = st.text_input(
            "Your key (optional)" if pays else "Key",
            type="password",
            placeholder="sk-…",
            key=_key_field(),
            autocomplete="off",
        )
        hours = session.services().settings.kept_for.total_seconds() / 3600
        st.caption(
            "Your key stays in this server's memory and pays for this browser alone. It is never stored, logged or "
            f"shown, and is forgotten after {hours:g} hours without use and at every restart."
        )
        pressed = st.form_submit_button("Use this gateway", type="primary", icon=":material/check:")
    if pressed:
        _use(clean(address.strip(), LINK_CHARS), entered.strip())


def _key_field() -> str:
    """The key's widget is replaced after each use, so that the key does not stay in the page."""
    return f"settings/key/{st.session_state.setdefault('settings/turn', 0)}"


def _use(address: str, entered: str) -> None:
    if found := recognise(entered):
        st.session_state["settings/turn"] += 1
        st.error(explain(found), icon=":material/key_off:")
        return
    services = session.services()
    try:
        name = address if address in services.settings.gateways or address == SANDBOX else normalise(address)
        if not entered and name != SANDBOX and services.keyring.get(session.credential(name), name) is None:
            st.error("Enter the key too; without one the gateway refuses every request.", icon=":material/key:")
            return
        session.use_gateway(name, entered)
    except DailiesError as error:
        st.error(escape(str(error)))
        return
    st.session_state["settings/turn"] = st.session_state.get("settings/turn", 0) + 1
    st.session_state["settings/check"] = True
    st.session_state.pop("settings/gateway", None)
    services.worker.wake()
    st.rerun()


def _in_use() -> None:
    gateway = session.gateway()
    st.markdown(f"**{escape(gateway.title)}**")
    if gateway.name != SANDBOX:
        st.code(gateway.base_url, language=None)
    if session.credential() and st.button("Forget my key", icon=":material/key_off:"):
        session.forget_key()
        st.rerun()
    if st.session_state.pop("settings/check", False):
        start_check()
    draw_check()
