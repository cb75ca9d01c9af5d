"""The plan page: many models, prompts, lengths and takes laid out as a table before anything is sent.

Holds no rule of its own: what a cell would send comes from `dailies.compare.lanes`, counts, waits, costs and limits
from `dailies.compare.plan`, prices from `dailies.catalog.prices`. Nothing typed is lost, and what is sent is what was
shown.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from itertools import groupby

import streamlit as st

from components import session
from components.compare.launch import launch
from components.compare.plan_form import asked_plan, concurrency, plan_form
from components.heading import draw_heading
from components.words import escape, format_duration
from dailies.catalog.prices import Cost, Unpriced
from dailies.compare.nouns import Comparison
from dailies.compare.plan import (
    Matrix,
    PlannedCell,
    Totals,
    Verdict,
    comparisons,
    judge,
    spell_amount,
    spell_cost,
    totals,
)
from dailies.errors import DailiesError
from dailies.gateways import SANDBOX

_TALL, _HEIGHT = 20, 720  # rows from which on the table scrolls by itself, and px that it is high then
_LINKS = 12  # comparisons of a plan that are named after it was sent
_PROMPT = 48  # characters of a prompt that a row shows
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
    """The page's plan with what it comes to."""

    matrix: Matrix
    totals: Totals
    verdict: Verdict


def planner() -> None:
    """Draw the page."""
    draw_heading("Plan")
    st.caption(
        "Every model with every prompt, every length and every take. What cannot be sent is struck out with the "
        "reason, and nothing is sent before Generate. Each prompt and length becomes a comparison."
    )
    _take_presses()
    _empty_the_outbox()
    _outcome()
    plan_form(session.catalog())
    try:
        found = _plan()
    except DailiesError as error:
        st.error(str(error), title="Nothing can be sent yet", icon=":material/edit:")
        return
    if found is None:
        st.info("Choose a model and write a prompt: the plan appears here.", icon=":material/table_view:")
        return
    _summary(found)
    _generate(found)
    _table(found.matrix)


# --- what it comes to --------------------------------------------------------------------------------------------


def _plan() -> _Plan | None:
    """The plan that the form asks for; None while it asks for nothing. Raises as `asked_plan` does."""
    laid = asked_plan()
    if laid is None:
        return None
    found, sent = totals(laid.cells, concurrency()), _desk().sent
    spending = session.services().settings.spending
    verdict = judge(
        found,
        max_runs=spending.max_runs,
        max_cost=spending.max_cost,
        confirm_cost=spending.confirm_cost,
        again=sent is not None and laid.sends_the_same(sent),
    )
    return _Plan(laid, found, verdict)


def _summary(found: _Plan) -> None:
    sums = found.totals
    made = len(comparisons(found.matrix, owner=session.OWNER, now=session.services().now(), new_id=str))
    facts = [f"**{_count('clip', sums.runs)}** in {_count('comparison', made)}"]
    if sums.refused:
        facts.append(f"{sums.refused} struck out")
    facts += [f"**Wait** {_wait(sums)}", f"**Cost** {escape(spell_cost(sums))}"]
    st.markdown(" · ".join(facts))
    if session.services().settings.spending.prices is None:
        st.caption("Costs are unknown: this installation has no price file (DAILIES_PRICES).")
    elif session.gateway().name == SANDBOX:
        st.caption("The sandbox charges nothing: the cost is what the price file says of a gateway.")


def _wait(sums: Totals) -> str:
    if not sums.runs:
        return "none"
    if sums.wait_unknown == sums.runs:
        return "unknown: none of these models has finished a clip here"
    if sums.wait_unknown:
        return f"at least {format_duration(sums.wait)}; {sums.wait_unknown} of {sums.runs} clips unknown"
    return f"about {format_duration(sums.wait)}"


def _count(word: str, count: int) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _table(laid: Matrix) -> None:
    """One row for each model, prompt and length; the takes of a row are alike."""
    columns: dict[str, list[str]] = {
        name: [] for name in ("Model", "Prompt", "Length", "Takes", "What is sent", "Wait each", "Cost each")
    }
    priced = session.services().settings.spending.prices is not None
    for _, takes in groupby(laid.cells, key=lambda cell: replace(cell, take=1)):
        some = list(takes)
        for name, text in zip(columns, _row(some[0], len(some)), strict=True):
            columns[name].append(text)
    if not priced:
        del columns["Cost each"]
    rows = len(columns["Model"])
    st.table(columns, border="horizontal", height=_HEIGHT if rows > _TALL else "content", alt="Every cell of the plan")


def _row(cell: PlannedCell, takes: int) -> tuple[str, ...]:
    words = " ".join(cell.prompt.split())
    prompt = words if len(words) <= _PROMPT else f"{words[: _PROMPT - 1].rstrip()}…"
    wished = "its own" if cell.seconds is None else f"{cell.seconds} s"
    named = tuple(escape(text) for text in (cell.model, prompt, wished, str(takes)))
    if cell.refused:
        struck = tuple(f"~~{text}~~" for text in named)
        return (*struck, f":material/block: Not sent. {escape(cell.refused)}", "", "")
    said = "; ".join(escape(difference) for difference in cell.differences)
    wait = "unknown" if cell.estimate is None else f"about {format_duration(cell.estimate)}"
    return (*named, said or "As asked", wait, escape(_cost(cell.cost)))


def _cost(cost: Cost | Unpriced | None) -> str:
    if isinstance(cost, Cost):
        return spell_amount(cost.amount, cost.currency)
    return f"unknown: {cost.why}" if cost else "unknown"


# --- sending -----------------------------------------------------------------------------------------------------


def _desk() -> _Desk:
    found: _Desk = st.session_state.get(_DESK, _Desk())
    return found


def _sure_key(found: _Plan) -> str:
    """The tick belongs to one plan: a changed plan has to be agreed to again."""
    shown = (found.matrix.sent, sorted(found.matrix.idea.values.items()), found.verdict.confirm)
    return f"plan/sure/{_desk().turn}/{hash(repr(shown))}"


def _generate(found: _Plan) -> None:
    """The one primary button. A plan over a limit says so; one that has to be agreed to has a tick before it."""
    agreed = True
    if found.verdict.blocked:
        st.error(escape(found.verdict.blocked), title="Not sent", icon=":material/block:")
    elif found.verdict.confirm:
        agreed = st.checkbox(
            f"Send this plan, although {escape(found.verdict.confirm)}.", key=_sure_key(found), persist_state="session"
        )
    if _desk().changed:
        st.session_state[_DESK] = replace(_desk(), changed=False)
        st.warning(
            "The plan was not yet up to date when Generate was pressed, so nothing was sent. This is the plan now: "
            "press again.",
            icon=":material/sync:",
        )
    st.button(
        f"Generate {found.totals.runs}",
        type="primary",
        icon=":material/movie:",
        shortcut="Ctrl+Enter",
        key="plan/generate",
        disabled=bool(found.verdict.blocked) or not agreed or not found.totals.runs,
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
        found = _plan()
    except DailiesError:  # the page says it where it is drawn
        return
    if found is None or not found.matrix.sends_the_same(shown):
        st.session_state[_DESK] = replace(desk, changed=True)
        return
    if found.verdict.blocked or (found.verdict.confirm and not st.session_state.get(_sure_key(found))):
        return
    made = comparisons(
        found.matrix, owner=session.OWNER, now=session.services().now(), new_id=lambda: secrets.token_hex(8)
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


def _outcome() -> None:
    desk = _desk()
    if desk.failed:
        lines = "\n".join(f"- {escape(line)}" for line in desk.failed)
        st.error(lines, title="Some comparisons were not sent", icon=":material/error:")
    if desk.done:
        lanes = [lane for comparison in desk.done for lane in comparison.lanes]
        clips = sum(bool(lane.run) for lane in lanes)
        words = f"{_count('clip', clips)} under way in {_count('comparison', len(desk.done))}."
        if clips < len(lanes):
            words += f" {len(lanes) - clips} could not be sent: their comparison says why."
        st.success(words, icon=":material/movie:")
        with st.container(horizontal=True):
            for comparison in desk.done[:_LINKS]:
                if st.button(escape(comparison.title), icon=":material/compare:", key=f"plan/open/{comparison.id}"):
                    st.switch_page(session.page("compare"), query_params={"c": comparison.id})
        if len(desk.done) > _LINKS:
            st.caption(f"{len(desk.done) - _LINKS} more are on the Compare page.")
