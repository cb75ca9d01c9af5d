"""What became of a run, said the same way on every page: its stage, its clip's measured facts, why it has no clip.

Also keeps a run that cannot be drawn from taking its page down.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from components import session
from components.frontend import draw_progress
from components.life import draw_likely_reason
from components.words import escape, format_sentence
from dailies.domain import Clip, Run
from dailies.errors import StoreError
from dailies.gateway.replies import STATES
from dailies.media.delivered import delivered
from dailies.seen import find_usual
from dailies.vocabulary import RunState, Stage

_log = logging.getLogger(__name__)

_STAGES = {
    RunState.READY: "Waiting to be sent",
    RunState.SENDING: "Sending",
    RunState.QUEUED: "Queued at the gateway",
    RunState.RUNNING: "Generating",
    RunState.FETCHING: "Fetching the clip",
}
_FAILED_AT = {
    Stage.SENDING: "Sending failed",
    Stage.REVIEW: "Stopped by the review of the input",
    Stage.GENERATING: "The generation failed",
    Stage.FETCHING: "The clip could not be fetched",
}
_ENDED = {
    RunState.CANCELLED: "Cancelled",
    RunState.UNSURE: "Sent, but the outcome is unknown",
    RunState.UNATTENDED: "No longer watched",
    RunState.EXPIRED: "The gateway gave the task up",
}


@contextmanager
def contain_failure(run: Run) -> Iterator[None]:
    """Draw one run; if that fails, log the error and draw a sentence instead."""
    try:
        yield
    except StoreError:
        raise
    except Exception:  # noqa: BLE001  whatever is wrong with one run, the others are drawn
        _log.exception("Run %s cannot be drawn", run.id)
        st.warning(
            f"This run cannot be shown. It is still stored as `{run.id}`; the server's log has the details.",
            icon=":material/broken_image:",
        )


# --- under way ---------------------------------------------------------------------------------------------------


def list_usual_durations(runs: Iterable[Run]) -> dict[str, float]:
    """Return {id: usual seconds from sending to the clip} of the runs under way, by model, length and size."""
    under_way = [run for run in runs if run.state.open]
    recent = session.services().store.runs.history
    past = {model: recent(model) for model in {run.request.model for run in under_way}}
    usual = {run.id: find_usual(past[run.request.model], run.request.values) for run in under_way}
    return {run: seconds for run, seconds in usual.items() if seconds is not None}


def draw_stage(run: Run, usual: Mapping[str, float], *, key: str) -> None:
    """Draw the stage of a run under way, the time it has taken against the usual one, and what holds it up."""
    draw_note(run)
    elapsed = (session.services().now() - (run.sent or run.created)).total_seconds()
    draw_progress(format_stage(run), elapsed, usual.get(run.id), run.percent, key=key)


def draw_note(run: Run) -> None:
    """Draw what holds a run up, if anything does."""
    if run.note:
        st.markdown(f":small[:orange[:material/pending: {format_sentence(run.note)}]]")


def format_stage(run: Run) -> str:
    """Format the stage of a run under way; a status word of the gateway appears only if nobody knows its meaning."""
    stage = _STAGES[run.state]
    if run.state is RunState.RUNNING and run.word and run.word.lower() not in STATES:
        return f"{stage} (the gateway says “{run.word}”)"
    return stage


# --- with a clip -------------------------------------------------------------------------------------------------


def draw_measured(run: Run, clip: Clip) -> None:
    """Draw the measured facts of a clip, and where it differs from what was asked."""
    facts = delivered(run, clip)
    st.markdown(f":small[{escape(' · '.join(facts.got))}]")
    if clip.unplayable:
        then = "a converted preview is shown" if clip.preview else "download it to watch it"
        words = f"{clip.unplayable}, which this browser may not play: {then}."
        st.markdown(f":small[:orange[:material/movie_off: {escape(words)}]]")
    for difference in facts.differences:
        st.markdown(f":small[:orange[:material/difference: {escape(difference)}]]")
    if run.note:
        st.markdown(f":small[:orange[:material/info: {format_sentence(run.note)}]]")


# --- without a clip ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run has no clip, as Markdown: a title, what happened, the next step, what is known about the charge."""

    title: str
    what: str
    fix: str
    charge: str

    @property
    def words(self) -> str:
        """What happened and the next step in one paragraph."""
        return f"{self.what} {self.fix}".strip()


def explain_ending(run: Run) -> Ending:
    """Explain why a run that is not under way has no clip."""
    failure = run.failure
    if failure is None:
        title = _ENDED.get(run.state, "There is no clip")
        if run.state is RunState.UNATTENDED:
            return Ending(title, "The gateway may have finished it meanwhile.", "Look again to find out.", "")
        if run.state is RunState.CANCELLED:
            return Ending(title, "It was cancelled before it was sent.", "", "Nothing was charged.")
        return Ending(title, "No reason is known.", "Send it again if you still want the clip.", "")
    title = _ENDED.get(run.state) or _FAILED_AT.get(failure.stage, "Failed")
    what = failure.what.removeprefix(f"{title}. ")  # which the title says already
    return Ending(title, format_sentence(what), escape(failure.fix), escape(failure.charge))


def draw_ending(run: Run) -> None:
    """Draw why a run has no clip, and where to go if its model has come to its end."""
    ending = explain_ending(run)
    words = ending.words + (f"\n\n:small[{ending.charge}]" if ending.charge else "")
    if run.state is RunState.FAILED:
        st.error(words, title=ending.title, icon=":material/error:")
    elif run.state is RunState.UNSURE:
        st.warning(words, title=ending.title, icon=":material/help:")
    else:
        st.info(words, title=ending.title, icon=":material/info:")
    draw_likely_reason(run)
