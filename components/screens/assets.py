"""The asset library of the gateway in use: groups, files imported by link, their state, and the address to use.

Draws and enqueues; what is sent and followed is the process's asset watch. `components.form.assets` offers what is
ready to the slots of a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from components import session
from components.frontend import listen
from components.heading import draw_heading
from components.words import escape, format_time
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
from dailies.vocabulary import MediaKind, SendAs

_PER_PAGE = 10
_KINDS = {
    MediaKind.IMAGE: ("Picture", "image"),
    MediaKind.VIDEO: ("Video", "movie"),
    MediaKind.AUDIO: ("Sound", "graphic_eq"),
}
_LOOK = {
    AssetState.SENDING: ("blue", "upload", "sending"),
    AssetState.PROCESSING: ("blue", "progress_activity", "processing"),
    AssetState.ACTIVE: ("green", "check_circle", "active"),
    AssetState.FAILED: ("red", "error", "failed"),
    AssetState.UNSURE: ("orange", "help", "unsure"),
}


def draw_assets() -> None:
    """Draw the page."""
    draw_heading("Assets", *_takers())
    left, right = st.columns([5, 7], gap="large")
    with left:
        _import()
    with right:
        _library()


def _takers() -> list[str]:
    catalog = session.catalog()
    families = dict.fromkeys(cell.family for cell in catalog.cells() if any(_takes(slot) for slot in cell.slots))
    titles = [catalog.families[family].title for family in families]
    return [f"taken by {', '.join(titles)}"] if titles else []


def _takes(slot: Slot) -> bool:
    return any(form.send_as is SendAs.ASSET for form in slot.forms)


# --- into the library --------------------------------------------------------------------------------------------


@st.fragment
def _import() -> None:
    groups = _groups()
    _listen(groups, key="assets/live groups")
    ready = {group.group_id: group for group in groups if group.state is AssetState.ACTIVE}
    if ready and st.session_state.get("assets/group") not in ready:
        st.session_state["assets/group"] = next(iter(ready))  # the newest: an empty choice does not choose by itself
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
        _file(group or "")
    with st.expander("New group", icon=":material/create_new_folder:", expanded=not groups):
        _new_group()
    for item in groups:
        if item.state is not AssetState.ACTIVE:
            _group(item)


def _file(group: str) -> None:
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
    if limits := _limits(kind):
        st.caption(limits)
    if st.button("Import", type="primary", icon=":material/cloud_upload:", key="assets/import"):
        url, name = url.strip(), name.strip()
        if problems := check_asset(group, url, name, session.base_url()):
            _say(problems)
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
                owner=session.OWNER,
                credential=session.credential(),
            )
        )
        st.session_state["assets/turn"] = turn + 1
        st.rerun()


def _limits(kind: MediaKind) -> str:
    """What the models that take assets of a kind say about such files."""
    slots = (slot for cell in session.catalog().cells() for slot in cell.slots if slot.kind is kind and _takes(slot))
    slot = next(slots, None)
    if slot is None:
        return ""
    limits, parts = slot.limits, []
    if limits.types:
        parts.append(", ".join(kind.split("/")[-1] for kind in limits.types))
    if limits.max_bytes:
        parts.append(f"at most {limits.max_bytes / 1e6:g} MB")
    if limits.min_side and limits.max_side:
        parts.append(f"{limits.min_side} to {limits.max_side} px a side")
    if limits.min_seconds and limits.max_seconds:
        parts.append(f"{limits.min_seconds:g} to {limits.max_seconds:g} s")
    return f"The model takes: {'; '.join(parts)}." if parts else ""


def _new_group() -> None:
    turn = st.session_state.setdefault("assets/group turn", 0)
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
        name, description = name.strip(), description.strip()
        if problems := check_group(name, description):
            _say(problems)
            return
        services = session.services()
        services.assets.create_group(
            asset_life.create_group(
                session.gateway().name,
                name,
                description,
                services.now(),
                owner=session.OWNER,
                credential=session.credential(),
            )
        )
        st.session_state["assets/group turn"] = turn + 1
        st.rerun()


def _say(problems: Iterable[Problem]) -> None:
    lines = [f"**{problem.where}** {problem.what}. {problem.fix}" for problem in problems]
    st.error("  \n".join(lines), icon=":material/edit_off:")


def _group(group: AssetGroup) -> None:
    """A group that is not there yet, or did not come to be."""
    with st.container(border=True, key=group.id):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f":material/folder: **{escape(group.name)}**", width="content")
            st.markdown(_badge(group), width="content")
        _trouble(group)
        if group.state in (AssetState.FAILED, AssetState.UNSURE):
            _forget(group)


# --- what is there -----------------------------------------------------------------------------------------------


@st.fragment
def _library() -> None:
    store, gateway = session.services().store.assets, session.gateway().name
    total = store.count(gateway, session.OWNER)
    page = 0
    if total > _PER_PAGE:
        page = (st.pagination(-(-total // _PER_PAGE), key="assets/page") or 1) - 1
    found = store.list(gateway, session.OWNER, limit=_PER_PAGE, offset=page * _PER_PAGE)
    _listen(found, key="assets/live")
    if not found:
        _empty()
        return
    st.caption(f"{total} asset{'s' if total != 1 else ''} that this installation imported through this gateway")
    names = {group.group_id: group.name for group in _groups()}
    for asset in found:
        _asset(asset, names.get(asset.group_id, asset.group_id))


def _empty() -> None:
    with st.container(border=True, horizontal_alignment="center", height=260, vertical_alignment="center"):
        st.markdown(":material/folder_special: Imported files appear here.", width="content")
        st.caption("Make a group, import a file into it, and wait until it is active.", width="content")
        st.caption("Its address then goes wherever a form takes assets.", width="content")


def _asset(asset: Asset, group: str) -> None:
    with st.container(border=True, key=asset.id):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            moment = format_time(asset.created, st.context.timezone_offset)
            title, icon = _KINDS[asset.kind]
            st.markdown(f":gray[{moment}] :material/{icon}: **{escape(asset.name)}**", width="content")
            st.markdown(_badge(asset), width="content")
        st.caption(f"{title} in {escape(group)}", help=f"Imported from `{asset.url}`")
        if asset.state is AssetState.ACTIVE:
            st.code(asset.address, language=None)
        _trouble(asset)
        if asset.given_up:
            st.button(
                "Ask again",
                icon=":material/refresh:",
                key=f"{asset.id}/again",
                on_click=session.services().assets.ask_again,
                args=(asset.id,),
            )
        elif asset.state in (AssetState.FAILED, AssetState.UNSURE):
            _forget(asset)


def _badge(item: Asset | AssetGroup) -> str:
    colour, icon, word = _LOOK[item.state]
    if isinstance(item, Asset) and item.given_up:
        colour, icon, word = "orange", "visibility_off", "not watched"
    return f":{colour}-badge[:material/{icon}: {word}]"


def _trouble(item: Asset | AssetGroup) -> None:
    if not item.error:
        return
    words = f"{escape(item.error)}  \n{item.fix}"
    if item.state is AssetState.FAILED:
        st.error(words, icon=":material/error:")
    else:
        st.warning(words, icon=":material/help:" if item.state is AssetState.UNSURE else ":material/cloud_off:")


def _forget(item: Asset | AssetGroup) -> None:
    st.button(
        "Take off the list",
        icon=":material/playlist_remove:",
        key=f"{item.id}/forget",
        type="tertiary",
        help=f"{escape(item.name)} is forgotten here. At the gateway nothing changes.",
        on_click=session.services().assets.forget,
        args=(item,),
    )


def _groups() -> Sequence[AssetGroup]:
    return session.services().store.assets.groups(session.gateway().name, session.OWNER)


def _listen(items: Sequence[Asset | AssetGroup], *, key: str) -> None:
    """Rerun the fragment when one of these changes that is not decided yet."""
    open_ones = [item for item in items if item.due is not None]
    if open_ones:
        # The listener asks for an id and a revision and nothing else of a run.
        listen(open_ones, key=key)
