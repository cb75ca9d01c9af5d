"""A bare page: as many elements of each kind as `ELEMENTS` says (JSON, by Streamlit's test ids), and nothing behind.

What Streamlit itself costs, for comparison. The control at the top changes what stands below, as a mode does.
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

st.title("Bare")
mode = st.segmented_control("Mode", ["First", "Second", "Third"], default="First")
for kind, number in counts.items():
    for place in range(number):
        DRAW.get(kind, st.caption)(f"{kind} {place} {mode if place < 3 else ''}")
