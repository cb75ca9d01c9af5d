"""What the worker has to do for a run, and what comes of it: steps and events. Pure records.

On the ground floor, because the client performs a step and gives back an event, and the life of a run does the reverse.
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
    """Send the call, once."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask what became of the task."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch the finished clip: from the link of the reply, or from the gateway's content route."""

    by_link: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing before this time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing, unless a person asks."""


Step = Send | Poll | Fetch | Wait | Rest


# --- events: what came of a step ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call is about to leave."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The create was answered with a task. `raw` is the answer as text, shortened; here and below."""

    progress: Progress
    raw: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The create was refused: there is no task."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class Lost:
    """The call left and no answer can be relied on."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call could not leave."""

    error: DailiesError


@dataclass(frozen=True, slots=True)
class Polled:
    progress: Progress
    raw: str


@dataclass(frozen=True, slots=True)
class PollFailed:
    error: GatewayError


@dataclass(frozen=True, slots=True)
class Fetched:
    clip: Clip


@dataclass(frozen=True, slots=True)
class FetchFailed:
    error: DailiesError


@dataclass(frozen=True, slots=True)
class Held:
    """A step could not be tried for a reason on our side, such as a missing key."""

    trouble: Trouble


Event = Started | Accepted | Rejected | Lost | NotSent | Polled | PollFailed | Fetched | FetchFailed | Held
