"""The blind vote: one person's sitting over the clips of one comparison, names hidden until its end.

Owns the steps of a sitting: start, questions, stop, reveal. What is asked is drawn by `judgement` and stored before
anything is shown, under a voter whose opaque word stands in the address, so that a reload finds the same open question
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

from components import session
from components.heading import draw_heading
from components.html.player import player
from components.html.specs import player_spec
from components.words import escape
from dailies.compare.export import Shown, shown
from dailies.compare.nouns import Comparison, Outcome, View, Vote
from dailies.compare.ratings import OVERALL, lane_tallies, round_of
from dailies.domain import Run

_ANSWERS = {
    Outcome.LEFT: ("Left is better", "A", ":material/arrow_back:"),
    Outcome.RIGHT: ("Right is better", "B", ":material/arrow_forward:"),
    Outcome.TIE: ("A tie", "T", ":material/balance:"),
    Outcome.BAD: ("Both are bad", "X", ":material/thumb_down:"),
}
_STOPPED, _REVEALED = "vote/stopped", "vote/revealed"  # sets of voters, of this browser session


def names_seen() -> set[str]:
    """The ids of the comparisons whose names this browser session has seen; every page that shows names adds to it."""
    seen: set[str] = st.session_state.setdefault("session/seen names", set())
    return seen


def vote() -> None:
    """Draw the page of `?c=<comparison id>`."""
    draw_heading("Blind vote")
    asked = st.query_params.get("c", "")
    comparison = session.services().store.comparisons.get(asked) if asked else None
    if comparison is None:
        if asked:
            st.error("There is no such comparison; it may have been deleted.", icon=":material/search_off:")
        st.info("A blind vote belongs to a comparison: open one and press “Blind vote” there.")
        return
    voter = _voter(comparison.id)
    runs = _runs(comparison)
    takes = {take.lane.id: take for take in shown(comparison, runs)}
    votes = _votes(comparison.id, voter)
    if not votes:
        _before(comparison, tuple(takes.values()), voter)
        return
    st.query_params["voter"] = voter
    votes = _without_the_seen(comparison.id, voter, votes)
    there = [v for v in votes if v.outcome is not None or (v.left in takes and v.right in takes)]
    open_ones = _open(there)
    if voter in _kept(_REVEALED):
        _result(votes, takes)
    elif not open_ones or voter in _kept(_STOPPED):
        _end(comparison.id, voter, votes, len(open_ones))
    else:
        _question(comparison, runs, open_ones[0], len(there) - len(open_ones) + 1, len(there))


# --- what is known of the sitting --------------------------------------------------------------------------------


def _voter(comparison: str) -> str:
    """The opaque word of this sitting: from the address, else this browser session's own."""
    kept: dict[str, str] = st.session_state.setdefault("vote/voters", {})
    given = st.query_params.get("voter", "")
    if given:
        kept[comparison] = given
    return kept.setdefault(comparison, secrets.token_urlsafe(9))


def _kept(name: str) -> set[str]:
    found: set[str] = st.session_state.setdefault(name, set())
    return found


def _runs(comparison: Comparison) -> dict[str, Run]:
    store = session.services().store
    return {lane.run: run for lane in comparison.lanes if lane.run and (run := store.runs.get(lane.run))}


def _votes(comparison: str, voter: str) -> Sequence[Vote]:
    return session.services().store.comparisons.votes(comparison, voter=voter)


def _open(votes: Sequence[Vote]) -> list[Vote]:
    """What is still to be asked. A question voided on the way is not; a round that began void is asked to its end."""
    whole = all(vote.void for vote in votes)
    return [vote for vote in votes if vote.outcome is None and (whole or not vote.void)]


def _without_the_seen(comparison: str, voter: str, votes: Sequence[Vote]) -> Sequence[Vote]:
    """The votes; the open ones voided, in the store, where the names have been seen: no reload undoes it."""
    if comparison in names_seen() and any(vote.outcome is None and not vote.void for vote in votes):
        session.services().store.comparisons.void(comparison, voter)
        return _votes(comparison, voter)
    return votes


# --- the steps ---------------------------------------------------------------------------------------------------


def _before(comparison: Comparison, takes: Sequence[Shown], voter: str) -> None:
    if len(takes) < 2:
        st.info(f"A vote needs two finished clips; this comparison has {len(takes) or 'none'} so far.")
        return
    criteria = [c for c in comparison.criteria if c.strip()] or [OVERALL]
    pairs = len(takes) * (len(takes) - 1) // 2
    st.markdown(
        f"You will see two clips beside each other, without names, and say which is the better one. "
        f"**{_many(pairs * len(criteria), 'question')}**: {_many(pairs, 'pair')}, by {escape(', '.join(criteria))}."
    )
    st.markdown(
        "Which clip is left and which is right was drawn by lot. An answer is final. You can stop at any time, and a "
        "reload brings you back to the same question. The names are revealed at the end."
    )
    seen = comparison.id in names_seen()
    if seen:
        st.warning(
            "You have seen the names of these clips: your votes would be void. They are kept, but never counted.",
            title="This vote would not be blind",
            icon=":material/visibility:",
        )
        st.markdown("Somebody else can vote blind at this address, or with a blind ballot made under “Hand on”.")
        st.code(_address(comparison.id), language=None)
    st.button(
        "Vote anyway, marked void" if seen else "Start",
        type="secondary" if seen else "primary",
        icon=":material/how_to_vote:",
        key="vote/start",
        on_click=_start,
        args=(comparison, takes, voter),
    )


def _address(comparison: str) -> str:
    page = str(st.context.url or "").partition("?")[0]
    return f"{page}?c={comparison}"


def _start(comparison: Comparison, takes: Sequence[Shown], voter: str) -> None:
    store = session.services().store.comparisons
    if _votes(comparison.id, voter):
        return  # a second press that was on its way
    store.ask(round_of(comparison, [take.lane for take in takes], voter, datetime.now(UTC), SystemRandom()))


def _question(comparison: Comparison, runs: Mapping[str, Run], question: Vote, number: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader(f"Which is better? {escape(question.criterion)}", anchor=False, width="content")
        st.caption(f"{number} of {total}", width="content")
    st.progress((number - 1) / total)
    if question.void:
        st.caption(":material/visibility: You have seen the names: this vote is void.")
    player(_pair(comparison, runs, question), key=f"vote/player/{question.id}")
    # Every question has buttons of its own: a late second press cannot answer the next one.
    with st.container(horizontal=True, horizontal_alignment="center"):
        for outcome, (label, letter, icon) in _ANSWERS.items():
            st.button(
                label,
                icon=icon,
                shortcut=letter,
                key=f"vote/{question.id}/{outcome.value}",
                on_click=_answer,
                args=(question, outcome),
            )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if comparison.idea.prompt:
            st.caption(f"The prompt: {escape(comparison.idea.prompt)}", width="content")
        st.button(
            "Stop here",
            type="tertiary",
            icon=":material/stop_circle:",
            key="vote/stop",
            on_click=_kept(_STOPPED).add,
            args=(question.voter,),
        )


def _pair(comparison: Comparison, runs: Mapping[str, Run], question: Vote) -> dict[str, Any]:
    """The player's record of the two clips, under the names of their sides alone."""
    lanes = [lane for side in (question.left, question.right) if (lane := comparison.lane(side))]
    bare = replace(comparison, lanes=tuple(lanes), view=View(names=False))
    spec = player_spec(bare, runs, session.clip_address, mode="vote", times=session.frame_times)
    for clip, side in zip(spec["clips"], ("Left", "Right"), strict=True):
        clip |= {"id": side.lower(), "letter": side}
    spec["view"]["pair"] = ["left", "right"]
    return spec


def _answer(question: Vote, outcome: Outcome) -> None:
    session.services().store.comparisons.answer(question.id, outcome, void=question.void)


def _end(comparison: str, voter: str, votes: Sequence[Vote], left: int) -> None:
    answered = sum(vote.outcome is not None for vote in votes)
    if left:
        st.info(
            f"{answered} of {len(votes)} answered. What you have said counts. This address brings you back to the next "
            f"question; once the names are revealed, the remaining {left} are void.",
            title="Stopped",
            icon=":material/stop_circle:",
        )
    elif answered < len(votes):
        st.info(
            f"{answered} of {len(votes)} answered. The others fell away: their clips are gone, or the names were seen.",
            title="The round is over",
            icon=":material/info:",
        )
    else:
        st.success(
            f"All {_many(answered, 'question')} answered.", title="The round is complete", icon=":material/task_alt:"
        )
    with st.container(horizontal=True):
        if left:
            st.button(
                "Go on",
                type="primary",
                icon=":material/play_arrow:",
                key="vote/on",
                on_click=_kept(_STOPPED).discard,
                args=(voter,),
            )
        st.button(
            "Reveal the names",
            type="secondary" if left else "primary",
            icon=":material/visibility:",
            key="vote/reveal",
            on_click=_reveal,
            args=(comparison, voter),
        )


def _reveal(comparison: str, voter: str) -> None:
    names_seen().add(comparison)
    _kept(_REVEALED).add(voter)


# --- what came of it ---------------------------------------------------------------------------------------------


def _result(votes: Sequence[Vote], takes: Mapping[str, Shown]) -> None:
    answered = [vote for vote in votes if vote.outcome is not None]
    void = sum(vote.void for vote in answered)
    st.subheader("What you said", anchor=False)
    if not answered:
        st.info("Nothing was answered in this round.")
    if void:
        st.warning(f"{_many(void, 'vote')} of these were given after the names were seen and are void.")
    named = {lane: escape(name) for v in votes for lane, name in ((v.left, v.left_name), (v.right, v.right_name))}
    for criterion in dict.fromkeys(vote.criterion for vote in answered):
        of_it = [vote for vote in answered if vote.criterion == criterion]
        order = sorted(lane_tallies(of_it).items(), key=lambda item: (-item[1].wins, item[1].losses, named[item[0]]))
        st.markdown(f"**{escape(criterion)}**")
        st.table(
            {
                "Clip": [_called(lane, named, takes) for lane, _ in order],
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
                st.markdown(f"- {escape(vote_.criterion)}: {_said(vote_, named, takes)}")
    if st.button("Open the leaderboard", icon=":material/leaderboard:", key="vote/leaderboard"):
        st.switch_page(session.page("leaderboard"))


def _called(lane: str, named: Mapping[str, str], takes: Mapping[str, Shown]) -> str:
    return f"{takes[lane].letter} · {named[lane]}" if lane in takes else named[lane]


def _said(vote: Vote, named: Mapping[str, str], takes: Mapping[str, Shown]) -> str:
    left, right = _called(vote.left, named, takes), _called(vote.right, named, takes)
    if vote.outcome is Outcome.LEFT:
        return f"{left} over {right}"
    if vote.outcome is Outcome.RIGHT:
        return f"{right} over {left}"
    return f"{left} and {right}: {'both bad' if vote.outcome is Outcome.BAD else 'a tie'}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
