"""Steps that the worker performs for a run, and events that result. Pure records.

The client turns a step into an event; `dailies.work.life` turns an event into the next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dailies.domain import Clip
from dailies.errors import DailiesError, GatewayError
from dailies.exchange import Progress
from dailies.vocabulary import Trouble

# --- steps: what a run needs next --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """Send the create call, once."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask for the state of the task."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch the finished clip: from its link, the gateway's content route, or the answer about the task."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing before this time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Do nothing until a person asks."""


Step = Send | Poll | Fetch | Wait | Rest


# --- events: the result of a step --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call is about to leave."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway answered the create with a task. `raw` is the answer as text, shortened, here and below."""

    progress: Progress
    raw: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """The create was answered with the clip itself, which now lies in the step's file."""

    progress: Progress
    raw: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The gateway refused the create, so there is no task."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class Lost:
    """The call left, and no reliable answer came."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call did not leave."""

    error: DailiesError


@dataclass(frozen=True, slots=True)
class Polled:
    """The gateway answered with the state of the task."""

    progress: Progress
    raw: str


@dataclass(frozen=True, slots=True)
class PollFailed:
    """No answer about the task came."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class Fetched:
    """The clip is in the store. `task` is its task where the create was answered with the clip."""

    clip: Clip
    task: str = ""


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """The clip could not be fetched or is not whole."""

    error: DailiesError


@dataclass(frozen=True, slots=True)
class Held:
    """The step could not be tried, for a reason on our side such as a missing key."""

    trouble: Trouble


Event = Started | Accepted | Delivered | Rejected | Lost | NotSent | Polled | PollFailed | Fetched | FetchFailed | Held
