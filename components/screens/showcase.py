"""What Home shows before there are takes: samples of the sandbox in several styles, each with its idea."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import session
from components.address import base_path
from components.form.short import SCOPE
from components.frontend import draw_wall
from components.samples import Sample, list_samples


def draw_showcase() -> None:
    """Draw the samples; a press puts the idea of one into the form above."""
    st.subheader("Samples from the sandbox", anchor=False)
    st.markdown(
        ":small[Painted by the built-in sandbox: no takes of yours, and no model's work. Press one to put its idea "
        "into the form. Your own takes will stand here.]"
    )
    if draw_wall([_make_tile(sample) for sample in list_samples()], key="home/showcase", on_open=_use):
        st.rerun()  # the form stands outside of this fragment


def _use(name: str) -> None:
    """Put the idea of a sample into the form; the name comes from the browser."""
    if sample := next((sample for sample in list_samples() if sample.name == name), None):
        session.replace_prompt(SCOPE, sample.prompt)


def _make_tile(sample: Sample) -> dict[str, Any]:
    address = f"{base_path()}/showcase/{sample.name}"
    return {
        "id": sample.name,
        "poster": f"{address}.jpg",
        "clip": f"{address}.mp4",
        "label": f"Use the idea of the sandbox's sample {sample.title}: {sample.prompt}",
        "model": sample.title,
        "facts": "Sample",
        "words": sample.prompt,
        "state": "Sample",
        "open": False,
    }
