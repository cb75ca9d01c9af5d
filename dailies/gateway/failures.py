"""Why there is no clip, or not yet, in plain words: the stage, what happened, the next step, the charge.

Owns the wording. `life` decides which event ends a run; the gateway's own words come from `reasons`. Pure.
"""

from __future__ import annotations

import re

from dailies.domain import Failure
from dailies.errors import (
    DailiesError,
    GatewayError,
    MediaError,
    OutOfCredit,
    TooFast,
    Unauthorized,
    Unreachable,
    Unreadable,
    Unsure,
)
from dailies.exchange import Progress
from dailies.gateway.reasons import end, moderated, say_no_reason
from dailies.gateway.refusals import NO_CHANNEL, REFUSED_BEFORE_A_TASK
from dailies.text import begin
from dailies.vocabulary import Stage, Trouble

NOT_CHARGED = "The gateway refused it before making a task: not charged."

_NOTHING_SENT = "Nothing was sent, nothing charged."
_REFUSED = "Not known for certain: a refused call is usually free. The usage log of the key tells."
_MAYBE = "Not known: if the gateway received the call, it made a task and charges for it."
_AFTER = "Not known: many gateways give back the price of a failed task. The usage log of the key tells."
_FINISHED = "The gateway says that the clip is finished, so it is probably charged."
_ASK_FOR_LOG = "Not known: the usage log of the key tells."
_STILL_THERE = "Not known: the task may still run, or be finished and charged. The usage log of the key tells."
_MODERATED_FIX = "Change the prompt or the picture, then send it again."
_SEND_AGAIN = "Send it again. If it fails again, change the input or choose another model."

_NO_SUCH_MODEL = re.compile(
    r"\bmodel\b.{0,80}\b(not found|not exist|not available|unavailable|unknown|retired|deprecated|offline)"
    r"|\b(unknown|no such|unsupported|invalid) model\b|no longer available|no available channel"
    r"|模型.{0,20}(不存在|下线)",
    re.IGNORECASE,
)
_NO_SUCH_PATH = re.compile(r"invalid url|no route|cannot (post|get)|^not found\W*$|method not allowed", re.IGNORECASE)
_SOON = 600  # seconds; a longer wait may end at the watch limit
_ASKING = re.compile(r"\s*Asking again[^.]*\.$")
_OF_THE_OUTPUT = re.compile(r"output|generated (video|content|clip)", re.IGNORECASE)


# --- a create that made no task, or perhaps one ------------------------------------------------------------------


def explain_not_sent(error: DailiesError) -> Failure:
    """Explain a call that could not leave: no connection, no key, media that is gone."""
    if isinstance(error, MediaError):
        return Failure(Stage.SENDING, end(error.what), error.fix, _NOTHING_SENT)
    if isinstance(error, Unauthorized):
        return Failure(Stage.SENDING, end(error.message), "Open Settings and enter a key for it.", _NOTHING_SENT)
    what = error.message if isinstance(error, GatewayError) else str(error)
    fix = "Check the base URL in Settings and the network, then send it again."
    return Failure(Stage.SENDING, end(what), fix, _NOTHING_SENT)


def explain_refusal(error: GatewayError) -> Failure:
    """Explain a create that was answered with a refusal. Only a code of the gateway's source proves it free."""
    stage, fix = Stage.SENDING, "Change what the gateway names, then send it again."
    if moderated(error.code, error.message):
        stage, fix = Stage.REVIEW, _MODERATED_FIX
    elif isinstance(error, Unauthorized) and error.spoken:
        fix = "Check the key in Settings: it must be valid and allowed to use this model."
    elif isinstance(error, Unauthorized):
        fix = "Check the key in Settings, and whether a firewall stands before the gateway and refuses the call."
    elif error.status == 413:
        fix = "The call is too large for the gateway: give it smaller or fewer references."
    elif isinstance(error, OutOfCredit):
        fix = "Top up the account behind the key, then send it again."
    elif isinstance(error, TooFast):
        wait = f" in {error.retry_after:g} s" if error.retry_after else " in a minute"
        fix = f"Too many calls, or the model is busy. Send it again{wait}."
    elif error.code == NO_CHANNEL:
        fix = "Choose another model, or ask the gateway's operator to open this one for the key."
    elif error.status is not None and error.status >= 500:
        fix = "The trouble is at the gateway. Send it again later."
    elif error.status in (404, 405) and (not error.spoken or _NO_SUCH_PATH.search(error.message)):
        fix = "Check the base URL in Settings: this path does not exist there."
    elif error.status is not None and 300 <= error.status < 400:
        fix = "Change the base URL in Settings, then send it again."
    elif not error.spoken:
        fix = "It does not say why. Compare the exact request with the gateway's documents, then send it again."
    free = error.code in REFUSED_BEFORE_A_TASK or error.status == 401
    return Failure(stage, end(error.message), fix, NOT_CHARGED if free else _REFUSED, error.code)


def speaks_of_model(failure: Failure) -> bool:
    """Whether a gateway's words say that it has no such model, or none any more."""
    return failure.code == NO_CHANNEL or bool(_NO_SUCH_MODEL.search(failure.what))


def explain_lost(error: GatewayError) -> Failure:
    """Explain a call that left and has no answer that can be relied on."""
    unknown = "The call was sent, its outcome is unknown."
    what = error.message if isinstance(error, Unsure) else f"{unknown} {begin(error.message)}"
    fix = (
        "Look for the task in the gateway's log and, if it is there, enter its id here. Sending it again may make, and "
        "charge, a second clip."
    )
    return Failure(Stage.SENDING, end(what), fix, _MAYBE, error.code)


def explain_interruption() -> Failure:
    """Explain a run whose program stopped between sending and the answer."""
    return explain_lost(
        Unsure("The program that sent the call ended before the answer came. Whether it arrived is unknown.")
    )


# --- a task that ended without a clip ----------------------------------------------------------------------------


def explain_failure(progress: Progress) -> Failure:
    """Explain a task that was made and failed, or whose result was filtered."""
    stage, fix = _judge(progress.code, progress.reason)
    what = progress.reason
    if not what and progress.code:
        what = f"The gateway says that the generation failed with the code {progress.code}."
    elif not what:
        what, fix = say_no_reason("the generation"), f"Its whole answer stands under Details. {fix}"
    return Failure(stage, end(what), fix, _AFTER, progress.code)


def explain_no_clip(progress: Progress) -> Failure:
    """Explain a task that the gateway calls finished while it says why there is no clip."""
    stage, fix = _judge(progress.code, progress.reason)
    what = f"The gateway finished the task without a clip. It says: {progress.reason or progress.code}"
    return Failure(stage if stage is Stage.REVIEW else Stage.GENERATING, end(what), fix, _AFTER, progress.code)


def explain_refused_look(error: GatewayError) -> Failure:
    """Explain a task about which the gateway keeps answering with a refusal."""
    stage, fix = _judge(error.code, error.message)
    return Failure(stage, end(error.message), fix, _AFTER, error.code)


def explain_cancellation(progress: Progress) -> Failure:
    """Explain a task that was cancelled at the gateway."""
    what = progress.reason or "The task was cancelled at the gateway."
    return Failure(Stage.GENERATING, end(what), "Send it again if you still want the clip.", _AFTER, progress.code)


def explain_expiry(progress: Progress) -> Failure:
    """Explain a task that the gateway gave up for its age."""
    what = progress.reason or "The gateway says that the task has expired."
    return Failure(Stage.GENERATING, end(what), "Send it again, at a quieter time if you can.", _AFTER, progress.code)


def explain_unattended(note: str) -> Failure:
    """Explain a task that was asked for until the watch limit; `note` is what held it up last, "" if nothing did."""
    what = "The gateway had not finished the clip when the watch limit was reached."
    if note:
        what = f"The watch limit was reached without a clip. {begin(_ASKING.sub('', note))}"
    return Failure(Stage.GENERATING, end(what), "Look again to ask the gateway once more.", _STILL_THERE)


def explain_denial(error: GatewayError) -> Failure:
    """Explain a task that the gateway keeps saying it does not know."""
    what = f"The gateway does not know this task. It says: {error.message}"
    fix = "Check that the key belongs to the account that sent it, and look for the task in the gateway's log."
    return Failure(Stage.GENERATING, end(what), fix, _ASK_FOR_LOG, error.code)


def explain_not_fetched(error: DailiesError) -> Failure:
    """Explain a clip that the gateway calls finished and that could not be brought here."""
    what = f"The clip could not be fetched. {begin(_word(error))}"
    fix = "Press Fetch again to ask the gateway for the clip once more. Links live for 12 hours or more."
    code = error.code if isinstance(error, GatewayError) else ""
    return Failure(Stage.FETCHING, end(what), fix, _FINISHED, code)


def _word(error: DailiesError) -> str:
    """Return what happened, without a next step: the run has one of its own."""
    if isinstance(error, MediaError):
        return error.what
    return error.message if isinstance(error, GatewayError) else str(error)


def _judge(code: str, reason: str) -> tuple[Stage, str]:
    """Return the stage at which a task failed, and the next step."""
    if not moderated(code, reason):
        return Stage.GENERATING, _SEND_AGAIN
    return (Stage.GENERATING if _OF_THE_OUTPUT.search(f"{code} {reason}") else Stage.REVIEW), _MODERATED_FIX


# --- a run under way ---------------------------------------------------------------------------------------------

WATERMARKED = "The gateway offered only the copy with a watermark."


def note_held(trouble: Trouble) -> str:
    """Say why the next step of a run cannot be tried."""
    return {
        Trouble.NO_SANDBOX: "Waiting for the sandbox to start.",
        Trouble.NO_GATEWAY: "Its gateway is no longer set up here. Ask the operator to name it again.",
        Trouble.NO_KEY: "Waiting for its key. Open Settings and enter your key for this gateway again.",
    }[trouble]


def note_no_answer(error: GatewayError, trouble: Trouble) -> str:
    """Say that a look-up failed, which says nothing about the task."""
    if trouble is Trouble.DENIED:
        return "The gateway says that it does not know this task. Asking again."
    if trouble is Trouble.REFUSED:
        return f"The gateway answers with a refusal: {end(error.message)} Asking again."
    if isinstance(error, Unauthorized):
        return f"The gateway refuses the key: {end(error.message)} Open Settings and check it."
    if isinstance(error, TooFast):
        wait = f"in {error.retry_after:.0f} s" if 0 < (error.retry_after or 0) <= _SOON else "later"
        return f"The gateway asks for fewer calls. Asking again {wait}."
    if isinstance(error, Unreachable | Unsure | Unreadable):
        return f"No answer about the task: {end(error.message)} Asking again."
    return f"The gateway's answer says nothing about the task: {end(error.message)} Asking again."


def note_error(progress: Progress) -> str:
    """Say that an answer about the task holds an error and nothing else."""
    return f"The gateway answers with an error: {end(progress.reason)} Asking again."


def note_not_understood(word: str) -> str:
    """Say that an answer about the task is none that this program knows, with its raw word."""
    said = f'it says "{word}"' if word else "it does not say how the task is"
    return f"The gateway's answer is not understood: {said}. Its whole answer stands under Details. Asking again."


def note_not_fetched(error: DailiesError) -> str:
    """Say that the clip could not be fetched yet."""
    return f"The clip could not be fetched: {end(_word(error))} Asking the gateway for it again."


def note_no_room(error: DailiesError) -> str:
    """Say that the clip waits at the gateway, because our disk does not take it."""
    return f"{end(str(error))} Free some space: the clip is then fetched by itself."
