"""The filters of the library behind one button, and beside it each one that is set, to be taken away by a click."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from components import session
from components.library import address
from components.words import escape
from dailies.library import AS_ASKED, DIFFERENT, Choices
from dailies.media.delivered import KINDS
from dailies.vocabulary import Mode

_TITLES = {
    "person": "Person",
    "family": "Family",
    "model": "Model",
    "mode": "Mode",
    "gateway": "Gateway",
    "delivered": "Delivered",
    "tag": "Tag",
    "collection": "Collection",
    "from": "From",
    "until": "Until",
}


def draw_filters() -> None:
    """Draw the button, and a button for each filter that is set."""
    box = st.popover(
        "Filters", icon=":material/filter_list:", key="library/filters", on_change="rerun", width="content"
    )
    if box.open:
        with box:
            _draw_all()
    for name in address.FILTERS:
        if value := address.read(name):
            st.button(
                _format(name, value),
                icon=":material/close:",
                key=f"library/without/{name}",
                help="Take this filter away.",
                on_click=address.write,
                args=(name, ""),
            )


def _format(name: str, value: str) -> str:
    if name == "star":
        return "Starred"
    if name == "deleted":
        return "Deleted runs"
    return escape(f"{_TITLES[name]}: {_spell(name, value)}")


def _spell(name: str, value: str) -> str:
    if name == "family" and value in session.catalog().families:
        return session.catalog().families[value].title
    if name == "mode" and value in list(Mode):
        return Mode(value).label
    if name == "gateway":
        return session.name_gateway(value)
    if name == "person":
        return _name_people().get(value, "not to be seen")
    if name == "collection":
        named = {each.id: each.name for each in session.services().store.library.collections()}
        return named.get(value, value)
    return value


def _name_people() -> dict[str, str]:
    """Name everybody whose library this person may see: for an operator who may see what others ask for, all."""
    person = session.person()
    seen = session.services().store.list_people() if person.sees_prompts else [person]
    return {each.id: each.title for each in seen if each.id}


def _draw_all() -> None:
    store = session.services().store.library
    choices = store.choices()
    if len(people := _name_people()) > 1:
        _draw_choice("person", people)
    families = {name: family.title for name, family in session.catalog().families.items()}
    _draw_choice("family", families)
    _draw_choice("model", _count(choices.models))
    _draw_choice("mode", {mode.value: mode.label for mode in Mode})
    _draw_choice("delivered", _list_deliveries(choices))
    if choices.tags:
        _draw_choice("tag", _count(choices.tags))
    if named := store.collections():
        _draw_choice("collection", {each.id: f"{each.name} ({each.runs})" for each in named})
    if len(choices.gateways) > 1:
        _draw_choice("gateway", {name: f"{session.name_gateway(name)} ({n})" for name, n in choices.gateways.items()})
    with st.container(horizontal=True):
        for name in ("from", "until"):
            key = f"library/{name}"
            address.show(key, address.read_day(name))
            st.date_input(
                _TITLES[name], key=key, on_change=address.follow(name, key, _spell_day), width=160, value=None
            )
    for name, title in (("star", "Only starred"), ("deleted", "Deleted runs")):
        key = f"library/{name}"
        address.show(key, address.read(name) == "1")
        st.toggle(title, key=key, on_change=address.follow(name, key, lambda value: "1" if value else ""))


def _count(found: Mapping[str, int]) -> dict[str, str]:
    return {name: f"{name} ({number})" for name, number in found.items()}


def _list_deliveries(choices: Choices) -> dict[str, str]:
    found = {AS_ASKED: "As asked", DIFFERENT: "Otherwise than asked"}
    return found | {kind: f"Another {kind} ({choices.differences.get(kind, 0)})" for kind in KINDS}


def _draw_choice(name: str, words: Mapping[str, str]) -> None:
    key = f"library/{name}"
    value = address.read(name)
    options = [*words, *([value] if value and value not in words else [])]
    address.show(key, value or None)
    st.selectbox(
        _TITLES[name],
        options,
        index=None,
        placeholder="All",
        key=key,
        format_func=lambda each: words.get(each, each),
        on_change=address.follow(name, key),
    )


def _spell_day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else ""
