"""What the gateway in use says of itself: whether it answers, and the models its key can see beside the catalog's."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components import session
from components.frontend import listen
from dailies.gateway.client import Check


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """The gateway's list held against the catalog: model ids in both, only in the catalog, only at the gateway."""

    both: tuple[str, ...]
    unseen: tuple[str, ...]
    unknown: tuple[str, ...]


def compare_models(check: Check) -> ModelComparison:
    """Compare what a key can see with what the catalog knows. A family's pattern also knows a model."""
    catalog, offered = session.catalog(), set(check.models)
    named = {row.id for family in catalog.families.values() for rows in family.models.values() for row in rows}
    claimed = {
        model
        for model in offered - named
        if any(family.typed(model) for family in catalog.families.values() if not family.generic)
    }
    return ModelComparison(
        both=tuple(sorted((named & offered) | claimed)),
        unseen=tuple(sorted(named - offered)),
        unknown=tuple(sorted(offered - named - claimed)),
    )


@st.fragment
def draw_gateway_state() -> None:
    """One line on whether the gateway answers, and the models that only it knows, one click from trying them."""
    listen((), every=True, key="gateway/live")
    check = session.services().health.latest(session.gateway().name, session.credential())
    if check is None:
        st.caption(":material/hourglass_top: Asking the gateway for its models…")
        return
    if not check.ok:
        st.caption(f":red[:material/cloud_off: {check.words}]")
        return
    found = compare_models(check)
    missing = f" · {len(found.unseen)} of the catalog's are not among them" if found.unseen else ""
    st.caption(f":material/cloud_done: Answers in {check.seconds:.2f} s · {len(check.models)} models{missing}")
    if found.unknown:
        draw_unknown_models(found.unknown, "home")


def draw_unknown_models(models: tuple[str, ...], where: str) -> None:
    """Buttons for the models that the catalog does not know."""
    generic = next((family for family in session.catalog().families.values() if family.generic), None)
    if generic is None:
        return
    box = st.expander(f"{len(models)} models that the catalog does not know: try one", icon=":material/explore:")
    with box, st.container(horizontal=True):
        for model in models:
            if st.button(model, key=f"{where}/unknown/{model}", type="tertiary"):
                st.switch_page(session.page_of(generic), query_params={"model": model})


def list_unknown_models() -> tuple[str, ...]:
    """The model ids that the gateway lists and the catalog does not know, as far as the list is known."""
    check = session.services().health.latest(session.gateway().name, session.credential())
    return compare_models(check).unknown if check and check.ok else ()


def is_listed(model: str) -> bool:
    """False only where the gateway is known to list its models and this one is not among them."""
    check = session.services().health.latest(session.gateway().name, session.credential())
    return not model or check is None or not check.ok or model in check.models
