"""The asset library of the gateway in use: groups, files imported by link, their state and their address.

Draws and enqueues. `dailies.work.asset_watch` sends and follows; `components.form.assets` offers the active assets to
the slots of a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from components import faults, session
from components.form.sending import format_problems
from components.frontend import listen
from components.heading import draw_heading
from components.words import count, escape, format_limits, format_sentence, format_time
from dailies.domain import Problem, Slot
from dailies.gateway import asset_life
from dailies.gateway.assets import (
    DESCRIPTION_CHARS,
    NAME_CHARS,
    Asset,
    AssetGroup,
    AssetState,
    check_asset,
    check_group,
)
from dailies.text import clean
from dailies.vocabulary import MediaKind, SendAs

_PER_PAGE = 10
_KINDS = {
    MediaKind.IMAGE: ("Picture", "image"),
    MediaKind.VIDEO: ("Video", "movie"),
    MediaKind.AUDIO: ("Sound", "graphic_eq"),
}
_LOOK = {
    AssetState.SENDING: ("blue", "upload", "Sending"),
    AssetState.PROCESSING: ("blue", "progress_activity", "Processing"),
    AssetState.ACTIVE: ("green", "check_circle", "Active"),
    AssetState.FAILED: ("red", "error", "Failed"),
    AssetState.UNSURE: ("orange", "help", "Outcome unknown"),
}


def draw_assets() -> None:
    """Draw the page."""
    draw_heading("Assets", *_list_takers())
    left, right = st.columns([5, 7], gap="large")
    with left:
        _draw_import()
    with right:
        _draw_library()


def _list_takers() -> list[str]:
    catalog = session.catalog()
    families = dict.fromkeys(cell.family for cell in catalog.cells() if any(_takes(slot) for slot in cell.slots))
    titles = [catalog.families[family].title for family in families]
    return [f"Taken by {', '.join(titles)}"] if titles else []


def _takes(slot: Slot) -> bool:
    return any(form.send_as is SendAs.ASSET for form in slot.forms)


# --- into the library --------------------------------------------------------------------------------------------


@faults.fragment
def _draw_import() -> None:
    since, groups = session.services().store.revision(), _list_groups()
    _listen(groups, since=since, key="assets/live groups")
    ready = {group.group_id: group for group in groups if group.state is AssetState.ACTIVE}
    if ready and st.session_state.get("assets/group") not in ready:
        st.session_state["assets/group"] = next(iter(ready))  # the newest; Streamlit would leave the choice empty
    with st.container(border=True):
        st.subheader("Import a file", anchor=False)
        group = st.selectbox(
            "Group",
            list(ready),
            key="assets/group",
            placeholder="Make a group first" if not ready else "Choose a group",
            disabled=not ready,
            format_func=lambda name: ready[name].name if name in ready else name,
        )
        _draw_file(group or "")
    _draw_new_group(expanded=not groups)
    for item in groups:
        if item.state is not AssetState.ACTIVE:
            _draw_group(item)


def _draw_file(group: str) -> None:
    turn = st.session_state.setdefault("assets/turn", 0)
    kind = st.segmented_control(
        "Kind",
        list(_KINDS),
        default=MediaKind.IMAGE,
        required=True,
        key="assets/kind",
        format_func=lambda kind: f":material/{_KINDS[kind][1]}: {_KINDS[kind][0]}",
    )
    url = st.text_input(
        "Link",
        key=f"assets/link/{turn}",
        icon=":material/link:",
        placeholder="https://…",
        on_change="ignore",
        help="A public link. The gateway fetches and reviews the file, so keep it reachable until the asset is active.",
    )
    name = st.text_input(
        "Name", key=f"assets/name/{turn}", placeholder=f"Up to {NAME_CHARS} characters", on_change="ignore"
    )
    if limits := _format_limits(kind):
        st.markdown(f":small[{limits}]")
    if st.button("Import", type="primary", icon=":material/cloud_upload:", key="assets/import"):
        url, name = clean(url.strip()), clean(name.strip())
        if problems := check_asset(group, url, name, session.base_url()):
            _show_problems(problems)
            return
        services = session.services()
        services.assets.import_asset(
            asset_life.create_asset(
                session.gateway().name,
                group,
                kind,
                url,
                name,
                services.now(),
                owner=session.owner(),
                credential=session.credential(),
            )
        )
        st.session_state["assets/turn"] = turn + 1
        st.rerun()


def _format_limits(kind: MediaKind) -> str:
    """Format the limits that the models state for assets of one kind; empty if they state none."""
    slots = (slot for cell in session.catalog().cells() for slot in cell.slots if slot.kind is kind and _takes(slot))
    slot = next(slots, None)
    limits = format_limits(slot.limits) if slot else ""
    return f"The models take {limits}." if limits else ""


def _draw_new_group(*, expanded: bool) -> None:
    turn = st.session_state.setdefault("assets/group turn", 0)
    box = st.expander(
        "New group",
        icon=":material/create_new_folder:",
        expanded=expanded,
        key=f"assets/new group/{turn}",
        on_change="rerun",
    )
    if box.open:
        with box:
            _draw_group_form(turn)


def _draw_group_form(turn: int) -> None:
    name = st.text_input(
        "Name of the group",
        key=f"assets/group name/{turn}",
        placeholder=f"Up to {NAME_CHARS} characters",
        on_change="ignore",
    )
    description = st.text_area(
        "Description",
        key=f"assets/group description/{turn}",
        placeholder=f"Optional, up to {DESCRIPTION_CHARS} characters",
        height=80,
        on_change="ignore",
    )
    if st.button("Make the group", icon=":material/create_new_folder:", key="assets/make"):
        name, description = clean(name.strip()), clean(description.strip())
        if problems := check_group(name, description):
            _show_problems(problems)
            return
        services = session.services()
        services.assets.create_group(
            asset_life.create_group(
                session.gateway().name,
                name,
                description,
                services.now(),
                owner=session.owner(),
                credential=session.credential(),
            )
        )
        st.session_state["assets/group turn"] = turn + 1
        st.rerun()


def _show_problems(problems: Iterable[Problem]) -> None:
    st.error(format_problems(problems), title="Not sent yet", icon=":material/edit:")


def _draw_group(group: AssetGroup) -> None:
    """Draw a group that is not active: not there yet, or not made."""
    with st.container(border=True, key=group.id):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f":material/folder: **{escape(group.name)}**", width="content")
            st.markdown(_format_state(group), width="content")
        _draw_trouble(group)
        if group.state in (AssetState.FAILED, AssetState.UNSURE):
            _draw_forget(group)


# --- what is there -----------------------------------------------------------------------------------------------


@faults.fragment
def _draw_library() -> None:
    store, gateway = session.services().store.assets, session.gateway().name
    since, total = session.services().store.revision(), store.count(gateway)
    page = 0
    if total > _PER_PAGE:
        page = (st.pagination(-(-total // _PER_PAGE), key="assets/page") or 1) - 1
    found = store.list(gateway, limit=_PER_PAGE, offset=page * _PER_PAGE)
    _listen(found, since=since, key="assets/live")
    if not found:
        _draw_empty()
        return
    st.markdown(f":small[{count(total, 'asset')} imported from here through this gateway]")
    names = {group.group_id: group.name for group in _list_groups()}
    for asset in found:
        _draw_asset(asset, names.get(asset.group_id, asset.group_id))


def _draw_empty() -> None:
    with st.container(border=True, horizontal_alignment="center", height=260, vertical_alignment="center"):
        st.markdown(":material/folder_special: Imported files appear here.", width="content")
        st.markdown(":small[Make a group, import a file into it, and wait until it is active.]", width="content")
        st.markdown(":small[Then choose it in any form that takes assets.]", width="content")


def _draw_asset(asset: Asset, group: str) -> None:
    with st.container(border=True, key=asset.id):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            moment = format_time(asset.created, st.context.timezone_offset)
            title, icon = _KINDS[asset.kind]
            st.markdown(f":gray[{moment}] :material/{icon}: **{escape(asset.name)}**", width="content")
            st.markdown(_format_state(asset), width="content")
        st.markdown(f":small[{title} in {escape(group)}]", help=f"Imported from {escape(asset.url)}")
        if asset.state is AssetState.ACTIVE:
            st.code(asset.address, language=None)
        _draw_trouble(asset)
        if asset.given_up:
            st.button(
                "Ask again",
                icon=":material/refresh:",
                key=f"{asset.id}/again",
                on_click=faults.guard(session.services().assets.ask_again),
                args=(asset.id,),
            )
        elif asset.state in (AssetState.FAILED, AssetState.UNSURE):
            with st.container(horizontal=True):
                if asset.state is AssetState.FAILED:
                    _draw_use_again(asset)
                _draw_forget(asset)


def _draw_use_again(asset: Asset) -> None:
    """Draw the way back into the form, which another part of the page shows."""
    pressed = st.button(
        "Use again",
        icon=":material/edit:",
        key=f"{asset.id}/use",
        help=f"Put the link and the name of {escape(asset.name)} into the form. Nothing is sent yet.",
        on_click=faults.guard(_fill_form),
        args=(asset,),
    )
    if pressed:
        st.rerun()


def _fill_form(asset: Asset) -> None:
    turn = st.session_state.get("assets/turn", 0) + 1
    st.session_state.update(
        {
            "assets/turn": turn,
            "assets/group": asset.group_id,
            "assets/kind": asset.kind,
            f"assets/link/{turn}": asset.url,
            f"assets/name/{turn}": asset.name,
        }
    )


def _format_state(item: Asset | AssetGroup) -> str:
    colour, icon, word = _LOOK[item.state]
    if isinstance(item, Asset) and item.given_up:
        colour, icon, word = "orange", "visibility_off", "Not watched"
    return f":{colour}-badge[:material/{icon}: {word}]"


def _draw_trouble(item: Asset | AssetGroup) -> None:
    if not item.error:
        return
    words = f"{format_sentence(item.error)} {escape(item.fix)}"
    if item.state is AssetState.FAILED:
        st.error(words, icon=":material/error:")
    else:
        st.warning(words, icon=":material/help:" if item.state is AssetState.UNSURE else ":material/cloud_off:")


def _draw_forget(item: Asset | AssetGroup) -> None:
    st.button(
        "Take off the list",
        icon=":material/playlist_remove:",
        key=f"{item.id}/forget",
        type="tertiary",
        help=f"Forget {escape(item.name)} here. Nothing changes at the gateway.",
        on_click=faults.guard(session.services().assets.forget),
        args=(item,),
    )


def _list_groups() -> Sequence[AssetGroup]:
    return session.services().store.assets.groups(session.gateway().name)


def _listen(items: Sequence[Asset | AssetGroup], *, since: int, key: str) -> None:
    """Rerun the fragment when one of these items changes. Items that are settled are not watched."""
    pending = [item for item in items if item.due is not None]
    if pending:
        listen(pending, since=since, key=key)
