"""The widgets of a cell's parameters: choices as segments, ranges as numbers, what is fixed as a fact.

Limits that differ by model never give a widget its identity; what is chosen lives in the session under the form's
keys and is checked by `dailies.request.draft`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from components.session import key
from components.words import SUPPORT_MEANING, cite
from dailies.domain import Cell
from dailies.parameter import Parameter
from dailies.vocabulary import Support, Value

MAIN = ("seconds", "aspect_ratio", "resolution", "audio", "motion_level", "template_name")
_WORDS = ("text", "lines")  # kinds that take the whole width
_STEP = 0.1  # of a decimal
_FEW = 6  # up to here choices stay visible as segments, beyond they fold into a list


def _value_key(scope: str, parameter: Parameter) -> str:
    return key(scope, f"value/{parameter.id}")


def set_value(scope: str, parameter: Parameter, value: Value | None) -> None:
    """Set what a parameter's widget shows; None shows its default."""
    wanted = parameter.default if value is None else value
    name = _value_key(scope, parameter)
    if wanted is None:
        st.session_state.pop(name, None)
    elif _kind(parameter) in _WORDS:
        st.session_state[name] = str(wanted)
    else:
        st.session_state[name] = parameter.coerce(wanted)  # a number widget wants its own type of number


def set_default(scope: str, parameter: Parameter) -> None:
    """Give a parameter its default where the session holds nothing for it yet."""
    if parameter.fixed is None and _value_key(scope, parameter) not in st.session_state:
        set_value(scope, parameter, None)


def read_values(scope: str, offered: Iterable[Parameter]) -> dict[str, Value]:
    """What the session holds for parameters; nothing for those left alone."""
    values: dict[str, Value] = {}
    for parameter in offered:
        raw = st.session_state.get(_value_key(scope, parameter))
        if parameter.settable and raw is not None and raw != "":
            values[parameter.id] = parameter.coerce(raw)
    return values


def draw_parameters(scope: str, cell: Cell, more_of: Callable[[], None] | None = None) -> None:
    """Draw every parameter of a cell: the usual ones in the open, the others and the raw metadata folded.

    `more_of` draws what else belongs to the folded part.
    """
    main = [p for p in cell.parameters if p.id in MAIN]
    more = [p for p in cell.parameters if p.id not in MAIN and not p.refused]
    refused = [p for p in cell.parameters if p.refused]
    facts = [p for p in main if p.fixed is not None]
    if facts:
        words = " · ".join(f"**{p.title}** {_set_by_the_model(p)}" for p in facts)
        st.markdown(f":material/lock: {words}", help="  \n".join(f"{p.title}. {cite(p.origin)}" for p in facts))
    with st.container(horizontal=True):
        for parameter in main:
            if parameter.fixed is None:
                draw_widget(scope, parameter)
    with st.expander("More settings", icon=":material/tune:", key=key(scope, "more")):
        for parameter in more:
            if parameter.fixed is not None:
                st.markdown(f":material/lock: **{parameter.title}** {_set_by_the_model(parameter)}")
        with st.container(horizontal=True):
            for parameter in more:
                if parameter.fixed is None and _kind(parameter) not in _WORDS:
                    draw_widget(scope, parameter)
        for parameter in more:
            if parameter.fixed is None and _kind(parameter) in _WORDS:
                draw_widget(scope, parameter)
        for parameter in refused:
            st.caption(f":material/do_not_disturb_on: **{parameter.title}** {parameter.refused}")
        if more_of is not None:
            more_of()
        st.text_area(
            "Raw metadata (JSON)",
            key=key(scope, "metadata"),
            persist_state="session",
            height=96,
            placeholder='{"key": "value"}',
            help="Merged over what the form builds. Where both set the same thing, the request view says which wins.",
        )


def _set_by_the_model(parameter: Parameter) -> str:
    return f"{parameter.spell(parameter.fixed)}, set by the model"


def _kind(parameter: Parameter) -> str:
    if parameter.choices:
        return "list" if parameter.free or len(parameter.choices) > _FEW else "segments"
    if parameter.numeric:
        return "number"
    return "lines" if parameter.placement and parameter.placement.read else "text"


def draw_widget(scope: str, parameter: Parameter) -> None:
    """Draw the widget of one parameter; its value stays in the session under the form's key."""
    name = _value_key(scope, parameter)
    label, about = _label(parameter), _about_parameter(parameter)
    kind = _kind(parameter)
    if kind == "number":
        low, high = (None, None) if parameter.free else (parameter.minimum, parameter.maximum)
        number = float if parameter.decimal else int
        st.number_input(
            label,
            key=name,
            help=about,
            step=_STEP if parameter.decimal else 1,
            format="%g" if parameter.decimal else None,  # every digit that is sent; the default rounds to the step
            width=160,
            persist_state="session",
            value=None,
            min_value=None if low is None else number(low),
            max_value=None if high is None else number(high),
            placeholder=parameter.takes,
        )
    elif kind == "segments":
        st.segmented_control(
            label,
            list(parameter.choices),
            key=name,
            help=about,
            persist_state="session",
            wrap=True,
            required=parameter.default is not None,
        )
    elif kind == "list":
        st.selectbox(
            label,
            list(parameter.choices),
            index=None,
            key=name,
            help=about,
            width=160,
            persist_state="session",
            accept_new_options=parameter.free,
            placeholder=_unset(parameter) or "Not sent",
            format_func=str,
        )
    elif kind == "lines":
        st.text_area(
            label, key=name, help=about, height=96, on_change="ignore", persist_state="session", placeholder="Not sent"
        )
    else:
        st.text_input(label, key=name, help=about, on_change="ignore", persist_state="session", placeholder="Not sent")


def _label(parameter: Parameter) -> str:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    # Only a group of segments draws its label as text: for a field it is the name that a screen reader says.
    unset = f" :gray[:small[{said}]]" if (said := _unset(parameter)) and _kind(parameter) == "segments" else ""
    return f"{parameter.title}{unit}{unset}"


def _unset(parameter: Parameter) -> str:
    """What holds at the gateway where nothing is sent, as far as that is known."""
    return f"unset: {parameter.assumed}" if parameter.assumed is not None and parameter.default is None else ""


def _about_parameter(parameter: Parameter) -> str:
    parts = [parameter.note] if parameter.note else []
    if parameter.support is not Support.SUPPORTED:
        parts.append(SUPPORT_MEANING[parameter.support])
    if not parameter.default:
        parts.append(f"Not sent unless chosen{f'; {said}' if (said := _unset(parameter)) else ''}.")
    if parameter.free:
        parts.append(f"Documented: {parameter.takes}; other values are sent as asked.")
    parts.append(cite(parameter.origin))
    return " ".join(parts)
