"""The Plan page: many models, prompts, durations and takes in a table before anything is sent.

Contains no rule: `dailies.compare.lanes` says what a cell would send, `dailies.compare.plan` has counts, waits, costs
and limits, `dailies.catalog.prices` the prices. Nothing typed is lost, and what was shown is what is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

import streamlit as st

from components import press, session
from components.compare import plan_form
from components.compare.launch import check_gateway, prepare
from components.compare.limits import check_agreed, draw_limits, draw_problem
from components.heading import draw_heading
from components.words import escape, format_duration
from dailies.catalog.prices import Cost, Unpriced
from dailies.compare.nouns import Comparison
from dailies.compare.plan import (
    Matrix,
    PlannedCell,
    Totals,
    Verdict,
    add_up,
    count_comparisons,
    make_comparisons,
    spell_amount,
    spell_cost,
)
from dailies.errors import DailiesError
from dailies.gateways import SANDBOX

_TALL, _HEIGHT = 20, 720  # rows above which the table scrolls on its own, and its height in px then
_LINKS = 12  # comparisons to link to after a plan was sent
_PROMPT = 48  # characters of a prompt to show in a row
_SCOPE = "plan"
_SENT = "plan/sent"


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the last press of this session sent."""

    token: str  # of the press
    matrix: Matrix
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The plan of the page, its sums, and what the limits say."""

    matrix: Matrix
    totals: Totals
    verdict: Verdict


def draw_plan() -> None:
    """Draw the page."""
    draw_heading("Plan")
    st.caption(
        "Every model with every prompt, duration and take. Cells that cannot be sent are struck out, with the reason. "
        "Nothing is sent before you press Generate. Each prompt and duration becomes a comparison."
    )
    _draw_sent()
    plan_form.draw(session.catalog())
    try:
        found = _make_plan()
    except DailiesError as error:
        st.error(escape(str(error)), title="Nothing can be sent yet", icon=":material/edit:")
        return
    if found is None:
        st.info("Choose a model and write a prompt. The plan then appears here.", icon=":material/table_view:")
        return
    _draw_summary(found)
    _draw_generate(found)
    _draw_table(found.matrix)


# --- the plan ----------------------------------------------------------------------------------------------------


def _make_plan() -> _Plan | None:
    """Make the plan that the form asks for; None while it asks for nothing. Raises like `plan_form.read`."""
    laid = plan_form.read()
    if laid is None:
        return None
    totals, sent = add_up(laid, _get_bound() or len(laid.sendable)), _get_sent()
    prices = [cell.cost or Unpriced("nothing is known of it") for cell in laid.sendable]
    again = sent is not None and laid.sends_the_same(sent.matrix)
    verdict = session.services().gate.weigh(prices, session.owner(), again=again)
    return _Plan(laid, totals, verdict)


def _draw_summary(found: _Plan) -> None:
    totals = found.totals
    facts = [
        f"**{_count('clip', totals.bill.runs)}** in {_count('comparison', count_comparisons(found.matrix))}",
        *([f"{totals.refused} struck out"] if totals.refused else []),
        f"**Wait** {_word_wait(totals)}",
        f"{_get_bound() or 'all'} at a time",
        f"**Cost** {escape(spell_cost(totals.bill))}",
    ]
    st.markdown(" · ".join(facts))
    if not _has_prices():
        st.caption("Costs are unknown: this installation has no price file (DAILIES_PRICES).")
    elif session.gateway().name == SANDBOX:
        st.caption("The sandbox charges nothing. The cost is what a gateway would charge by the price file.")


def _get_bound() -> int | None:
    """Return how many clips may be in flight at the gateway in use; None if the operator sets no bound."""
    return session.services().settings.concurrency(session.gateway().name).total


def _has_prices() -> bool:
    return session.services().settings.price_file(session.gateway().name) is not None


def _word_wait(totals: Totals) -> str:
    if not totals.bill.runs:
        return "none"
    if totals.wait_unknown == totals.bill.runs:
        return "unknown: none of these models has finished a clip here"
    if totals.wait_unknown:
        return f"at least {format_duration(totals.wait)}; {totals.wait_unknown} of {totals.bill.runs} clips unknown"
    return f"about {format_duration(totals.wait)}"


def _count(word: str, count: int) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _draw_table(laid: Matrix) -> None:
    """Draw one row for each model, prompt and duration; the takes of a row are equal."""
    columns: dict[str, list[str]] = {
        name: [] for name in ("Model", "Prompt", "Duration", "Takes", "What is sent", "Wait each", "Cost each")
    }
    priced = _has_prices()
    for _, takes in groupby(laid.cells, key=lambda cell: replace(cell, take=1)):
        some = list(takes)
        for name, text in zip(columns, _make_row(some[0], len(some)), strict=True):
            columns[name].append(text)
    if not priced:
        del columns["Cost each"]
    rows = len(columns["Model"])
    st.table(columns, border="horizontal", height=_HEIGHT if rows > _TALL else "content", alt="Every cell of the plan")


def _make_row(cell: PlannedCell, takes: int) -> tuple[str, ...]:
    words = " ".join(cell.prompt.split())
    prompt = words if len(words) <= _PROMPT else f"{words[: _PROMPT - 1].rstrip()}…"
    asked = "its own" if cell.seconds is None else f"{cell.seconds} s"
    named = tuple(escape(text) for text in (cell.model, prompt, asked, str(takes)))
    if cell.refused:
        struck = tuple(f"~~{text}~~" for text in named)
        return (*struck, f":material/block: Not sent. {escape(cell.refused)}", "", "")
    said = "; ".join(escape(difference) for difference in cell.differences)
    wait = "unknown" if cell.estimate is None else f"about {format_duration(cell.estimate)}"
    return (*named, said or "Same as the idea", wait, escape(_word_cost(cell.cost)))


def _word_cost(cost: Cost | Unpriced | None) -> str:
    if isinstance(cost, Cost):
        return spell_amount(cost.amount, cost.currency)
    return f"unknown: {cost.why}" if cost else "unknown"


# --- sending -----------------------------------------------------------------------------------------------------


def _get_sent() -> _Sent | None:
    found: _Sent | None = st.session_state.get(_SENT)
    return found


def _list_shown(found: _Plan) -> tuple[object, ...]:
    """Return everything that a tick is given for, once: a plan that was sent needs a new tick."""
    sent = _get_sent()
    return found.matrix.sent, sorted(found.matrix.idea.values.items()), sent.token if sent else ""


def _draw_generate(found: _Plan) -> None:
    """Draw the primary button; above it the limit that blocks the plan, or the tick that it needs."""
    allowed = draw_limits(_SCOPE, _list_shown(found), found.verdict)
    pressed = press.draw_button(
        _SCOPE,
        f"Generate {found.totals.bill.runs}",
        lambda taken: taken.carry_out(lambda: _prepare(found.matrix, taken.token)),
        type="primary",
        icon=":material/movie:",
        shortcut="Ctrl+Enter",
        disabled=not allowed or not found.totals.bill.runs,
    )
    draw_problem(pressed)


def _prepare(shown: Matrix, token: str) -> Callable[[], _Sent]:
    """Prepare to send the plan that was shown, as long as the form still asks for it. Raises `DailiesError`."""
    found, sent = _make_plan(), _get_sent()
    if found is None or not found.matrix.sends_the_same(shown):
        raise DailiesError("The plan had changed when Generate was pressed. This is the plan now; press again.")
    if sent and sent.token == token and shown.sends_the_same(sent.matrix):
        return lambda: sent  # the same press again: a double click, or a held key
    check_gateway()
    agreed = check_agreed(_SCOPE, _list_shown(found), found.verdict)
    now = session.services().now()
    made = make_comparisons(shown, owner=session.owner(), now=now, new_id=lambda: secrets.token_hex(8))
    launch = prepare(made, token, agreed=agreed)
    return lambda: _Sent(token, shown, tuple(launch.send()))


def _draw_sent() -> None:
    """Draw what the last press sent, with a link to each comparison."""
    pressed = press.find(_SCOPE)
    if pressed and isinstance(pressed.outcome, _Sent):
        st.session_state[_SENT] = pressed.outcome  # may be interrupted: the outcome is given up only after it
        pressed.report()
    sent = _get_sent()
    if sent is None:
        return
    lanes = [lane for comparison in sent.comparisons for lane in comparison.lanes]
    clips = sum(bool(lane.run) for lane in lanes)
    words = f"{_count('clip', clips)} sent in {_count('comparison', len(sent.comparisons))}."
    if clips < len(lanes):
        words += f" {len(lanes) - clips} could not be sent: their comparisons say why."
    st.success(words, icon=":material/movie:")
    with st.container(horizontal=True):
        for comparison in sent.comparisons[:_LINKS]:
            if st.button(escape(comparison.title), icon=":material/compare:", key=f"plan/open/{comparison.id}"):
                st.switch_page(session.page("compare"), query_params={"c": comparison.id})
    if len(sent.comparisons) > _LINKS:
        st.caption(f"The Compare page lists {len(sent.comparisons) - _LINKS} more.")
