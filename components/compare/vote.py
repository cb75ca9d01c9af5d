"""The blind vote: one person's round over the clips of one comparison, with names hidden until its end.

Owns the steps of a round: start, questions, stop, reveal. `dailies.compare.ratings` draws the questions, and they are
stored before anything is shown. The voter's opaque id is in the address, so that a reload finds the same open question
with the same sides.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any

import streamlit as st

from components import faults, session
from components.compare.times import frame_times
from components.heading import draw_heading
from components.html.player import player
from components.html.specs import build_spec
from components.words import escape
from dailies.compare.export import FinishedLane, list_finished
from dailies.compare.nouns import Comparison, Outcome, View, Vote
from dailies.compare.ratings import OVERALL, draw_round, tally_lanes
from dailies.domain import Run
from dailies.text import NAME_CHARS, clean

_ANSWERS = {
    Outcome.LEFT: ("Left is better", "A", ":material/arrow_back:"),
    Outcome.RIGHT: ("Right is better", "B", ":material/arrow_forward:"),
    Outcome.TIE: ("Tie", "T", ":material/balance:"),
    Outcome.BAD: ("Both bad", "X", ":material/thumb_down:"),
}
_OFFERED = 20  # questions that are proposed at most: more than that, people answer carelessly
_STOPPED, _REVEALED = "vote/stopped", "vote/revealed"  # sets of voters in this browser session


def names_seen() -> set[str]:
    """Return the ids of comparisons whose names this browser session has seen; a page that shows names adds to it."""
    seen: set[str] = st.session_state.setdefault("session/seen names", set())
    return seen


def draw_vote() -> None:
    """Draw the page of `?c=<comparison id>`."""
    draw_heading("Blind vote")
    asked = st.query_params.get("c", "")
    comparison = session.services().store.comparisons.find(asked) if asked else None
    if comparison is None:
        if asked:
            st.error("This comparison does not exist. It may have been deleted.", icon=":material/search_off:")
        st.info("A blind vote belongs to a comparison. Open a comparison and press “Blind vote”.")
        return
    voter = _read_voter(comparison.id)
    runs = _load_runs(comparison)
    takes = {take.lane.id: take for take in list_finished(comparison, runs)}
    votes = _load_votes(comparison.id, voter)
    if not votes:
        _draw_start(comparison, tuple(takes.values()), voter)
        return
    st.query_params["voter"] = voter
    votes = _void_if_seen(comparison.id, voter, votes)
    there = [v for v in votes if v.outcome is not None or (v.left in takes and v.right in takes)]
    open_ones = _select_open(there)
    if voter in _get_set(_REVEALED):
        _draw_result(votes, takes)
    elif not open_ones or voter in _get_set(_STOPPED):
        _draw_end(comparison.id, voter, votes, len(open_ones))
    else:
        _draw_question(comparison, runs, open_ones[0], len(there) - len(open_ones) + 1, len(there))


# --- the round ---------------------------------------------------------------------------------------------------


def _read_voter(comparison: str) -> str:
    """Return the voter of this round: from the address, else this browser session's own."""
    kept: dict[str, str] = st.session_state.setdefault("vote/voters", {})
    given = clean(st.query_params.get("voter", ""), NAME_CHARS)
    if given:
        kept[comparison] = given
    return kept.setdefault(comparison, secrets.token_urlsafe(9))


def _get_set(name: str) -> set[str]:
    found: set[str] = st.session_state.setdefault(name, set())
    return found


def _load_runs(comparison: Comparison) -> dict[str, Run]:
    return session.services().store.runs_of(comparison)


def _load_votes(comparison: str, voter: str) -> Sequence[Vote]:
    return session.services().store.comparisons.votes(comparison, voter=voter)


def _select_open(votes: Sequence[Vote]) -> list[Vote]:
    """Select the open questions. One that was voided on the way is not asked; a round that began void goes on."""
    whole = all(vote.void for vote in votes)
    return [vote for vote in votes if vote.outcome is None and (whole or not vote.void)]


def _void_if_seen(comparison: str, voter: str, votes: Sequence[Vote]) -> Sequence[Vote]:
    """Return the votes. Open ones are voided in the store where the names have been seen: no reload undoes it."""
    if comparison in names_seen() and any(vote.outcome is None and not vote.void for vote in votes):
        session.services().store.comparisons.void(comparison, voter)
        return _load_votes(comparison, voter)
    return votes


# --- the steps ---------------------------------------------------------------------------------------------------


def _draw_start(comparison: Comparison, takes: Sequence[FinishedLane], voter: str) -> None:
    if len(takes) < 2:
        st.info(f"A vote needs two finished clips. This comparison has {len(takes) or 'none'} so far.")
        return
    criteria = list(dict.fromkeys(c.strip() for c in comparison.criteria if c.strip())) or [OVERALL]
    pairs = len(takes) * (len(takes) - 1) // 2
    total = pairs * len(criteria)
    st.markdown(
        f"You will see two clips side by side, without names, and say which one is better. "
        f"**{_count(total, 'question')}**: {_count(pairs, 'pair')}, by {escape(', '.join(criteria))}."
    )
    if total > 1:
        st.number_input(
            "How many of them do you want to answer?",
            min_value=1,
            max_value=total,
            value=min(total, _OFFERED),
            key=f"vote/many/{comparison.id}",
            width=280,
            help="Fewer are drawn at random from all pairs and criteria.",
        )
    st.markdown(
        "Sides are drawn at random. An answer is final. You can stop at any time, and a reload brings you back to the "
        "same question. The names are revealed at the end."
    )
    seen = comparison.id in names_seen()
    if seen:
        st.warning(
            "You have seen the names of these clips, so your votes would be void: kept, but never counted.",
            title="This vote would not be blind",
            icon=":material/visibility:",
        )
        st.markdown("Somebody else can vote blind at this address, or with a blind vote exported as a file.")
        st.code(_make_address(comparison.id), language=None)
    else:
        st.markdown(
            ":material/how_to_reg: **These votes will count**: this browser has not been shown which clip is whose. "
            "From the moment it is, by *Reveal names* or on the comparison's own page, further votes of this round are "
            "void: kept, but never counted."
        )
    st.button(
        "Vote anyway (void)" if seen else "Start",
        type="secondary" if seen else "primary",
        icon=":material/how_to_vote:",
        key="vote/start",
        on_click=faults.guard(_start),
        args=(comparison, takes, voter),
    )


def _make_address(comparison: str) -> str:
    page = str(st.context.url or "").partition("?")[0]
    return f"{page}?c={comparison}"


def _start(comparison: Comparison, takes: Sequence[FinishedLane], voter: str) -> None:
    store = session.services().store.comparisons
    if _load_votes(comparison.id, voter):
        return  # a second press
    most = st.session_state.get(f"vote/many/{comparison.id}")
    lanes = [take.lane for take in takes]
    store.ask(draw_round(comparison, lanes, voter, datetime.now(UTC), SystemRandom(), int(most) if most else None))


def _draw_question(comparison: Comparison, runs: Mapping[str, Run], question: Vote, number: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader(f"Which is better? {escape(question.criterion)}", anchor=False, width="content")
        st.caption(f"{number} of {total}", width="content")
    st.progress((number - 1) / total)
    if question.void:
        st.caption(":material/visibility: You have seen the names, so this vote is void.")
    player(_build_pair(comparison, runs, question), key=f"vote/player/{question.id}")
    # Every question has its own buttons: a late second press cannot answer the next question.
    with st.container(horizontal=True, horizontal_alignment="center"):
        for outcome, (label, letter, icon) in _ANSWERS.items():
            st.button(
                label,
                icon=icon,
                shortcut=letter,
                key=f"vote/{question.id}/{outcome.value}",
                on_click=faults.guard(_answer),
                args=(question, outcome),
            )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if comparison.idea.prompt:
            st.caption(f"Prompt: {escape(comparison.idea.prompt)}", width="content")
        st.button(
            "Stop",
            type="tertiary",
            icon=":material/stop_circle:",
            key="vote/stop",
            on_click=_get_set(_STOPPED).add,
            args=(question.voter,),
        )


def _build_pair(comparison: Comparison, runs: Mapping[str, Run], question: Vote) -> dict[str, Any]:
    """Build the player's spec of the two clips, named by their sides only."""
    lanes = [lane for side in (question.left, question.right) if (lane := comparison.lane(side))]
    bare = replace(comparison, lanes=tuple(lanes), view=View(names=False))
    spec = build_spec(bare, runs, session.clip_address, mode="vote", times=frame_times)
    for clip, side in zip(spec["clips"], ("Left", "Right"), strict=True):
        clip |= {"id": side.lower(), "letter": side}
    spec["view"]["pair"] = ["left", "right"]
    return spec


def _answer(question: Vote, outcome: Outcome) -> None:
    session.services().store.comparisons.answer(question.id, outcome, void=question.void)


def _draw_end(comparison: str, voter: str, votes: Sequence[Vote], left: int) -> None:
    answered = sum(vote.outcome is not None for vote in votes)
    if left:
        st.info(
            f"{answered} of {len(votes)} answered. Your answers count. This address brings you back to the next "
            f"question. Once the names are revealed, the remaining {left} are void.",
            title="Stopped",
            icon=":material/stop_circle:",
        )
    elif answered < len(votes):
        st.info(
            f"{answered} of {len(votes)} answered. The others were dropped: clips are gone, or names were seen.",
            title="The round is over",
            icon=":material/info:",
        )
    else:
        st.success(
            f"All {_count(answered, 'question')} answered.", title="The round is complete", icon=":material/task_alt:"
        )
    with st.container(horizontal=True):
        if left:
            st.button(
                "Continue",
                type="primary",
                icon=":material/play_arrow:",
                key="vote/on",
                on_click=_get_set(_STOPPED).discard,
                args=(voter,),
            )
        st.button(
            "Reveal names",
            type="secondary" if left else "primary",
            icon=":material/visibility:",
            key="vote/reveal",
            on_click=_reveal,
            args=(comparison, voter),
        )


def _reveal(comparison: str, voter: str) -> None:
    names_seen().add(comparison)
    _get_set(_REVEALED).add(voter)


# --- the result --------------------------------------------------------------------------------------------------


def _draw_result(votes: Sequence[Vote], takes: Mapping[str, FinishedLane]) -> None:
    answered = [vote for vote in votes if vote.outcome is not None]
    void = sum(vote.void for vote in answered)
    st.subheader("Your answers", anchor=False)
    if not answered:
        st.info("You answered nothing in this round.")
    if void:
        st.warning(f"{_count(void, 'vote')} of these came after the names were seen and are void.")
    named = {lane: escape(name) for v in votes for lane, name in ((v.left, v.left_name), (v.right, v.right_name))}
    for criterion in dict.fromkeys(vote.criterion for vote in answered):
        of_it = [vote for vote in answered if vote.criterion == criterion]
        order = sorted(tally_lanes(of_it).items(), key=lambda item: (-item[1].wins, item[1].losses, named[item[0]]))
        st.markdown(f"**{escape(criterion)}**")
        st.table(
            {
                "Clip": [_name_clip(lane, named, takes) for lane, _ in order],
                "Won": [tally.wins for _, tally in order],
                "Tied": [tally.ties for _, tally in order],
                "Lost": [tally.losses for _, tally in order],
            },
            border="horizontal",
            width="content",
            hide_index=True,
            alt=f"Your answers by {criterion}",
        )
    if answered:
        with st.expander("Answer by answer"):
            for vote_ in answered:
                st.markdown(f"- {escape(vote_.criterion)}: {_word_answer(vote_, named, takes)}")
    if st.button("Open leaderboard", icon=":material/leaderboard:", key="vote/leaderboard"):
        st.switch_page(session.page("leaderboard"))


def _name_clip(lane: str, named: Mapping[str, str], takes: Mapping[str, FinishedLane]) -> str:
    return f"{takes[lane].letter} · {named[lane]}" if lane in takes else named[lane]


def _word_answer(vote: Vote, named: Mapping[str, str], takes: Mapping[str, FinishedLane]) -> str:
    left, right = _name_clip(vote.left, named, takes), _name_clip(vote.right, named, takes)
    if vote.outcome is Outcome.LEFT:
        return f"{left} over {right}"
    if vote.outcome is Outcome.RIGHT:
        return f"{right} over {left}"
    return f"{left} and {right}: {'both bad' if vote.outcome is Outcome.BAD else 'tie'}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
