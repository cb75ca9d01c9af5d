"""The gateway in use as pages see it: whether it answers, and how its models compare with the catalog's."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components import faults, session
from components.frontend import listen
from components.words import count, escape, format_sentence
from dailies.gateway.client import Check
from dailies.gateways import SANDBOX

_SANDBOX = (
    "The built-in sandbox renders each clip from your request. Nothing leaves this machine and nothing is charged. "
    "Choose a real gateway on the Settings page."
)


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


def follow_state() -> None:
    """Rerun the surrounding fragment on news of the gateway, as long as it is not known to answer."""
    check = _get_state()
    if session.gateway_problem() is None and (check is None or not check.ok):
        listen((), since=session.services().store.revision(), every=True, key="gateway/live")


def draw_badge() -> None:
    """Draw the gateway in use as a badge: quiet, unless it cannot be used. Its help says what it answered."""
    gateway, check, problem = session.gateway(), _get_state(), session.gateway_problem()
    about = _SANDBOX if gateway.name == SANDBOX else "The gateway in use."
    title = escape(gateway.title)
    if problem is not None or (check and not check.ok):
        look = f":red-badge[:material/cloud_off: {title}: cannot be used]"
    else:
        look = f":gray-badge[:material/{'science' if gateway.name == SANDBOX else 'dns'}: {title}]"
    if problem is None:
        about = f"{about} {_format_answer(check)}"
    st.markdown(look, width="content", help=about)


def draw_trouble() -> None:
    """Draw why the gateway in use cannot be used, with the way to Settings; a missing key is said above every page."""
    check = _get_state()
    if session.gateway_problem() is not None or check is None or check.ok:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":red[:material/cloud_off:] {format_sentence(check.words)}", width="content")
        st.page_link(session.page("settings"), label="Open Settings", icon=":material/settings:")


def _format_answer(check: Check | None) -> str:
    if check is None:
        return "It is being asked for its models."
    if not check.ok:
        return format_sentence(check.words)
    unseen = len(compare_models(check).unseen)
    missing = f"; {unseen} of the catalog's models are not among them" if unseen else ""
    return f"It answers in {check.seconds:.2f} s and lists {count(len(check.models), 'model')}{missing}."


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


def _get_state() -> Check | None:
    """The last check of the gateway in use; None where it is not known, or nothing can be asked."""
    return None if session.gateway_problem() else _get_check()


def _get_check() -> Check | None:
    return session.services().health.latest(session.gateway().name, session.credential())
