"""The entry script of the app: navigation made from the catalog, then the page itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import faults, press, session
from components.frontend import draw_sidebar
from components.icon import draw_icon
from components.providers import draw_person, draw_sign_in
from components.words import escape
from dailies.errors import DailiesError, StoreError

_PAGES = Path(__file__).resolve().parent.parent / "pages"

st.set_page_config(layout="wide")
draw_icon()

try:
    stranger = session.must_sign_in()
    if not stranger:
        session.greet()
        session.begin()
    catalog = session.catalog()
except StoreError as error:
    faults.stop(error, "The library cannot be used now", "shell")
except DailiesError as error:
    faults.stop(error, "Dailies cannot start", "shell")

settings = st.Page(_PAGES / "settings.py", title="Settings", icon=":material/settings:")
home = st.Page(_PAGES / "home.py", title="Home", icon=":material/grid_view:", default=True)
compare = st.Page(_PAGES / "compare.py", title="Compare", icon=":material/compare:")
plan = st.Page(_PAGES / "plan.py", title="Plan", icon=":material/table_view:")
leaderboard = st.Page(_PAGES / "leaderboard.py", title="Leaderboard", icon=":material/leaderboard:")
library = st.Page(_PAGES / "library.py", title="Library", icon=":material/video_library:")
queue = st.Page(_PAGES / "queue.py", title="Queue", icon=":material/low_priority:")
seen = st.Page(_PAGES / "seen.py", title="Seen here", icon=":material/visibility:")
assets = st.Page(_PAGES / "assets.py", title="Assets", icon=":material/folder_special:")
vote = st.Page(_PAGES / "vote.py", title="Blind vote", icon=":material/how_to_vote:", visibility="hidden")
own = {
    home: "What each model can do.",
    compare: "One idea, many models, one clock.",
    plan: "Many models, prompts and lengths at once.",
    leaderboard: "What blind votes say of the models.",
    library: "Every run and its clip.",
    queue: "What waits and what is in flight.",
    seen: "Waiting, failing, and what disagrees.",
    assets: "Files kept at the gateway, for models that take assets.",
    settings: "The gateway and its key.",
    vote: "",
}
families = {
    st.Page(
        _PAGES / f"{family.id}.py", title=family.title, icon=f":material/{family.icon}:", url_path=family.id
    ): family.summary
    for family in catalog.families.values()
}
pages = {"Dailies": list(own), "Models": list(families)}
current = st.navigation(pages, position="hidden" if stranger else "sidebar", expanded=True)
st.set_page_config(page_title=f"{current.title} · Dailies")
if stranger:
    draw_sign_in()
    st.stop()
with faults.contain("press"):
    press.settle(current.url_path)
    session.enter(current.url_path)
with st.sidebar:
    found = draw_sidebar({page.url_path: summary for page, summary in (own | families).items()})
if found and any(family.id == found["family"] for family in catalog.families.values()):
    st.switch_page(
        session.page_of(str(found["family"])),
        query_params={name: str(found[name]) for name in ("model", "mode") if found.get(name)},
    )
if session.owner():
    draw_person(session.person())
if session.is_open():
    st.markdown(
        ":small[:orange[:material/lock_open:] Open installation: everybody who can reach this address can see every "
        "run and spend the operator's key.]"
    )
if problem := session.gateway_problem():
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/key_off: **{problem.where}:** {escape(problem.what)}. {problem.fix}")
        st.page_link(settings, label="Settings", icon=":material/settings:")
with faults.contain("page"), faults.draw_whole():
    current.run()
