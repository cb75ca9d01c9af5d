"""Assets of the gateway's library, offered to the slots of a form."""

from __future__ import annotations

import streamlit as st

from components import session
from dailies.gateway.assets import Asset, AssetState
from dailies.vocabulary import MediaKind


def list_active(kind: MediaKind) -> list[Asset]:
    """List the assets of one kind that are ready at the gateway in use, newest first."""
    store = session.services().store.assets
    return list(store.list(session.gateway().name, kind=kind, states=(AssetState.ACTIVE,)))


def pick_asset(slot_kind: MediaKind, key: str) -> str | None:
    """Draw a choice of the active assets of one kind; return the chosen asset's id. Draws nothing if there are none."""
    names = {asset.asset_id: asset.name for asset in list_active(slot_kind)}
    if not names:
        return None
    return st.selectbox(
        "Pick an asset",
        list(names),
        index=None,
        placeholder="Pick an asset",
        label_visibility="collapsed",
        key=key,
        format_func=lambda asset: names.get(asset, asset),
    )
