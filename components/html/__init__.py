"""Documents without Streamlit: the exported page and the page for presenting, with the player in both."""
