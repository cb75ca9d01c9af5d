"""A bare page of ten widgets: what Streamlit itself costs, for comparison."""

import streamlit as st

st.title("Bare")
for number in range(5):
    st.text_input(f"Text {number}")
    st.number_input(f"Number {number}")
