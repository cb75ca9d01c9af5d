"""Why a run ended without a clip, in plain words: the stage, what happened, what to do, what is known of the charge.

Owns the wording only; which event ends a run is `runs`. Pure.
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
    Unreadable,
    Unsure,
)
from dailies.exchange import Progress
from dailies.vocabulary import Trouble

SENDING, REVIEW, GENERATING, FETCHING = "sending", "input review", "generating", "fetching"
"""The stages at which a run can fail."""

_NOTHING_SENT = "Nothing was sent, nothing charged."
_NO_TASK = "The gateway refused it before making a task: not charged."
_MAYBE = "Not known: if the gateway received the call, it made a task and charges for it."
_AFTER = "Not known: many gateways give back the price of a failed task; the usage log of the key tells."
_MODERATED_FIX = "Change the prompt or the picture, then send it again."

_MODERATED = re.compile(
    r"sensitive|moderat|polic(y|ies)|\brisk|safety|unsafe|nsfw|prompt_blocked|inappropriate|violat|prohibited|\b1026\b",
    re.IGNORECASE,
)
_OF_THE_OUTPUT = re.compile(r"output|generated (video|content|clip)", re.IGNORECASE)


def moderated(code: str, reason: str) -> bool:
    """Whether a refusal is about the content rather than about the call."""
    return bool(_MODERATED.search(f"{code} {reason}"))


def not_sent(error: DailiesError) -> Failure:
    """The call could not leave: no connection, no key, media that is gone."""
    if isinstance(error, MediaError):
        return Failure(SENDING, error.what, error.fix, _NOTHING_SENT)
    if isinstance(error, Unauthorized):
        return Failure(SENDING, error.message, "Open Settings and enter a key for this gateway.", _NOTHING_SENT)
    what = error.message if isinstance(error, GatewayError) else str(error)
    fix = "Check the base URL in Settings and the network, then send it again."
    return Failure(SENDING, what, fix, _NOTHING_SENT)


def refused(error: GatewayError) -> Failure:
    """The create was answered with a refusal."""
    stage, fix = SENDING, "Change what the gateway complains about, then send it again."
    if moderated(error.code, error.message):
        stage, fix = REVIEW, _MODERATED_FIX
    elif isinstance(error, Unauthorized):
        fix = "Check the key in Settings: it must be valid and allowed to use this model."
    elif isinstance(error, OutOfCredit):
        fix = "Top up the account behind the key, then send it again."
    elif isinstance(error, TooFast):
        wait = f" in {error.retry_after:g} s" if error.retry_after else " in a minute"
        fix = f"Too many calls, or the model is busy: send it again{wait}."
    elif error.code == "model_not_found":
        fix = "Choose another model, or ask the gateway's operator to open this one for the key."
    elif isinstance(error, Unreadable):
        fix = "The trouble is at the gateway: send it again later."
    elif error.status == 404:
        fix = "Check the base URL in Settings: this path does not exist there."
    return Failure(stage, error.message, fix, _NO_TASK, error.code)


def lost(error: GatewayError) -> Failure:
    """The call left, and no answer can be relied on."""
    fix = "Look for the task in the gateway's log: if it is there, enter its id here; if not, send it again."
    what = error.message if isinstance(error, Unsure) else f"The call was sent, its outcome is unknown. {error.message}"
    return Failure(SENDING, what, fix, _MAYBE, error.code)


def interrupted() -> Failure:
    """The program ended between sending and the answer."""
    return lost(Unsure("The program stopped while the call was under way; whether it arrived is unknown."))


def failed(progress: Progress) -> Failure:
    """The task was made and failed."""
    what = progress.reason or "The gateway says that the generation failed, and not why."
    stage, fix = GENERATING, "Send it again; if it fails again, change the input or choose another model."
    if moderated(progress.code, progress.reason):
        stage = GENERATING if _OF_THE_OUTPUT.search(f"{progress.code} {progress.reason}") else REVIEW
        fix = _MODERATED_FIX
    return Failure(stage, what, fix, _AFTER, progress.code)


def cancelled(progress: Progress) -> Failure:
    """The task was cancelled at the gateway."""
    what = progress.reason or "The task was cancelled at the gateway."
    return Failure(GENERATING, what, "Send it again if you still want the clip.", _AFTER, progress.code)


def expired(progress: Progress) -> Failure:
    """The gateway gave the task up, for its age."""
    what = progress.reason or "The gateway gave the task up: it waited too long."
    return Failure(GENERATING, what, "Send it again, at a quieter time if you can.", _AFTER, progress.code)


def denied(error: GatewayError) -> Failure:
    """The gateway keeps saying that there is no such task."""
    what = f"The gateway does not know this task. It says: {error.message}"
    fix = "Check that the key belongs to the account that sent it; look for the task in the gateway's log."
    return Failure(GENERATING, what, fix, "Not known: the usage log of the key tells.", error.code)


def not_fetched(error: DailiesError) -> Failure:
    """The clip exists and could not be brought here."""
    what = f"The clip could not be fetched. {error}"
    fix = "The clip is made and paid; try fetching again. Links live for 12 hours or more."
    return Failure(
        FETCHING, what, fix, "The clip is made and paid.", error.code if isinstance(error, GatewayError) else ""
    )


def held(trouble: Trouble) -> str:
    """The note of a run whose next step cannot be tried."""
    return {
        Trouble.NO_SANDBOX: "Waiting for the sandbox to start.",
        Trouble.NO_GATEWAY: "Its gateway is no longer set up here. Ask the operator to name it again.",
        Trouble.NO_KEY: "Waiting for its key. Open Settings and enter your key for this gateway again.",
    }[trouble]


def unanswered(error: GatewayError, trouble: Trouble) -> str:
    """The note of a run while look-ups fail, which says nothing about the task."""
    if trouble is Trouble.DENIED:
        return "The gateway says that it does not know this task. Asking again."
    if isinstance(error, Unauthorized):
        return f"The gateway refuses the key: open Settings. It says: {error.message}"
    if isinstance(error, TooFast):
        return "The gateway asks for fewer calls; asking again later."
    return f"No answer about the task, asking again. {error.message}"
