"""What stands in place of a family's runs while there are none: what it is good for, and ideas to begin with."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form.short import EXAMPLES
from components.session import key
from components.words import escape


def draw_empty(family: str) -> None:
    """Draw an invitation."""
    known = session.catalog().families.get(family)
    with st.container(border=True, gap="small"):
        st.markdown(":material/movie: **Clips appear here.** Describe one and press Generate.")
        if known is None:
            return
        st.markdown(f":small[{escape(known.summary)}]")
        st.markdown(":small[How long a clip takes here is said beside the form after the first ones.]")
        st.markdown(":small[An idea to begin with:]")
        with st.container(horizontal=True, gap="xsmall"):
            pressed = [
                st.button(name, key=key(family, f"begin/{name}"), help=prompt, on_click=_write, args=(family, prompt))
                for name, prompt in EXAMPLES.items()
            ]
    if any(pressed):
        st.rerun()  # the form stands outside of this fragment


def _write(family: str, prompt: str) -> None:
    st.session_state[key(family, "prompt")] = prompt
