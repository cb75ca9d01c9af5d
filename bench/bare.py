"""A bare page: as many elements of each kind as `ELEMENTS` says (JSON, by Streamlit's test ids), and nothing behind.

What Streamlit itself costs, for comparison. The control at the top changes what stands below, as a mode does. With
`PAGES` (JSON, a list of titles) Streamlit's own sidebar lists as many pages, with a field above them, as ours does.
"""

import json
import os

import streamlit as st

DRAW = {
    "stTextInput": st.text_input,
    "stTextArea": st.text_area,
    "stNumberInput": st.number_input,
    "stSelectbox": lambda label: st.selectbox(label, ["a", "b", "c"]),
    "stButtonGroup": lambda label: st.segmented_control(label, ["a", "b", "c"]),
    "stButton": st.button,
    "stCheckbox": st.toggle,
    "stLinkButton": lambda label: st.link_button(label, "https://example.com"),
    "stPageLink": st.caption,
    "stFileUploader": st.file_uploader,
    "stPopover": st.popover,
    "stExpander": st.expander,
    "stDataFrame": lambda label: st.dataframe({label: [1, 2, 3]}),
}
counts = json.loads(os.environ.get("ELEMENTS", '{"stTextInput": 5, "stNumberInput": 5}'))
titles = json.loads(os.environ.get("PAGES", "[]"))


def draw_nothing() -> None:
    """Be one of the pages that are listed."""


if titles:
    places = range(len(titles))
    pages = [st.Page(draw_nothing, title=titles[at], icon=":material/home:", url_path=f"page{at}") for at in places]
    st.navigation(pages, expanded=True)
    st.sidebar.text_input("Find a page")
st.title("Bare")
mode = st.segmented_control("Mode", ["First", "Second", "Third"], default="First")
for kind, number in counts.items():
    for place in range(number):
        DRAW.get(kind, st.caption)(f"{kind} {place} {mode if place < 3 else ''}")
