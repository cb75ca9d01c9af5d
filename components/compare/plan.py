"""The Plan page: many models, prompts, durations and takes in a table before anything is sent.

Contains no rule: `dailies.compare.lanes` says what a cell would send, `dailies.compare.plan` has counts, waits, costs
and limits, `dailies.catalog.prices` the prices. Nothing typed is lost, and what was shown is what is sent.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from itertools import groupby

import streamlit as st

from components import session
from components.compare import plan_form
from components.compare.launch import launch
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
    check_limits,
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
_DESK = "plan/desk"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a session's plan page remembers. One value, so that an interrupted run leaves no half of it behind."""

    turn: int = 0  # grows with every plan that is sent: an old press counts for nothing
    outbox: tuple[Comparison, ...] = ()  # still to be launched
    sent: Matrix | None = None  # the plan sent last
    done: tuple[Comparison, ...] = ()
    failed: tuple[str, ...] = ()
    changed: bool = False  # the last press was for a plan that is no longer the one on the page


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
    _take_presses()
    _empty_the_outbox()
    _draw_outcome()
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
    totals, sent = add_up(laid, plan_form.read_concurrency()), _desk().sent
    spending = session.services().settings.spending
    verdict = check_limits(
        totals.bill,
        max_runs=spending.max_runs,
        max_cost=spending.max_cost,
        confirm_cost=spending.confirm_cost,
        again=sent is not None and laid.sends_the_same(sent),
    )
    return _Plan(laid, totals, verdict)


def _draw_summary(found: _Plan) -> None:
    totals = found.totals
    facts = [
        f"**{_count('clip', totals.bill.runs)}** in {_count('comparison', count_comparisons(found.matrix))}",
        *([f"{totals.refused} struck out"] if totals.refused else []),
        f"**Wait** {_word_wait(totals)}",
        f"**Cost** {escape(spell_cost(totals.bill))}",
    ]
    st.markdown(" · ".join(facts))
    if session.services().settings.spending.prices is None:
        st.caption("Costs are unknown: this installation has no price file (DAILIES_PRICES).")
    elif session.gateway().name == SANDBOX:
        st.caption("The sandbox charges nothing. The cost is what a gateway would charge by the price file.")


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
    priced = session.services().settings.spending.prices is not None
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


def _desk() -> _Desk:
    found: _Desk = st.session_state.get(_DESK, _Desk())
    return found


def _sure_key(found: _Plan) -> str:
    """Return the key of the tick for this plan: a changed plan needs a new tick."""
    shown = (found.matrix.sent, sorted(found.matrix.idea.values.items()), found.verdict.confirm)
    return f"plan/sure/{_desk().turn}/{hash(repr(shown))}"


def _draw_generate(found: _Plan) -> None:
    """Draw the primary button; above it the limit that blocks the plan, or the tick that it needs."""
    agreed = True
    if found.verdict.blocked:
        st.error(escape(found.verdict.blocked), title="Not sent", icon=":material/block:")
    elif found.verdict.confirm:
        agreed = st.checkbox(
            f"Send, although {escape(found.verdict.confirm)}.", key=_sure_key(found), persist_state="session"
        )
    if _desk().changed:
        st.session_state[_DESK] = replace(_desk(), changed=False)
        st.warning(
            "Nothing was sent: the plan had changed when Generate was pressed. This is the plan now; press again.",
            icon=":material/sync:",
        )
    st.button(
        f"Generate {found.totals.bill.runs}",
        type="primary",
        icon=":material/movie:",
        shortcut="Ctrl+Enter",
        key="plan/generate",
        disabled=bool(found.verdict.blocked) or not agreed or not found.totals.bill.runs,
        on_click=_presses().append,
        args=((found.matrix, _desk().turn),),
    )


def _presses() -> list[tuple[Matrix, int]]:
    """The presses that are not dealt with yet: the plan each was for, and the turn.

    A plain list: a callback that looks into the session's state could be interrupted there, and lose its press.
    """
    noted: list[tuple[Matrix, int]] = st.session_state.setdefault("plan/presses", [])
    return noted


def _take_presses() -> None:
    presses = _presses()
    if presses:
        _take(*presses[-1])
        presses.clear()


def _take(shown: Matrix, turn: int) -> None:
    """Put the plan that was shown into the outbox, once, as long as it is still what the form asks for.

    A press may come from a page that is behind the form, or twice: that is known here, before anything is paid for.
    """
    desk = _desk()
    if desk.turn != turn:
        return
    try:
        found = _make_plan()
    except DailiesError:  # the page shows it
        return
    if found is None or not found.matrix.sends_the_same(shown):
        st.session_state[_DESK] = replace(desk, changed=True)
        return
    if found.verdict.blocked or (found.verdict.confirm and not st.session_state.get(_sure_key(found))):
        return
    made = make_comparisons(
        found.matrix, owner=session.owner(), now=session.services().now(), new_id=lambda: secrets.token_hex(8)
    )
    st.session_state[_DESK] = _Desk(turn + 1, made, found.matrix)


def _empty_the_outbox() -> None:
    """Launch what is left to launch, each comparison once, however often this is interrupted."""
    known = session.services().store.comparisons
    while (desk := _desk()).outbox:
        first, *others = desk.outbox
        done, failed = desk.done, desk.failed
        try:  # what is stored was launched by a run that was interrupted right after
            done = (*done, known.get(first.id) or launch(first))
        except DailiesError as error:
            failed = (*failed, f"{first.title}: {error}")
        st.session_state[_DESK] = replace(desk, outbox=tuple(others), done=done, failed=failed)


def _draw_outcome() -> None:
    desk = _desk()
    if desk.failed:
        lines = "\n".join(f"- {escape(line)}" for line in desk.failed)
        st.error(lines, title="Some comparisons were not sent", icon=":material/error:")
    if desk.done:
        lanes = [lane for comparison in desk.done for lane in comparison.lanes]
        clips = sum(bool(lane.run) for lane in lanes)
        words = f"{_count('clip', clips)} under way in {_count('comparison', len(desk.done))}."
        if clips < len(lanes):
            words += f" {len(lanes) - clips} could not be sent: their comparisons say why."
        st.success(words, icon=":material/movie:")
        with st.container(horizontal=True):
            for comparison in desk.done[:_LINKS]:
                if st.button(escape(comparison.title), icon=":material/compare:", key=f"plan/open/{comparison.id}"):
                    st.switch_page(session.page("compare"), query_params={"c": comparison.id})
        if len(desk.done) > _LINKS:
            st.caption(f"The Compare page lists {len(desk.done) - _LINKS} more.")
