"""The gateway in use as pages see it: whether it answers, and how its models compare with the catalog's."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components import faults, session
from components.frontend import listen
from components.words import count, escape, format_sentence
from dailies.gateway.client import Check


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Model ids known to both, to the catalog only (`unseen`), and to the gateway only (`unknown`)."""

    both: tuple[str, ...]
    unseen: tuple[str, ...]
    unknown: tuple[str, ...]


def compare_models(check: Check) -> ModelComparison:
    """Compare the models that a key can see with the catalog. A model that fits a family's pattern counts as known."""
    catalog, offered = session.catalog(), set(check.models)
    named = {row.id for family in catalog.families.values() for rows in family.models.values() for row in rows}
    claimed = {
        model
        for model in offered - named
        if any(family.fits(model) for family in catalog.families.values() if not family.generic)
    }
    return ModelComparison(
        both=tuple(sorted((named & offered) | claimed)),
        unseen=tuple(sorted(named - offered)),
        unknown=tuple(sorted(offered - named - claimed)),
    )


@faults.fragment
def draw_gateway_state() -> None:
    """Draw one line on whether the gateway answers."""
    listen((), since=session.services().store.revision(), every=True, key="gateway/live")
    check = _get_check()
    if check is None:
        st.markdown(":small[:material/hourglass_top: Asking the gateway for its models…]")
    elif not check.ok:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":red-badge[:material/cloud_off: No answer] {format_sentence(check.words)}", width="content")
            st.page_link(session.page("settings"), label="Open Settings", icon=":material/settings:")
    else:
        unseen = len(compare_models(check).unseen)
        missing = f" · {unseen} of the catalog's models are not among them" if unseen else ""
        answered = f"The gateway answers in {check.seconds:.2f} s · {count(len(check.models), 'model')}{missing}"
        st.markdown(f":gray-badge[:material/cloud_done: {answered}]")


@faults.fragment
def draw_gateway_models() -> None:
    """Draw the models that only the gateway knows, as soon as it has answered."""
    listen((), since=session.services().store.revision(), every=True, key="gateway/live models")
    draw_unknown_models("home")


def draw_unknown_models(where: str) -> None:
    """Draw a folded list of the models that only the gateway knows; a click opens the generic form with one.

    `where` is a prefix for the widget keys of the page.
    """
    models = list_unknown_models()
    generic = next((family for family in session.catalog().families.values() if family.generic), None)
    if generic is None or not models:
        return
    box = st.expander(
        f"{count(len(models), 'model')} that the catalog does not know: try one",
        icon=":material/explore:",
        key=f"{where}/unknown",
        on_change="rerun",
    )
    if box.open:
        with box, st.container(horizontal=True):
            for model in models:
                if st.button(escape(model), key=f"{where}/unknown/{model}", type="tertiary"):
                    st.switch_page(session.page_of(generic), query_params={"model": model})


def draw_unseen_models() -> None:
    """Draw a folded list of the catalog's models that the gateway does not list."""
    check = _get_check()
    unseen = compare_models(check).unseen if check and check.ok else ()
    if unseen:
        with st.expander(f"{count(len(unseen), 'model')} of the catalog not in the gateway's list"):
            st.markdown(", ".join(f"`{name}`" for name in unseen))


def list_unknown_models() -> tuple[str, ...]:
    """List the models that the gateway offers and the catalog does not know; none before the gateway has answered."""
    check = _get_check()
    return compare_models(check).unknown if check and check.ok else ()


def is_listed(model: str) -> bool | None:
    """Whether the gateway lists a model for this key; None while its list is not known."""
    check = _get_check()
    return None if not model or check is None or not check.ok else model in check.models


def _get_check() -> Check | None:
    return session.services().health.latest(session.gateway().name, session.credential())
