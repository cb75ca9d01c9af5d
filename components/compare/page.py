"""The Compare page: compose a comparison, make one of existing clips, or open an earlier one."""

from __future__ import annotations

import streamlit as st

from components import press, session
from components.compare import desk, form, view
from components.compare.export import present_address
from components.compare.launch import compare_clips, import_clip, prepare
from components.compare.vote import names_seen
from components.heading import draw_heading
from components.runs.cards import get_family_title
from components.words import escape, format_time
from dailies.compare.nouns import MAX_LANES, Comparison, Lane
from dailies.domain import Run
from dailies.errors import MediaError
from dailies.text import clean_file_name
from dailies.vocabulary import RunState

_PER_PAGE = 8
_OFFERED = 200  # finished clips, or comparisons, that a picker lists


def draw_compare() -> None:
    """Draw the page of `?c=<comparison id>`, or the form for a new comparison."""
    _open_sent()
    asked = st.query_params.get("c", "")
    comparison = session.services().store.comparisons.find(asked) if asked else None
    if comparison is not None:
        view.draw(comparison)
        return
    draw_heading("Compare", "One idea, several models, one clock")
    if asked:
        st.error("This comparison does not exist. It may have been deleted.", icon=":material/search_off:")
    # Somebody who arrives with picked clips wants to compare them.
    for draw in (_draw_clip_picker, form.draw) if session.picked() else (form.draw, _draw_clip_picker):
        draw()
    _draw_earlier()


def _open_sent() -> None:
    """Go to the comparison that a press has just made."""
    for scope in (desk.SCOPE, view.name_again(st.query_params.get("c", ""))):
        pressed = press.find(scope)
        if pressed and isinstance(pressed.outcome, list):
            st.query_params["c"] = pressed.outcome[0].id  # may be interrupted: the outcome is given up only after it
            pressed.report()


def _draw_clip_picker() -> None:
    picked = session.picked()
    with st.expander("Compare existing clips", icon=":material/video_library:", expanded=bool(picked)):
        done = session.services().store.runs.list(states=[RunState.DONE], limit=_OFFERED)
        by_id = {run.id: run for run in done}
        name = "compare/picked"
        if name not in st.session_state:
            st.session_state[name] = [run for run in picked if run in by_id]
        chosen = st.multiselect(
            "Clips of the library",
            list(by_id),
            key=name,
            format_func=lambda run: _describe(by_id[run]),
            max_selections=MAX_LANES,
            placeholder="Choose clips, newest first",
        )
        files = st.file_uploader(
            "Clips made elsewhere",
            type="video",
            accept_multiple_files=True,
            key="compare/elsewhere",
            max_upload_size=500,
        )
        hidden = st.toggle("Hide names until revealed", key="compare/clips hidden")
        count = len(chosen) + len(files)
        if st.button(
            "Compare these clips",
            icon=":material/compare:",
            key="compare/clips",
            type="primary" if picked else "secondary",
            disabled=count < 1,
        ):
            if count > MAX_LANES:
                st.error(f"{count} clips are too many: a comparison has at most {MAX_LANES}.")
                return
            lanes: list[Lane] = []
            for file in files:
                try:
                    with st.spinner("Reading the clip, and converting it where browsers need that …"):
                        lanes.append(import_clip(file.name, file.getvalue()))
                except MediaError as error:
                    st.error(
                        escape(f"{clean_file_name(file.name)}: {error.what} {error.fix}"),
                        icon=":material/broken_image:",
                    )
                    return
            made = prepare([compare_clips([by_id[run] for run in chosen], lanes, names=not hidden)]).send()[0]
            session.picked().clear()
            st.query_params["c"] = made.id
            st.rerun()


def _describe(run: Run) -> str:
    prompt = run.request.prompt.replace("\n", " ")[:60]
    moment = format_time(run.created, st.context.timezone_offset)
    return f"{moment} · {run.request.model} · {prompt or get_family_title(session.catalog(), run)}"


def _draw_earlier() -> None:
    store = session.services().store.comparisons
    if shared := store.list_shared(limit=_OFFERED):
        st.subheader("Shared with you", anchor=False)
        for comparison in shared:
            _draw_row(comparison)
    total = store.count()
    if not total:
        return
    st.subheader("Earlier comparisons", anchor=False)
    search = st.text_input("Search", placeholder="Prompt, title or model", key="compare/search", width=320).strip()
    found = store.count(search=search)
    page = 0
    if found > _PER_PAGE:
        page = (st.pagination(-(-found // _PER_PAGE), key="compare/page") or 1) - 1
    listed = store.list(search=search, limit=_PER_PAGE, offset=page * _PER_PAGE)
    if not listed:
        st.info("No comparison matches.")
    for comparison in listed:
        _draw_row(comparison)
    if total > 1:
        _draw_playlist()


def _draw_playlist() -> None:
    """Offer to present several comparisons one after another, in the order in which they are chosen."""
    box = st.popover("Present several", icon=":material/playlist_play:", key="compare/several", on_change="rerun")
    if not box.open:
        return
    by_id = {comparison.id: comparison for comparison in session.services().store.comparisons.list(limit=_OFFERED)}
    with box:
        chosen = st.multiselect(
            "Comparisons, in this order",
            list(by_id),
            key="compare/playlist",
            format_func=lambda each: view.name(by_id[each], 60),
            placeholder="Choose comparisons",
        )
        if chosen:
            address = f"{present_address(chosen[0], tuple(chosen))}&title=1"
            seen = names_seen()
            st.link_button(
                f"Present {len(chosen)}",
                address,
                icon=":material/slideshow:",
                help="The left and right arrow keys step through them, N shows the names.",
                on_click=seen.update,
                args=(tuple(chosen),),
            )


def _draw_row(comparison: Comparison) -> None:
    names = [lane.name for lane in comparison.lanes] if comparison.view.names else []
    lanes = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{escape(view.name(comparison, 90))}**")
            moment = format_time(comparison.created, st.context.timezone_offset)
            st.caption(f"{moment} · {len(comparison.lanes)} lanes{f' · {escape(lanes)}' if lanes else ''}")
        seen = comparison.id in names_seen()
        if st.button(
            "Blind vote",
            icon=":material/how_to_vote:",
            key=f"compare/vote/{comparison.id}",
            type="tertiary",
            disabled=seen or len(comparison.lanes) < 2,
            help=_explain_vote(comparison, seen),
        ):
            st.switch_page(session.page("vote"), query_params={"c": comparison.id})
        if st.button("Open", icon=":material/open_in_full:", key=f"compare/open/{comparison.id}"):
            st.query_params["c"] = comparison.id
            st.rerun()


def _explain_vote(comparison: Comparison, seen: bool) -> str:
    if len(comparison.lanes) < 2:
        return "A vote needs two clips."
    if seen:
        return "You have seen the names of these clips: your votes would be void. Open it to vote all the same."
    return "Judge the clips in pairs without their names. Open the comparison first and its names are no longer hidden."
