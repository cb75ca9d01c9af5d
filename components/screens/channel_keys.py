"""Channel keys on the Settings page: what was pasted taken apart, and the parts put together for the operator.

A secret lives in the locals of one run and in what that run draws on request: its widgets are read and dropped from
the session before the page is drawn, and drawn anew and empty.
"""

from __future__ import annotations

import streamlit as st

from dailies.gateway import channel_keys
from dailies.gateway.channel_keys import ChannelKey

_TURN = "channel/turn"


def draw_channel_keys() -> None:
    """Draw the expander. Nothing of a key is stored, logged, sent or kept in the session."""
    turn = st.session_state.setdefault(_TURN, 0)
    checked, parts_checked, shown = (_pressed(name, turn) for name in ("check", "check parts", "show"))
    pasted, parts = _taken("pasted", turn), [_taken(name, turn) for name in ("app", "id", "secret", "region")]
    if checked or parts_checked or shown:
        turn = st.session_state[_TURN] = turn + 1
    with st.expander("Channel keys, for operators", icon=":material/conversion_path:", key="channel/helper"):
        st.caption(
            "A channel key, `SubAppId|SecretId|SecretKey` with or without `|Region`, belongs into the gateway's own "
            "channel configuration. It is never sent from here. What is entered here is dropped once it is answered; "
            "every field is then empty again."
        )
        with st.form("channel/paste", border=False):
            st.text_input("Channel key", type="password", autocomplete="off", key=_key("pasted", turn))
            st.form_submit_button("Check", key=_key("check", turn))
        if checked:
            _about_pasted(pasted)
        with st.form("channel/compose", border=False):
            st.text_input("SubAppId", autocomplete="off", key=_key("app", turn), placeholder="1500012345")
            st.text_input("SecretId", autocomplete="off", key=_key("id", turn), placeholder="AKID…")
            st.text_input("SecretKey", type="password", autocomplete="off", key=_key("secret", turn))
            st.text_input("Region (optional)", autocomplete="off", key=_key("region", turn), placeholder="ap-guangzhou")
            with st.container(horizontal=True):
                st.form_submit_button("Check the parts", key=_key("check parts", turn))
                about = "The composed key stands in the page until the next click anywhere, and nowhere after it."
                st.form_submit_button("Show once", icon=":material/visibility:", key=_key("show", turn), help=about)
        if parts_checked or shown:
            app, secret_id, secret, region = (part.strip() for part in parts)
            _about(ChannelKey(app, secret_id, secret, region or None), show=shown)


def _key(name: str, turn: int) -> str:
    """Fields are replaced after each use, so that the browser's copy goes as well."""
    return f"channel/{name}/{turn}"


def _pressed(name: str, turn: int) -> bool:
    return bool(st.session_state.get(_key(name, turn)))


def _taken(name: str, turn: int) -> str:
    """What a field holds, taken out of the session. Only a pressed button brings a form's fields here."""
    return str(st.session_state.pop(_key(name, turn), ""))


def _about_pasted(text: str) -> None:
    key = channel_keys.recognise(text)
    if key is None:
        st.warning(
            "This is no channel key: it is not three or four parts divided by `|`. A client's key (`sk-…`) belongs "
            "into the field of the gateway's key."
        )
        return
    _about(key, show=False)


def _about(key: ChannelKey, *, show: bool) -> None:
    st.markdown("\n".join(f"- **{part}** `{shown}`" for part, shown in key.masked()))
    for doubt in channel_keys.find_doubts(key):
        st.caption(f":material/info: **{doubt.where}** {doubt.what}")
    if problems := channel_keys.check(key):
        st.error("\n".join(f"- **{p.where}** {p.what}. {p.fix}" for p in problems), title="Not a channel key yet")
    elif show:
        st.code(channel_keys.compose(key), language=None)
        st.button("Hide", icon=":material/visibility_off:", key="channel/hide")
    else:
        st.success("The parts have the form of a channel key.")
