"""The widgets of a cell's parameters: choices as segments or a list, ranges as numbers, fixed values as facts.

Chosen values live in the session under the form's prefix, `scope`, and are checked by `dailies.request.draft`. Limits
that differ by model are never a widget's identity: a change of model would empty the widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from components import session
from components.session import key
from components.words import SUPPORT_MEANING, cite
from dailies.domain import Cell, Notice
from dailies.parameter import Parameter
from dailies.text import clean
from dailies.vocabulary import CALLBACK, Support, Value

MAIN = ("seconds", "aspect_ratio", "resolution", "audio", "motion_level", "template_name")
"""The parameters shown without opening `More settings`."""

_WIDE = ("text", "lines")  # kinds of widget that take the whole width
_MOST_SEGMENTS = 6  # more choices than this fold into a list
_STEP = 0.1  # of a decimal
_NOT_SENT = "Not sent"


def _value_key(scope: str, parameter: Parameter) -> str:
    return key(scope, f"value/{parameter.id}")


def set_value(scope: str, parameter: Parameter, value: Value | None) -> None:
    """Set what a parameter's widget shows; None shows its default."""
    wanted = parameter.default if value is None else value
    name = _value_key(scope, parameter)
    if wanted is None:
        st.session_state.pop(name, None)
    elif _kind(parameter) in _WIDE:
        st.session_state[name] = str(wanted)
    else:
        st.session_state[name] = parameter.coerce(wanted)  # a number widget wants its own type of number


def set_default(scope: str, parameter: Parameter) -> None:
    """Set a parameter to its default unless the session already holds a value for it."""
    if parameter.fixed is None and _value_key(scope, parameter) not in st.session_state:
        set_value(scope, parameter, None)


def read_values(scope: str, offered: Iterable[Parameter]) -> dict[str, Value]:
    """Read the chosen values by parameter id, typed ones cleaned; parameters left alone are absent."""
    values: dict[str, Value] = {}
    for parameter in offered:
        raw = st.session_state.get(_value_key(scope, parameter))
        if parameter.settable and raw is not None and raw != "":
            values[parameter.id] = parameter.coerce(clean(raw) if isinstance(raw, str) else raw)
    return values


def list_starts(scope: str, cell: Cell) -> list[Notice]:
    """List the values that the form holds as it started with them, although nothing would be sent by itself."""
    shown = read_values(scope, cell.parameters)
    started = [(each, each.start) for each in cell.parameters if each.start]
    return [Notice(each.title, start.note) for each, start in started if shown.get(each.id) == start.value]


def draw_parameters(scope: str, cell: Cell, draw_more: Callable[[], None] | None = None) -> None:
    """Draw every parameter of a cell: the main ones in the open, the others and the raw metadata folded.

    `draw_more` draws what else belongs to the folded part.
    """
    main = [parameter for parameter in cell.parameters if parameter.id in MAIN]
    _draw_facts([parameter for parameter in main if parameter.fixed is not None])
    with st.container(horizontal=True):
        for parameter in main:
            if parameter.settable:
                draw_widget(scope, parameter)
    box = st.expander("More settings", icon=":material/tune:", key=key(scope, "more"), on_change="rerun")
    if box.open:
        with box:
            _draw_further(scope, cell)
            if draw_more is not None:
                draw_more()
            _draw_metadata(scope, cell)


def _draw_facts(fixed: list[Parameter]) -> None:
    if fixed:
        words = " · ".join(f"**{parameter.title}** {_set_by_the_model(parameter)}" for parameter in fixed)
        sources = "  \n".join(f"{parameter.title}. {cite(parameter.origin)}" for parameter in fixed)
        st.markdown(f":material/lock: {words}", help=sources)


def _draw_further(scope: str, cell: Cell) -> None:
    """Draw the folded parameters: facts, then widgets side by side, then wide fields, then what the model refuses."""
    further = [parameter for parameter in cell.parameters if parameter.id not in MAIN and not parameter.refused]
    for parameter in further:
        if parameter.fixed is not None:
            st.markdown(f":material/lock: **{parameter.title}** {_set_by_the_model(parameter)}")
    settable = [parameter for parameter in further if parameter.settable]
    with st.container(horizontal=True):
        for parameter in settable:
            if _kind(parameter) not in _WIDE:
                draw_widget(scope, parameter)
    for parameter in settable:
        if _kind(parameter) in _WIDE:
            draw_widget(scope, parameter)
    for parameter in cell.parameters:
        if parameter.refused:
            st.caption(f":material/do_not_disturb_on: **{parameter.title}** {parameter.refused}")


def _draw_metadata(scope: str, cell: Cell) -> None:
    st.text_area(
        "Raw metadata (JSON)" if cell.raw_to else "Raw fields (JSON)",
        key=key(scope, "metadata"),
        persist_state="session",
        height=96,
        placeholder='{"key": "value"}',
        help="Merged over the request that the form builds. If both set the same thing, the request view says which "
        "one wins.",
    )


def _set_by_the_model(parameter: Parameter) -> str:
    return f"{format_value(parameter.spell(parameter.fixed))}, set by the model"


def format_value(value: Value) -> str:
    """Format a value for people: `On` and `Off`, everything else as it is."""
    return {"on": "On", "off": "Off"}.get(str(value), str(value))


def _kind(parameter: Parameter) -> str:
    """The kind of widget that fits a parameter: `number`, `segments`, `list`, `lines` or `text`."""
    if parameter.choices:
        return "list" if parameter.free or len(parameter.choices) > _MOST_SEGMENTS else "segments"
    if parameter.numeric:
        return "number"
    return "lines" if parameter.placement and parameter.placement.read else "text"


def draw_widget(scope: str, parameter: Parameter) -> None:
    """Draw the widget of one parameter; its value stays in the session."""
    _WIDGETS[_kind(parameter)](
        parameter,
        _label(parameter),
        key=_value_key(scope, parameter),
        help=_help(parameter),
        persist_state="session",
    )


def _draw_number(parameter: Parameter, label: str, **common: Any) -> None:
    low, high = (None, None) if parameter.free else (parameter.minimum, parameter.maximum)
    number = float if parameter.decimal else int
    st.number_input(
        label,
        step=_STEP if parameter.decimal else 1,
        format="%g" if parameter.decimal else None,  # every digit that is sent; the default rounds to the step
        width=160,
        value=None,
        min_value=None if low is None else number(low),
        max_value=None if high is None else number(high),
        placeholder=parameter.takes,
        **common,
    )


def _draw_segments(parameter: Parameter, label: str, **common: Any) -> None:
    st.segmented_control(
        label,
        list(parameter.choices),
        wrap=True,
        required=parameter.default is not None,
        format_func=format_value,
        **common,
    )


def _draw_list(parameter: Parameter, label: str, **common: Any) -> None:
    st.selectbox(
        label,
        list(parameter.choices),
        index=None,
        width=160,
        accept_new_options=parameter.free,
        placeholder=_unset(parameter) or _NOT_SENT,
        format_func=format_value,
        **common,
    )


def _draw_lines(_: Parameter, label: str, **common: Any) -> None:
    st.text_area(label, height=96, on_change="ignore", placeholder=_NOT_SENT, **common)


def _draw_text(parameter: Parameter, label: str, **common: Any) -> None:
    unset = "This installation's own" if _has_own(parameter) else _NOT_SENT
    st.text_input(label, on_change="ignore", placeholder=unset, **common)


_WIDGETS: dict[str, Callable[..., None]] = {
    "number": _draw_number,
    "segments": _draw_segments,
    "list": _draw_list,
    "lines": _draw_lines,
    "text": _draw_text,
}


def _label(parameter: Parameter) -> str:
    """The label of a widget. It is also the widget's name for a screen reader, so it holds no Markdown."""
    unit = f" ({parameter.unit})" if parameter.unit else ""
    # A field shows what is used if it is empty in its placeholder; segments have none.
    unset = f" ({words})" if (words := _unset(parameter)) and _kind(parameter) == "segments" else ""
    return f"{parameter.title}{unit}{unset}"


def _unset(parameter: Parameter) -> str:
    """What the gateway uses if nothing is sent, as far as that is known."""
    if parameter.assumed is None or parameter.default is not None:
        return ""
    return f"unset: {format_value(parameter.assumed)}"


def _has_own(parameter: Parameter) -> bool:
    """Whether an address of this installation is sent if the person names none."""
    return parameter.id == CALLBACK and session.services().settings.is_callable(session.gateway().name)


def _help(parameter: Parameter) -> str:
    parts = [parameter.note] if parameter.note else []
    if parameter.support is not Support.SUPPORTED:
        parts.append(SUPPORT_MEANING[parameter.support])
    if _has_own(parameter):
        parts.append("Left empty, the gateway is asked to tell this installation.")
    elif not parameter.default:
        parts.append(f"Not sent unless chosen{f'; {words}' if (words := _unset(parameter)) else ''}.")
    if parameter.free:
        parts.append(f"Documented: {parameter.takes}; other values are sent as asked.")
    parts.append(cite(parameter.origin))
    if parameter.start:
        parts += [parameter.start.note, cite(parameter.start.origin)]
    return " ".join(parts)
