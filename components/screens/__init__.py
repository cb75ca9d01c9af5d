"""Pages that stand alone: Home, a family's page, the library, the leaderboard, assets and settings.

Not called `pages`: a folder of that name beside the entry script switches on Streamlit's own discovery of pages.
"""
