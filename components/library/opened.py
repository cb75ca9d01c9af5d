"""One run over the page: its card on one side, what a person keeps about it and all its facts on the other.

Which run is open stands in the address, so that it can be shared; the arrow keys go on through the view.
"""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.frontend import draw_clip
from components.library import address
from components.library.lineage import draw_chain, draw_extracts, draw_family_tree
from components.runs.cards import draw_run, follow
from components.runs.details import draw_rewrite, list_facts
from components.runs.keeping import draw_keeping, forget
from components.runs.outcome import contain_failure, list_usual_durations
from components.runs.waiting import list_places
from components.words import escape, format_code
from dailies.archive.records import name_run
from dailies.domain import Run
from dailies.library import View
from dailies.media.delivered import delivered
from dailies.vocabulary import parameter_name

_SCOPE = "library"  # where what is kept about a run is changed


def draw_opened() -> None:
    """Draw the run of the address in a dialog, if it names one."""
    if not address.read("run"):
        return
    run = session.services().store.runs.look_at(address.read("run"))
    if run is None:
        st.warning("There is no such run in your library.", icon=":material/search_off:")
        return

    @st.dialog(escape(run.request.model), width="large", on_dismiss=_close)
    def draw() -> None:
        with faults.contain("library/opened"):
            _draw()

    draw()


def _close() -> None:
    _turn_to("")


def _turn_to(run: str) -> None:
    """Open another run, or none. This one is read anew when it is opened again."""
    forget(address.read("run"), _SCOPE)
    address.write("run", run)


def _draw() -> None:
    store = session.services().store
    since = store.revision()
    run = store.runs.look_at(address.read("run"))
    if run is None:
        st.info("This run is no longer in your library.", icon=":material/search_off:")
        return
    follow([run], since=since, key="library/opened/live")
    _draw_turns(run, address.read_view(st.context.timezone_offset))
    if run.owner != session.owner():
        _draw_others(run)
        return
    found = store.library.relatives(run.id)
    left, right = st.columns([3, 2])
    with left:
        draw_run(run, list_usual_durations([run]), list_places([run]), first=True, inside=True)
        draw_chain(run, found)
    with right:
        if item := store.library.items([run.id]).get(run.id):
            draw_keeping(item, _SCOPE)
            draw_family_tree(run, found)
        with contain_failure(run):
            _draw_facts(run)
        draw_extracts(run)


def _draw_others(run: Run) -> None:
    """Draw another person's run, which an operator may look at and not change."""
    st.caption("Another person's run: to be looked at only.")
    if run.clip and session.services().store.files.has_clip(run.clip.file):
        played, poster = session.clip_address(run.clip.played), session.clip_address(run.clip.poster)
        draw_clip(run.clip, played, poster, "Clip", name_run(run), eager=True, play=False, key=f"clip-{run.id}")
    with contain_failure(run):
        _draw_facts(run)


def _draw_turns(run: Run, view: View) -> None:
    before, after = session.services().store.library.neighbours(view, run.id)
    with st.container(horizontal=True):
        for title, icon, key, to in (
            ("Previous", "chevron_left", "Left", before),
            ("Next", "chevron_right", "Right", after),
        ):
            st.button(
                title,
                icon=f":material/{icon}:",
                key=f"library/opened/{key}",
                type="tertiary",
                disabled=not to,
                shortcut=key,
                on_click=_turn_to,
                args=(to,),
            )


def _draw_facts(run: Run) -> None:
    """Draw the whole prompt, what was asked beside what was delivered, and the ids and times."""
    if run.request.prompt:
        with st.container(border=True, height=130 if len(run.request.prompt) > 300 else "content"):
            st.markdown(escape(run.request.prompt))
    asked = [f"{parameter_name(name).title} {format_code(str(value))}" for name, value in run.request.values.items()]
    lines = [f"**Asked** {' · '.join(asked) or 'the defaults of the model'}"]
    if run.clip:
        lines.append(f"**Delivered** {' · '.join(map(format_code, delivered(run, run.clip).got))}")
    st.markdown("\n\n".join(lines))
    st.markdown("\n".join(f"- {name}: {format_code(value)}" for name, value in list_facts(run).items()))
    draw_rewrite(run)
