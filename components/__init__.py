"""Everything that draws. The only code that imports streamlit."""
