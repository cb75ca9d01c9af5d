"""Assets of the gateway's library, offered to the slots of a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components import session
from dailies.gateway.assets import Asset, AssetState
from dailies.vocabulary import MediaKind


def list_active(kind: MediaKind) -> list[Asset]:
    """List the assets of one kind that are ready at the gateway in use, newest first."""
    store = session.services().store.assets
    return list(store.list(session.gateway().name, kind=kind, states=(AssetState.ACTIVE,)))


def draw_asset_choice(kind: MediaKind, key: str, take: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw a choice of the active assets of one kind; nothing if there are none.

    After a choice `take` is called with `args`, and the asset's id is in the session under `key`.
    """
    names = {asset.asset_id: asset.name for asset in list_active(kind)}
    if names:
        st.selectbox(
            "Pick an asset",
            list(names),
            index=None,
            placeholder="Pick an asset",
            label_visibility="collapsed",
            key=key,
            format_func=lambda asset: names.get(asset, asset),
            on_change=take,
            args=args,
        )
