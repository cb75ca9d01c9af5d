"""Settings: which gateway this browser session talks to, its key, and whether it answers.

The key goes into this process's memory and nowhere else; the field is emptied when it is sent.
"""

from __future__ import annotations

import streamlit as st

from components import session
from components.gateway import compare_models, draw_unknown_models
from components.heading import draw_heading
from components.screens.channel_keys import draw_channel_keys
from dailies.errors import DailiesError
from dailies.gateway.channel_keys import recognise, words
from dailies.settings import SANDBOX, Gateway, normalise

_SANDBOX, _OWN = "Sandbox", "A gateway"


def settings() -> None:
    """Draw the page."""
    draw_heading("Settings")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Gateway", anchor=False)
        _choose()
        draw_channel_keys()
    with right:
        st.subheader("In use", anchor=False)
        _in_use()


def _choose() -> None:
    current = session.gateway()
    kind = st.segmented_control(
        "Send requests to",
        [_SANDBOX, _OWN],
        default=_SANDBOX if current.name == SANDBOX else _OWN,
        required=True,
        key="settings/kind",
    )
    if kind == _SANDBOX:
        st.markdown(
            "The built-in sandbox speaks the gateway's wire and renders real clips from the request: the prompt on a "
            "slate, the references it received, the asked length, size and sound. No key, no network, no cost."
        )
        if current.name != SANDBOX and st.button("Use the sandbox", icon=":material/science:"):
            session.use_gateway(Gateway(SANDBOX, ""))
            st.rerun()
        return
    with st.form("settings/gateway", clear_on_submit=False):
        address = st.text_input(
            "Base URL", value="" if current.name == SANDBOX else current.base_url, placeholder="https://gateway.example"
        )
        entered = st.text_input("Key", type="password", placeholder="sk-…", key=_key_field(), autocomplete="off")
        st.caption(
            "The key stays in this server's memory for this browser session. It is never stored, logged or shown."
        )
        pressed = st.form_submit_button("Use this gateway", type="primary", icon=":material/check:")
    if pressed:
        _use(address, entered)


def _key_field() -> str:
    """The key's widget is replaced after each use, so that the key does not stay in the page."""
    return f"settings/key/{st.session_state.setdefault('settings/turn', 0)}"


def _use(address: str, entered: str) -> None:
    if found := recognise(entered):
        st.session_state["settings/turn"] += 1
        st.error(words(found), icon=":material/key_off:")
        return
    services = session.services()
    try:
        base = normalise(address)
        own_address, own_key = services.settings.own_key()
        if not entered.strip() and not (base == own_address and own_key):
            st.error("Enter the key too; without one the gateway refuses every request.", icon=":material/key:")
            return
        handle = services.keyring.put(base, entered) if entered.strip() else ""
    except DailiesError as error:
        st.error(str(error))
        return
    session.use_gateway(Gateway(base, base), handle)
    st.session_state["settings/turn"] += 1
    st.session_state["settings/test"] = True
    services.worker.wake()
    st.rerun()


def _in_use() -> None:
    gateway = session.gateway()
    st.markdown(f"**{gateway.title}**")
    if gateway.name != SANDBOX:
        st.code(gateway.base_url, language=None)
    pressed = st.button("Test the connection", icon=":material/network_check:")
    if pressed or st.session_state.pop("settings/test", False):
        _test(gateway)


def _test(gateway: Gateway) -> None:
    with st.spinner("Asking for the models…"):
        outcome = session.services().health.refresh(gateway.name, session.credential())
    if not outcome.ok:
        st.error(outcome.words, icon=":material/cloud_off:")
        return
    st.success(outcome.words, icon=":material/cloud_done:")
    found = compare_models(outcome)
    st.markdown(f"{len(found.both)} of them are models of the catalog.")
    if found.unseen:
        with st.expander(f"{len(found.unseen)} models of the catalog are not in the gateway's list"):
            st.markdown(", ".join(f"`{name}`" for name in found.unseen))
    if found.unknown:
        draw_unknown_models(found.unknown, "settings")
