"""Two texts side by side with what differs between them marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dailies.rewriting import Piece, Rewrite, compare

_BOX = "flex:1 1 15rem;min-width:0;border:1px solid rgba(128,128,128,.35);border-radius:.5rem;padding:.5rem .75rem"
_TEXT = "margin:0;white-space:pre-wrap;overflow-wrap:anywhere;max-height:16rem;overflow-y:auto"
_MARKS = {
    "del": "background:rgba(217,48,37,.18);text-decoration:line-through",
    "ins": "background:rgba(30,142,62,.22);text-decoration:underline",
}


def draw_difference(rewrite: Rewrite) -> None:
    """Draw both texts of a rewrite; what only the old one has is struck out, what only the new one has underlined."""
    before, after = compare(rewrite.before, rewrite.after)
    boxes = _format("Yours", before, "del") + _format(rewrite.kind.done, after, "ins")
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.75rem">{boxes}</div>')


def _format(title: str, pieces: Sequence[Piece], mark: str) -> str:
    words = "".join(
        f'<{mark} style="{_MARKS[mark]}">{escape(piece.text)}</{mark}>' if piece.changed else escape(piece.text)
        for piece in pieces
    )
    text = f'<p dir="auto" tabindex="0" style="{_TEXT}">{words}</p>'
    return f'<section aria-label="{title}" style="{_BOX}"><small><strong>{title}</strong></small>{text}</section>'
