"""The entry script of the app: navigation made from the catalog, then the page itself."""

from __future__ import annotations

import streamlit as st

from components import faults, press, session
from components.frontend import draw_sidebar
from components.icon import draw_icon
from components.navigation import list_pages, make_page
from components.providers import draw_sign_in
from components.words import escape
from dailies.errors import DailiesError, StoreError

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

settings = make_page("settings", "Settings", "settings")
home = make_page("home", "Home", "grid_view", default=True)
compare = make_page("compare", "Compare", "compare")
plan = make_page("plan", "Plan", "table_view")
leaderboard = make_page("leaderboard", "Leaderboard", "leaderboard")
library = make_page("library", "Library", "video_library")
queue = make_page("queue", "Queue", "low_priority")
seen = make_page("seen", "Seen here", "visibility")
assets = make_page("assets", "Assets", "folder_special")
vote = make_page("vote", "Blind vote", "how_to_vote", visibility="hidden")
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
    make_page(family.id, family.title, family.icon, url_path=family.id): family.summary
    for family in catalog.families.values()
}
current = st.navigation([*own, *families], position="hidden")  # the sidebar lists them
st.set_page_config(page_title=f"{current.title} · Dailies")
if stranger:
    draw_sign_in()
    st.stop()
with faults.contain("press"):
    press.settle(current.url_path)
    session.enter(current.url_path)
with st.sidebar:
    found = draw_sidebar(list_pages({"Dailies": own, "Models": families}), current.url_path, session.person())
if found and any(family.id == found["family"] for family in catalog.families.values()):
    st.switch_page(
        session.page_of(str(found["family"])),
        query_params={name: str(found[name]) for name in ("model", "mode") if found.get(name)},
    )
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
