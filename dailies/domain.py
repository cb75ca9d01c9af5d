"""The nouns that every room uses, as frozen records.

What a model can do (`Cell` and its parts), what a person asks for (`Draft`, `Request`), what is wrong with it
(`Problem`, `Notice`) and what is kept (`Run`, `Clip`). Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dailies.exchange import Call
from dailies.lifecycle import Lifecycle
from dailies.money import Money
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement
from dailies.rewriting import Rewrite
from dailies.vocabulary import SLOTS, Body, Kinship, MediaKind, Mode, RunState, SendAs, Stage, Support, Trouble, Value


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The limits of one kind of media. Sizes in bytes, sides in pixels, ratio = width / height, lengths in seconds."""

    types: tuple[str, ...] = ()
    max_bytes: int | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class MediaForm:
    """One way to send a reference. `body`, if set, switches the whole call to that kind of body."""

    send_as: SendAs
    placement: Placement
    body: Body | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A named place for media: how many, in which forms (best first), within which limits."""

    id: str
    forms: tuple[MediaForm, ...]
    minimum: int
    maximum: int | None  # None: no limit is documented
    limits: MediaLimits
    note: str = ""
    token: str = ""  # how the prompt names its media, with `{}` for the number; empty: no way is documented

    @property
    def title(self) -> str:
        return SLOTS[self.id].title

    @property
    def kind(self) -> MediaKind:
        return SLOTS[self.id].kind

    @property
    def takes_files(self) -> bool:
        """Whether the bytes of an upload can be sent, as a file, a data URL or base64."""
        return any(form.send_as in (SendAs.FILE, SendAs.DATA_URL, SendAs.BASE64) for form in self.forms)

    def form_for(self, reference: Reference) -> MediaForm | None:
        """The first form in which a reference can be sent; None if there is none."""
        return next((form for form in self.forms if form.send_as in reference.fits), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A relation between values and media: if every condition is met, the consequences are required.

    Conditions: `when` maps parameter ids to the values that meet them, `held` maps slot ids to the least and the most
    media that meet them (None: any number). Consequences: `then` maps parameter ids to their allowed values, none if
    the parameter must be left out; `needs` lists slots of which at least one must hold media. A rule without
    consequences only says its note before the request is sent.
    """

    when: Mapping[str, tuple[Value, ...]]
    held: Mapping[str, tuple[int, int | None]]
    then: Mapping[str, tuple[Value, ...]]
    needs: tuple[str, ...]
    note: str
    origin: Origin

    def applies(self, values: Mapping[str, Value | None], references: Mapping[str, tuple[Reference, ...]]) -> bool:
        """Whether every condition is met by these values, by parameter id, and these media, by slot id."""
        counts = {slot_id: len(references.get(slot_id, ())) for slot_id in self.held}
        return all(values.get(name) in wanted for name, wanted in self.when.items()) and all(
            least <= counts[slot_id] and (most is None or counts[slot_id] <= most)
            for slot_id, (least, most) in self.held.items()
        )

    def find_conflict(self, parameter: Parameter, values: Mapping[str, Value | None]) -> Value | None:
        """The value of a parameter of `then` that breaks the rule; None if there is none.

        It is the value that is sent, or else the one that the gateway is known to use.
        """
        allowed, value = self.then[parameter.id], values.get(parameter.id)
        if value is None and allowed:
            value = parameter.assumed
        return None if value is None or value in allowed else value

    @property
    def warns(self) -> bool:
        """Whether it only says something."""
        return not self.then and not self.needs


@dataclass(frozen=True, slots=True)
class Precedence:
    """Several places on the wire that set the same thing. The gateway takes the first one that is present."""

    value: str
    order: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Route:
    """A set of gateway paths; `{task}` stands for the task id. `sdk`: the OpenAI package can use the route."""

    id: str
    create: str
    query: str
    content: str
    sdk: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry point of a family: a route and the wire form used on it.

    `after` names the entries whose finished runs it continues; it is empty if the entry starts from nothing.
    """

    id: str
    title: str
    route: Route
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A model id that the gateway accepts.

    `status` is `current` (in the founding documents), `listed` (in another source), `billing` (a combined billing
    name) or `typed` (typed by a person, matches the family's pattern). `life` is None if no source speaks of it.
    """

    id: str
    status: str
    origin: Origin
    note: str = ""
    life: Lifecycle | None = None


@dataclass(frozen=True, slots=True)
class SupportClaim:
    """How far the gateway supports a mode or the sound of a family. `note` holds its own words."""

    support: Support
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry, model and mode, resolved: all that a form, a check or an encoder needs to know."""

    family: str
    entry: Entry
    route: Route
    model: Model
    mode: Mode
    support: SupportClaim
    body: Body
    model_to: Placement
    prompt_to: Placement
    prompt_required: bool
    prompt_max: int | None
    parameters: tuple[Parameter, ...]
    slots: tuple[Slot, ...]
    rules: tuple[Rule, ...]
    precedence: tuple[Precedence, ...]
    send: Mapping[str, Any]  # constants: dotted path -> value
    order: tuple[str, ...] = ()  # dotted paths: the order of the keys of a body, others after them
    raw_to: str = "metadata"  # where raw JSON is merged: a top-level key, or "" for the body itself
    continues_to: Placement | None = None  # where the id of the task to continue stands, if not in the path
    refused: str = ""  # not empty: the gateway has no field for this; the reason, in words

    @property
    def continues(self) -> bool:
        """Whether a call starts from the task of an earlier run."""
        return self.continues_to is not None or "{source}" in self.route.create

    def in_effect(self, values: Mapping[str, Value]) -> dict[str, Value | None]:
        """The value of each parameter at the gateway: sent, or else the one it is known to use; None if unknown."""
        return {p.id: p.assumed if (value := p.effective(values)) is None else value for p in self.parameters}

    def parameter(self, name: str) -> Parameter | None:
        """The parameter with this id, else the only one with this name on the wire."""
        for parameter in self.parameters:
            if parameter.id == name:
                return parameter
        named = [p for p in self.parameters if p.placement and p.placement.to.split(".")[-1] == name]
        return named[0] if len(named) == 1 else None

    def slot(self, slot_id: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.id == slot_id), None)


@dataclass(frozen=True, slots=True)
class Reference:
    """Media in a slot. Exactly one of `digest` (a stored file), `url` and `asset` is set.

    `digest` is the SHA-256 of the bytes. `width` and `height` in pixels and `seconds` are measured, None if unknown.
    """

    name: str
    kind: MediaKind
    digest: str = ""
    url: str = ""
    asset: str = ""
    media_type: str = ""
    size: int = 0
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    done: tuple[str, ...] = ()  # the changes made to the bytes on upload, in words
    hosted: str = ""  # this app's address of the bytes, if the gateway can reach it

    @property
    def fits(self) -> set[SendAs]:
        """The forms in which this reference can be sent."""
        if self.url:
            return {SendAs.URL}
        if self.asset:
            return {SendAs.ASSET}
        return {SendAs.FILE, SendAs.DATA_URL, SendAs.BASE64} | ({SendAs.URL} if self.hosted else set())


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form says, unchecked. `values` holds only chosen values; `metadata` is the object of the raw editor."""

    prompt: str
    values: Mapping[str, Value] = field(default_factory=dict)
    references: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""  # the task to continue, for an entry that continues one
    sent_as: str = ""  # the model name on the wire, if not the model's id: a combined billing name


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a draft cannot be sent. `where` and `what` form a sentence without its full stop; `fix` is the next step."""

    where: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A way in which a request differs from what was asked, stated before it is sent."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Request:
    """A checked draft, with the ids of the cell it was checked against."""

    family: str
    entry: str
    model: str
    mode: Mode
    prompt: str
    values: Mapping[str, Value]
    references: Mapping[str, tuple[Reference, ...]]
    metadata: Mapping[str, Any]
    source: str = ""
    sent_as: str = ""


SECONDS_OFF = 0.3
"""Seconds: a clip is cut at whole frames; beyond this a viewer would call it another length."""


@dataclass(frozen=True, slots=True)
class Clip:
    """The video file of a run, with its measured facts."""

    file: str  # name inside the store's clip folder
    poster: str
    size: int  # bytes
    seconds: float
    width: int
    height: int
    frame_rate: float
    video_codec: str
    audio_codec: str  # empty: no sound track
    preview: str = ""  # name of a copy that browsers play, where the clip needs one; players show it if there is one
    unplayable: str = ""  # what a browser may not play, in words; empty: it plays the clip

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return f".{self.file.rpartition('.')[2]}"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its file and of the pictures made from it."""
        return tuple(name for name in (self.file, self.poster, self.preview) if name)

    @property
    def played(self) -> str:
        return self.preview or self.file


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run has no clip: the stage, the reason, what to do, what is known about the charge."""

    stage: Stage
    what: str
    fix: str
    charge: str
    code: str = ""


WATCH_LIMIT = timedelta(hours=1)
"""How long a run is watched before it becomes unattended, unless the operator sets another limit."""


@dataclass(frozen=True, slots=True)
class Run:
    """One request and its outcome. Times are aware UTC datetimes."""

    id: str
    owner: str
    gateway: str  # the gateway's base URL, or `sandbox`
    request: Request
    call: Call
    route: Route
    state: RunState
    created: datetime
    updated: datetime
    revision: int = 0  # grows with every save of any run
    credential: str = ""  # an opaque handle into this process's keyring, never a key
    task: str = ""
    other_tasks: tuple[str, ...] = ()  # further ids that the create's answer gave
    word: str = ""  # the gateway's last status word, raw
    percent: int | None = None
    link: str = ""
    sent: datetime | None = None
    finished: datetime | None = None
    due: datetime | None = None  # when the worker looks at it again
    attempts: int = 0  # of the current stage
    misses: int = 0  # look-ups in a row that met the same trouble
    watched: datetime | None = None  # when the worker started asking; the watch limit counts from here
    trouble: Trouble = Trouble.NONE  # what holds the run up
    note: str = ""  # the same in words for people
    raw: str = ""  # the last raw answer, shortened
    failure: Failure | None = None
    clip: Clip | None = None
    parent: str = ""  # the id of the run that it came of
    kinship: Kinship | None = None  # how it came of its parent
    frame: float | None = None  # the seconds into the parent's clip of the picture that it begins with
    estimate: Money | None = None  # what it was expected to cost when it was stored; None: unknown
    usage: str = ""  # what the gateway says it has used or cost, in its own names and figures
    place: int = 0  # its order in the queue of its gateway: the smallest leaves first
    held: bool = False  # a person keeps it from being sent
    press: str = ""  # the press of a button that it came of, unique over all runs; empty: none
    rewrite: Rewrite | None = None  # what a chat model made of its prompt, if the person used that
