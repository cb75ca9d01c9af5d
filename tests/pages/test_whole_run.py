"""When the outcome of a press counts as shown: at the end of the page, or of a fragment that is redrawn alone."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def draw() -> None:
    import streamlit as st

    from components import faults, press

    shown = st.session_state.setdefault("shown", [])
    button = press.draw_button("one", "Pay", lambda taken: setattr(taken, "outcome", "paid" if taken.take() else ""))

    @faults.fragment
    def draw_part() -> None:
        st.button("Redraw")
        button.report()

    with faults.draw_whole():
        draw_part()
        shown.append(not button.drawing)
        if st.session_state.get("stops"):
            st.stop()
    shown.append(not button.drawing)


def test_a_fragment_inside_the_page_does_not_end_its_drawing() -> None:
    app = AppTest.from_function(draw, default_timeout=60).run()
    app.session_state["shown"].clear()
    app.button[0].click().run()
    assert not app.exception
    assert app.session_state["shown"] == [False, True]


def test_an_outcome_of_a_page_that_stops_is_shown_by_the_next_whole_one() -> None:
    app = AppTest.from_function(draw, default_timeout=60)
    app.session_state["stops"] = True
    app.run()
    app.session_state["shown"].clear()
    app.button[0].click().run()
    assert app.session_state["shown"] == [False]
    app.session_state["stops"] = False
    app.run()
    assert app.session_state["shown"] == [False, False, True]
