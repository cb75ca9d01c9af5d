"""Channel keys on the Settings page: takes a pasted key apart, and puts the parts of one together.

A secret exists in the local variables of one script run and in what that run draws on request. Its widgets are read
and dropped from the session before the page is drawn, and are drawn anew and empty.
"""

from __future__ import annotations

import streamlit as st

from components.form.sending import format_problems, show_notices
from components.words import format_code
from dailies.gateway import channel_keys
from dailies.gateway.channel_keys import ChannelKey

_TURN = "channel/turn"


def draw_channel_keys() -> None:
    """Draw the expander. Nothing of a key is stored, logged, sent or kept in the session."""
    turn = st.session_state.setdefault(_TURN, 0)
    checked, parts_checked, shown = (_is_pressed(name, turn) for name in ("check", "check parts", "show"))
    pasted, parts = _take("pasted", turn), [_take(name, turn) for name in ("app", "id", "secret", "region")]
    if checked or parts_checked or shown:
        turn = st.session_state[_TURN] = turn + 1
    box = st.expander(
        "Channel keys, for operators", icon=":material/conversion_path:", key="channel/helper", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        st.markdown(
            ":small[A channel key, `SubAppId|SecretId|SecretKey` with or without `|Region`, belongs in the gateway's "
            "own channel configuration and is never sent from here. What you enter is dropped once it has been "
            "checked, and every field is then empty again.]"
        )
        _draw_paste(turn)
        if checked:
            _describe_pasted(pasted)
        _draw_compose(turn)
        if parts_checked or shown:
            app, secret_id, secret, region = (part.strip() for part in parts)
            _describe(ChannelKey(app, secret_id, secret, region or None), show=shown)


def _draw_paste(turn: int) -> None:
    with st.form("channel/paste", border=False):
        st.text_input("Channel key", type="password", autocomplete="off", key=_key("pasted", turn))
        st.form_submit_button("Check", key=_key("check", turn))


def _draw_compose(turn: int) -> None:
    with st.form("channel/compose", border=False):
        st.text_input("SubAppId", autocomplete="off", key=_key("app", turn), placeholder="1500012345")
        st.text_input("SecretId", autocomplete="off", key=_key("id", turn), placeholder="AKID…")
        st.text_input("SecretKey", type="password", autocomplete="off", key=_key("secret", turn))
        st.text_input("Region (optional)", autocomplete="off", key=_key("region", turn), placeholder="ap-guangzhou")
        with st.container(horizontal=True):
            st.form_submit_button("Check the parts", key=_key("check parts", turn))
            about = "Shows the composed key until the next click anywhere."
            st.form_submit_button("Show once", icon=":material/visibility:", key=_key("show", turn), help=about)


def _key(name: str, turn: int) -> str:
    """Name a widget. A new turn replaces every field, so that the browser's copy is gone as well."""
    return f"channel/{name}/{turn}"


def _is_pressed(name: str, turn: int) -> bool:
    return bool(st.session_state.get(_key(name, turn)))


def _take(name: str, turn: int) -> str:
    """Take a field's text out of the session. A form's fields arrive only with a press of its button."""
    return str(st.session_state.pop(_key(name, turn), ""))


def _describe_pasted(text: str) -> None:
    key = channel_keys.recognise(text)
    if key is None:
        st.warning(
            "This is not a channel key: it does not have three or four parts divided by `|`. A client's key (`sk-…`) "
            "belongs in the field of the gateway's key."
        )
        return
    _describe(key, show=False)


def _describe(key: ChannelKey, *, show: bool) -> None:
    st.markdown("\n".join(f"- **{part}** {format_code(shown)}" for part, shown in key.masked()))
    show_notices(channel_keys.find_doubts(key))
    if problems := channel_keys.check(key):
        st.error(format_problems(problems), title="Not a channel key yet")
    elif show:
        st.code(channel_keys.compose(key), language=None)
        st.button("Hide", icon=":material/visibility_off:", key="channel/hide")
    else:
        st.success("These parts form a valid channel key.")
