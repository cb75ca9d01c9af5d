"""The life of a run: every move, every event, every waiting time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.domain import Clip
from dailies.errors import (
    BadRequest,
    DailiesError,
    MediaError,
    OutOfCredit,
    TooFast,
    Unauthorized,
    Unreachable,
    Unreadable,
    Unsure,
)
from dailies.exchange import (
    Progress,
)
from dailies.gateway import failures
from dailies.gateway.refusals import REFUSED_BEFORE_A_TASK
from dailies.steps import (
    Accepted,
    Delivered,
    Fetch,
    Fetched,
    FetchFailed,
    Held,
    Lost,
    NotSent,
    Poll,
    Polled,
    PollFailed,
    Rejected,
    Rest,
    Send,
    Started,
    Wait,
)
from dailies.vocabulary import RunState, TaskState, Trouble
from dailies.work import actions, life
from dailies.work.life import apply
from dailies.work.moves import MOVES, move
from dailies.work.rhythm import Pace
from tests.thorough import speaking_of

R, T = RunState, TaskState
S = timedelta(seconds=1)
CLIP = Clip("c.mp4", "c.jpg", 10, 5.0, 64, 48, 24.0, "h264", "")
NO_TASK = BadRequest("no such task", status=400, code="task_not_exist")


def said(state: TaskState, **facts) -> Progress:
    return Progress(state=state, word=facts.pop("word", state.value), task=facts.pop("task", "t1"), **facts)


@pytest.fixture
def at(make_run, now):
    """A run in a given state, as it would look there."""

    def make(state: RunState, **changes):
        facts = {} if state in (R.READY, R.CANCELLED) else {"sent": now, "task": "t1", "watched": now}
        return make_run(**({"state": state, "due": now if state.open else None} | facts | changes))

    return make


# --- the table of moves ------------------------------------------------------------------------------------------


def test_the_table_names_every_state():
    assert set(MOVES) == set(R)


@pytest.mark.parametrize("source", list(R))
def test_every_other_move_raises(at, now, source):
    run = at(source)
    for target in R:
        if target in MOVES[source]:
            assert move(run, target, now).state is target
        else:
            with pytest.raises(DailiesError, match=f"{source} to {target}"):
                move(run, target, now)


EVENTS = {
    Started(): {R.READY},
    Accepted(said(T.QUEUED), ""): {R.SENDING, R.UNSURE},
    Rejected(BadRequest("no")): {R.SENDING, R.UNSURE},
    Lost(Unsure("lost")): {R.SENDING},
    NotSent(Unreachable("no")): {R.SENDING},
    Polled(said(T.RUNNING), ""): {R.QUEUED, R.RUNNING, R.FETCHING},
    PollFailed(Unreachable("no")): {R.QUEUED, R.RUNNING, R.FETCHING},
    Fetched(CLIP): {R.SENDING, R.UNSURE, R.FETCHING},
    Delivered(said(T.DONE), ""): set(),
    FetchFailed(Unreachable("no")): {R.FETCHING},
    Held(Trouble.NO_KEY): {R.READY, R.QUEUED, R.RUNNING, R.FETCHING},
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_that_does_not_belong_raises(at, now, event):
    for state in R:
        with speaking_of(state):
            if state in EVENTS[event]:
                assert apply(at(state), event, now, 0.5).updated == now
            else:
                with pytest.raises(DailiesError):
                    apply(at(state), event, now, 0.5)


@pytest.mark.parametrize("state", list(R))
def test_next_step(at, now, state):
    expected = {R.READY: Send(), R.QUEUED: Poll(), R.RUNNING: Poll(), R.FETCHING: Fetch()}
    assert life.choose_step(at(state), now) == expected.get(state, Rest())


@pytest.mark.parametrize("state", [R.READY, R.QUEUED, R.RUNNING, R.FETCHING])
def test_nothing_before_it_is_due(at, now, state):
    assert life.choose_step(at(state, due=now + S), now) == Wait(now + S)


def test_between_two_fetches_the_gateway_is_asked_again(at, now):
    assert life.choose_step(at(R.FETCHING, trouble=Trouble.NOT_FETCHED), now) == Poll()
    assert life.choose_step(at(R.FETCHING, trouble=Trouble.UNANSWERED), now) == Fetch()
    nothing_to_ask_for = at(R.FETCHING, trouble=Trouble.NOT_FETCHED, task="", link="https://x.test/v.mp4")
    assert life.choose_step(nothing_to_ask_for, now) == Fetch()


# --- a good life -------------------------------------------------------------------------------------------------


def test_a_whole_life(at, now):
    run = at(R.READY)
    run = apply(run, Started(), now, 0)
    assert (run.state, run.sent, run.due) == (R.SENDING, now, None)
    run = apply(run, Accepted(said(T.QUEUED, percent=0), "raw1"), now + S, 0)
    assert (run.state, run.task, run.percent, run.watched, run.raw) == (R.QUEUED, "t1", 0, now + S, "raw1")
    run = apply(run, Polled(said(T.RUNNING, word="processing", percent=40), "raw2"), now + 3 * S, 0)
    assert (run.state, run.word, run.percent, run.raw) == (R.RUNNING, "processing", 40, "raw2")
    run = apply(run, Polled(said(T.RUNNING), "raw"), now + 4 * S, 0)
    assert run.percent == 40
    run = apply(run, Polled(said(T.DONE, link="https://x.test/v.mp4"), "raw3"), now + 9 * S, 0)
    assert (run.state, run.link, run.due, run.attempts) == (R.FETCHING, "https://x.test/v.mp4", now + 9 * S, 0)
    run = apply(run, Fetched(CLIP), now + 10 * S, 0)
    assert (run.state, run.clip, run.finished, run.due) == (R.DONE, CLIP, now + 10 * S, None)
    assert run.failure is None


def test_a_task_that_is_done_at_once_is_fetched_at_once(at, now):
    run = apply(at(R.SENDING), Accepted(said(T.DONE), ""), now, 0)
    assert life.choose_step(run, now) == Fetch()


def test_unknown_words_keep_it_running_and_are_shown_raw(at, now):
    run = apply(at(R.QUEUED), Polled(said(T.UNKNOWN, word="reticulating"), ""), now, 0)
    assert (run.state, run.word) == (R.RUNNING, "reticulating")


# --- waiting -----------------------------------------------------------------------------------------------------


def test_the_rhythm_of_asking(at, now):
    run = apply(at(R.SENDING), Accepted(said(T.QUEUED), ""), now, 0)
    delays = [(run.due - now) / S]
    for jitter in (0, 0, 0, 1, 0.5):
        run = apply(run, Polled(said(T.RUNNING), ""), now, jitter)
        delays.append((run.due - now) / S)
    assert delays == [2, 3, 5, 5, 10, 7.5]


def test_runs_that_are_looked_at_about_the_same_time_are_due_at_the_same_time(at, now):
    run = at(R.RUNNING, attempts=9)
    beat = now.timestamp() + 0.1
    early, late = (apply(run, Polled(said(T.RUNNING), ""), at, 0.5, pace=Pace(beat=beat)) for at in (now, now + S / 20))
    assert early.due == late.due == now + 7.1 * S


@pytest.mark.parametrize(("hint", "delay"), [(0.5, 0.5), (0.0, 0.2), (30, 30), (900, 900), (86_400, 3600)])
def test_the_servers_hint_wins_within_bounds(at, now, hint, delay):
    run = apply(at(R.QUEUED), Polled(said(T.QUEUED, ask_again=hint), ""), now, 1)
    assert run.due == now + delay * S


def test_the_watch_limit(at, now):
    run = at(R.RUNNING)
    for event in (Polled(said(T.UNKNOWN, word="x"), ""), PollFailed(Unreachable("no")), Held(Trouble.NO_KEY)):
        assert apply(run, event, now + timedelta(minutes=59), 0).state is R.RUNNING
        left = apply(run, event, now + timedelta(hours=1), 0)
        assert (left.state, left.due, left.note) == (R.UNATTENDED, None, "")
        assert "watch limit was reached" in left.failure.what
        assert "Look again" in left.failure.fix
    assert apply(run, Polled(said(T.RUNNING), ""), now + 10 * S, 0, watch_limit=10 * S).state is R.UNATTENDED
    assert apply(run, Polled(said(T.DONE), ""), now + timedelta(days=9), 0).state is R.FETCHING


def test_a_lost_look_up_is_no_failure_and_backs_off(at, now):
    run, delays = at(R.RUNNING), []
    for _ in range(8):
        run = apply(run, PollFailed(Unreachable("no route")), now, 0.5)
        delays.append((run.due - now) / S)
    assert run.state is R.RUNNING
    assert delays == [4, 8, 16, 30, 30, 30, 30, 30]
    assert "no route" in run.note
    run = apply(run, Polled(said(T.RUNNING), ""), now, 0)
    assert (run.note, run.misses) == ("", 0)


def test_look_ups_that_are_too_fast_wait_as_told(at, now):
    run = apply(at(R.RUNNING), PollFailed(TooFast("slow down", retry_after=33)), now, 0)
    assert run.due == now + 33 * S


def test_a_refused_key_while_asking_is_said(at, now):
    assert "Open Settings" in apply(at(R.RUNNING), PollFailed(Unauthorized("expired")), now, 0).note


@pytest.mark.parametrize("denial", [NO_TASK, BadRequest("not found", status=404)])
def test_only_five_denials_in_a_row_are_believed(at, now, denial):
    run = at(R.RUNNING)
    for _ in range(4):
        run = apply(run, PollFailed(denial), now, 0)
    assert run.state is R.RUNNING
    interrupted = apply(run, PollFailed(Unreachable("no")), now, 0)
    for _ in range(4):
        interrupted = apply(interrupted, PollFailed(denial), now, 0)
    assert interrupted.state is R.RUNNING
    answered = apply(run, Polled(said(T.RUNNING), ""), now, 0)
    assert apply(answered, PollFailed(denial), now, 0).state is R.RUNNING
    run = apply(run, PollFailed(denial), now, 0)
    assert run.state is R.FAILED
    assert "does not know this task" in run.failure.what


def test_the_words_of_a_note_decide_nothing(at, now):
    """Denials are counted by what they are, so that another wording or language changes no run."""
    run = replace(at(R.RUNNING), note="reworded")
    for _ in range(life.LOOK_UPS):
        assert run.state is R.RUNNING
        run = replace(apply(run, PollFailed(NO_TASK), now, 0), note="reworded")
    assert run.state is R.FAILED


def test_many_lost_look_ups_do_not_make_one_denial_believed(at, now):
    run = at(R.RUNNING)
    for _ in range(9):
        run = apply(run, PollFailed(Unreachable("no")), now, 0)
    assert apply(run, PollFailed(NO_TASK), now, 0).state is R.RUNNING


def test_a_hold_says_why_and_looks_again_soon(at, now):
    run = apply(at(R.READY), Held(Trouble.NO_KEY), now, 0.5)
    assert (run.state, run.trouble, run.due) == (R.READY, Trouble.NO_KEY, now + 2 * S)
    assert "enter your key" in run.note
    moved = apply(run, Started(), now, 0)
    assert (moved.trouble, moved.note) == (Trouble.NONE, "")


# --- sending goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "stage", "fix"),
    [
        (BadRequest("prompt is required", status=400, spoken=True), "sending", "names"),
        (BadRequest("x", status=400), "sending", "does not say why"),
        (BadRequest("x", status=413), "sending", "smaller or fewer"),
        (BadRequest("x", status=400, code="sensitive_words_detected"), "input review", "Change the prompt"),
        (BadRequest("x", status=400, code="1026"), "input review", "Change the prompt"),
        (BadRequest("Your request was rejected by our safety system", status=400), "input review", "Change the prompt"),
        (BadRequest("x", status=503, code="model_not_found"), "sending", "another model"),
        (BadRequest("x", status=404), "sending", "base URL"),
        (Unauthorized("x", status=401, spoken=True), "sending", "key in Settings"),
        (Unauthorized("x", status=403), "sending", "firewall"),
        (OutOfCredit("x", status=403), "sending", "Top up"),
        (TooFast("x", status=429, retry_after=9), "sending", "in 9 s"),
        (TooFast("x", status=429), "sending", "in a minute"),
        (BadRequest("Not Found", status=404, spoken=True), "sending", "base URL"),
        (BadRequest("Invalid URL (POST /v1/videos)", status=404, spoken=True), "sending", "base URL"),
        (BadRequest("Model m is not found", status=404, spoken=True), "sending", "names"),
        (BadRequest("The gateway redirects.", status=307), "sending", "Change the base URL"),
        (Unreadable("x", status=500, code="get_channel_failed", spoken=True), "sending", "later"),
    ],
)
def test_a_refused_create_is_failed(at, now, error, stage, fix):
    run = apply(at(R.SENDING), Rejected(error), now, 0)
    assert (run.state, run.finished, run.due) == (R.FAILED, now, None)
    assert run.failure.stage == stage
    assert fix in run.failure.fix
    free = error.code in REFUSED_BEFORE_A_TASK or error.status == 401
    assert ("not charged" in run.failure.charge) is free
    assert run.failure.what == f"{error.message.removesuffix('.')}."


@pytest.mark.parametrize(
    ("code", "free"),
    [("invalid_request", True), ("model_not_found", True), ("prompt_blocked", True), ("InvalidParameter", False)],
)
def test_only_a_documented_code_says_not_charged(at, now, code, free):
    run = apply(at(R.SENDING), Rejected(BadRequest("no", status=400, code=code)), now, 0)
    assert ("not charged" in run.failure.charge) is free
    assert "Not known" in run.failure.charge or free


@pytest.mark.parametrize("error", [Unreachable("no route"), MediaError("gone", "add it"), Unauthorized("no key")])
def test_what_was_not_sent_costs_nothing(at, now, error):
    run = apply(at(R.SENDING), NotSent(error), now, 0)
    assert run.state is R.FAILED
    assert run.failure.charge == "Nothing was sent, nothing charged."
    assert run.failure.what
    assert run.failure.fix


@pytest.mark.parametrize("error", [Unsure("timed out"), Unreadable("A web page", status=200, raw="<html>")])
def test_an_unclear_create_is_unsure(at, now, error):
    run = apply(at(R.SENDING, task=""), Lost(error), now, 0)
    assert run.state is R.UNSURE
    assert run.raw == error.raw
    assert error.message in run.failure.what
    assert "Not known" in run.failure.charge
    assert life.choose_step(run, now + timedelta(days=1)) == Rest()


def test_an_answer_that_turns_up_late_settles_an_unsure_run(at, now):
    unsure = life.recover(at(R.SENDING, task=""), now)
    run = apply(unsure, Accepted(said(T.QUEUED), "raw"), now, 0)
    assert (run.state, run.task, run.failure, run.finished) == (R.QUEUED, "t1", None, None)
    assert apply(unsure, Rejected(BadRequest("no")), now, 0).state is R.FAILED


@pytest.mark.parametrize("state", list(R))
def test_recover_touches_only_what_was_being_sent(at, now, state):
    run = at(state)
    if state is R.SENDING:
        assert life.recover(run, now).state is R.UNSURE
        assert "ended before" in life.recover(run, now).failure.what
    else:
        assert life.recover(run, now) == run


# --- the task goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason", "stage", "fix"),
    [
        ("", "GPU on fire", "generating", "Send it again"),
        ("", "", "generating", "Send it again"),
        ("InputImageSensitiveContentDetected", "x", "input review", "Change the prompt"),
        ("OutputVideoSensitiveContentDetected", "x", "generating", "Change the prompt"),
        ("", "violates our content policy", "input review", "Change the prompt"),
        ("1026", "", "input review", "Change the prompt"),
    ],
)
def test_a_failed_task(at, now, code, reason, stage, fix):
    run = apply(at(R.RUNNING), Polled(said(T.FAILED, reason=reason, code=code), "raw"), now, 0)
    assert (run.state, run.raw, run.failure.stage, run.failure.code) == (R.FAILED, "raw", stage, code)
    assert fix in run.failure.fix
    assert run.failure.what
    assert not actions.can_fetch_again(run)


@pytest.mark.parametrize(("word", "state"), [(T.CANCELLED, R.CANCELLED), (T.EXPIRED, R.EXPIRED)])
def test_a_task_that_ended_otherwise(at, now, word, state):
    run = apply(at(R.QUEUED), Polled(said(word), ""), now, 0)
    assert (run.state, run.finished, run.due) == (state, now, None)
    assert run.failure.what


BROKE = Unreadable("broke off")


def test_fetching_is_tried_five_times_and_can_be_asked_for_again(at, now):
    run, delays = at(R.FETCHING), []
    for _ in range(4):
        run = apply(run, FetchFailed(BROKE), now, 0.5)
        delays.append((run.due - now) / S)
        assert (run.state, run.trouble) == (R.FETCHING, Trouble.NOT_FETCHED)
        assert "broke off" in run.note
        assert life.choose_step(run, run.due) == Poll()
        run = apply(run, Polled(said(T.DONE), ""), now, 0)
        assert life.choose_step(run, now) == Fetch()
    assert delays == [1, 2, 4, 8]
    run = apply(run, FetchFailed(MediaError("not a video")), now, 0.5)
    assert (run.state, run.failure.stage, run.note) == (R.FAILED, "fetching", "")
    assert "Press Fetch again" in run.failure.fix
    again = actions.fetch_again(run, now + S)
    assert (again.state, again.due, again.attempts, again.failure) == (R.FETCHING, now + S, 0, None)
    assert life.choose_step(again, now + S) == Poll()  # the link may be a new one


def test_the_new_link_is_used(at, now):
    run = apply(at(R.FETCHING, link="https://x.test/old"), FetchFailed(BROKE), now, 0)
    assert apply(run, Polled(said(T.DONE), ""), now, 0).link == "https://x.test/old"
    run = apply(run, Polled(said(T.DONE, link="https://x.test/new"), ""), now, 0)
    assert (run.link, run.state, run.due, run.attempts) == ("https://x.test/new", R.FETCHING, now, 1)


def test_a_gateway_that_cannot_be_asked_again_does_not_stop_the_fetching(at, now):
    run = apply(at(R.FETCHING), FetchFailed(BROKE), now, 0)
    run = apply(run, PollFailed(Unreachable("no route")), now, 0)
    assert (run.state, run.due, life.choose_step(run, now)) == (R.FETCHING, now, Fetch())


@pytest.mark.parametrize(
    ("state", "ends"),
    [(T.RUNNING, R.RUNNING), (T.QUEUED, R.QUEUED), (T.FAILED, R.FAILED), (T.EXPIRED, R.EXPIRED)],
)
def test_finished_is_provisional(at, now, state, ends):
    run = apply(at(R.FETCHING, attempts=3), FetchFailed(BROKE), now, 0)
    run = apply(run, Polled(said(state), ""), now, 0)
    assert (run.state, run.trouble) == (ends, Trouble.NONE)


def test_a_filtered_result_says_that_there_is_no_clip_and_why(at, now):
    filtered = said(T.DONE, reason="The output was blocked.", code="output_moderated")
    run = apply(at(R.RUNNING), Polled(filtered, ""), now, 0)
    assert life.choose_step(run, now) == Fetch()  # the content route may have it all the same
    assert apply(run, FetchFailed(Unreachable("no route")), now, 0).state is R.FETCHING
    ended = apply(run, FetchFailed(BadRequest("gone", status=404)), now, 0)
    assert (ended.state, ended.failure.stage, ended.failure.code) == (R.FAILED, "generating", "output_moderated")
    assert "The output was blocked." in ended.failure.what
    assert "without a clip" in ended.failure.what
    assert not actions.can_fetch_again(ended)
    assert apply(run, Fetched(CLIP), now, 0).failure is None


def test_a_watermarked_copy_is_said(at, now):
    run = apply(at(R.RUNNING), Polled(said(T.DONE, link="https://x.test/v", watermarked=True), ""), now, 0)
    done = apply(run, Fetched(CLIP), now, 0)
    assert (done.state, done.trouble) == (R.DONE, Trouble.WATERMARKED)
    assert "watermark" in done.note
    failed = apply(run, FetchFailed(BROKE), now, 0)
    clean = apply(failed, Polled(said(T.DONE, link="https://x.test/w"), ""), now, 0)
    assert apply(clean, Fetched(CLIP), now, 0).note == ""


# --- answers that nobody understands, and refusals of a look-up --------------------------------------------------


def test_an_unknown_word_is_shown_and_said_after_a_few_looks(at, now):
    run, notes = at(R.RUNNING), []
    for _ in range(life.UNCLEAR):
        run = apply(run, Polled(said(T.UNKNOWN, word="reticulating"), ""), now, 0)
        notes.append(run.note)
    assert notes[:-1] == [""] * (life.UNCLEAR - 1)
    assert 'not understood: it says "reticulating".' in notes[-1]
    assert life.choose_step(run, now) == Fetch()  # perhaps it is a word for the end
    run = apply(run, FetchFailed(BadRequest("task is IN_PROGRESS", status=400)), now, 0)
    assert (run.state, run.note) == (R.RUNNING, notes[-1])
    assert life.choose_step(run, run.due) == Poll()
    run = apply(run, Polled(said(T.RUNNING), ""), now, 0)
    assert (run.note, run.misses) == ("", 0)


def test_an_unknown_word_with_a_link_is_fetched_and_waited_for(at, now):
    ready = said(T.UNKNOWN, word="Processed", link="https://x.test/v")
    run = apply(at(R.RUNNING), Polled(ready, ""), now, 0)
    assert life.choose_step(run, now) == Fetch()
    assert apply(run, Fetched(CLIP), now, 0).state is R.DONE
    for _ in range(2 * life.FETCHES):
        run = apply(run, FetchFailed(BROKE), now, 0)
        assert run.state is R.RUNNING
        run = apply(run, Polled(ready, ""), now, 0)
        assert run.state is R.FETCHING
    late = now + timedelta(hours=1)
    assert apply(run, FetchFailed(BROKE), late, 0).state is R.UNATTENDED


def test_an_answer_that_says_nothing_is_not_understood_either(at, now):
    run = at(R.QUEUED)
    for _ in range(life.UNCLEAR):
        run = apply(run, Polled(said(T.UNKNOWN, word=""), ""), now, 0)
    assert "does not say how the task is" in run.note


REFUSED = BadRequest("The picture is too dark", status=400, code="InvalidImage", spoken=True)
ERROR_ALONE = said(T.UNKNOWN, word="", reason="The picture is too dark", code="InvalidImage")


DARK_5XX = Unreadable("The picture is too dark. It violates the policy", status=500, spoken=True)


@pytest.mark.parametrize(
    "event", [PollFailed(REFUSED), Polled(ERROR_ALONE, ""), PollFailed(DARK_5XX)], ids=["4xx", "2xx", "5xx"]
)
def test_a_refusal_is_believed_when_it_comes_several_times(at, now, event):
    run = at(R.RUNNING)
    for _ in range(life.REFUSALS - 1):
        run = apply(run, event, now, 0)
        assert run.state is R.RUNNING
        assert "The picture is too dark." in run.note
    answered = apply(run, Polled(said(T.RUNNING), ""), now, 0)
    assert apply(answered, event, now, 0).state is R.RUNNING
    interrupted = apply(apply(run, PollFailed(Unreachable("no")), now, 0), event, now, 0)
    assert interrupted.state is R.RUNNING
    run = apply(run, event, now, 0)
    assert run.state is R.FAILED
    assert run.failure.what.startswith("The picture is too dark.")


@pytest.mark.parametrize(
    "event",
    [
        PollFailed(BadRequest("Blocked by the content policy", status=400)),
        PollFailed(BadRequest("x", status=403, code="content_moderation")),
        Polled(said(T.UNKNOWN, word="", reason="The prompt violates our rules"), ""),
    ],
)
def test_a_refusal_that_names_moderation_is_believed_at_once(at, now, event):
    run = apply(at(R.RUNNING), event, now, 0)
    assert (run.state, run.failure.stage) == (R.FAILED, "input review")


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("expired key", status=401),
        OutOfCredit("no balance", status=403),
        TooFast("slow down", status=429),
        Unreadable("Blocked by policy", status=502),
        Unreadable("Out of memory", status=500, spoken=True),
        BadRequest("slow", status=408),
        BadRequest("no channel", status=503, code="model_not_found"),
        Unsure("lost"),
    ],
)
def test_what_is_no_refusal_of_the_task_is_never_believed(at, now, error):
    run = at(R.RUNNING)
    for _ in range(20):
        run = apply(run, PollFailed(error), now, 0)
    assert run.state is R.RUNNING


def test_a_gateway_may_answer_to_another_id(at, now):
    created = said(T.QUEUED, task="first", other_tasks=("second",))
    run = apply(at(R.SENDING, task=""), Accepted(created, ""), now, 0)
    run = apply(run, PollFailed(NO_TASK), now, 0.5)
    assert (run.task, run.due) == ("second", now + life.SHORTEST * S)
    assert apply(run, Polled(said(T.RUNNING), ""), now, 0).task == "second"
    for _ in range(2 * life.LOOK_UPS - 2):
        run = apply(run, PollFailed(NO_TASK), now, 0)
        assert run.state is R.QUEUED
    assert apply(run, PollFailed(NO_TASK), now, 0).state is R.FAILED


# --- what a person may do ----------------------------------------------------------------------------------------


def allowed(action, at, now, *states):
    for state in R:
        run = at(state)
        if state in states:
            assert action(run).updated == now
        else:
            with pytest.raises(DailiesError):
                action(run)


def test_adopt(at, now):
    run = actions.adopt(life.recover(at(R.SENDING, task=""), now), " t9 ", now + S)
    assert (run.state, run.task, run.due, run.failure, run.finished) == (R.QUEUED, "t9", now + S, None, None)
    allowed(lambda r: actions.adopt(r, "t9", now), at, now, R.UNSURE)
    with pytest.raises(DailiesError, match="task id"):
        actions.adopt(at(R.UNSURE), "  ", now)


def test_stop_watching_and_watch_again(at, now):
    later = now + timedelta(hours=5)
    run = actions.watch_again(actions.stop_watching(at(R.RUNNING), now), later)
    assert (run.state, run.due, run.watched) == (R.RUNNING, later, later)
    assert apply(run, Polled(said(T.RUNNING), ""), later, 0).state is R.RUNNING
    allowed(lambda r: actions.stop_watching(r, now), at, now, R.QUEUED, R.RUNNING)
    allowed(lambda r: actions.watch_again(r, now), at, now, R.UNATTENDED)


def test_cancel(at, now):
    allowed(lambda r: actions.cancel(r, now), at, now, R.READY)
    assert actions.cancel(at(R.READY), now).finished == now


def test_fetch_again_only_where_fetching_failed(at, now):
    stuck = failures.explain_not_fetched(Unreadable("x"))
    assert actions.fetch_again(at(R.FAILED, failure=stuck), now).state is R.FETCHING
    for state in R:
        with pytest.raises(DailiesError):
            actions.fetch_again(at(state), now)


@pytest.mark.parametrize("state", list(R))
def test_send_again_is_a_new_run(at, now, state):
    run = at(state, failure=failures.explain_interruption(), word="x", percent=4)
    if state.open:
        with pytest.raises(DailiesError, match="under way"):
            actions.send_again(run, "new", now)
        return
    again = actions.send_again(run, "new", now + S)
    assert (again.id, again.parent, again.state, again.created, again.due) == ("new", run.id, R.READY, now + S, now + S)
    assert (again.call, again.request, again.owner, again.credential) == (run.call, run.request, "me", "handle")
    assert (again.task, again.word, again.percent, again.failure, again.sent) == ("", "", None, None, None)


def test_ids_are_drawn_where_none_is_given(make_run):
    first, second = make_run(), make_run()
    assert first.id != second.id
    assert len(first.id) == 32
