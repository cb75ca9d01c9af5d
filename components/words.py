"""Words, icons and colours that several pages share. Draws nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from dailies.domain import MediaLimits, Run
from dailies.formats import shorten
from dailies.origin import Citation, Origin, Source
from dailies.text import begin
from dailies.vocabulary import LifeState, RunState, Support

SUPPORT_COLOUR = {
    Support.SUPPORTED: "green",
    Support.PARTIAL: "blue",
    Support.GROUP: "gray",
    Support.UPSTREAM: "violet",
    Support.DISCOURAGED: "orange",
}
SUPPORT_ICON = {
    Support.SUPPORTED: ":material/check_circle:",
    Support.PARTIAL: ":material/contrast:",
    Support.GROUP: ":material/workspaces:",
    Support.UPSTREAM: ":material/cloud:",
    Support.DISCOURAGED: ":material/do_not_disturb_on:",
}
SUPPORT_MEANING = {
    Support.SUPPORTED: "The gateway supports it.",
    Support.PARTIAL: "Supported by some models only, or by another route.",
    Support.GROUP: "Named for a group of families, not for this one alone.",
    Support.UPSTREAM: "Depends on the upstream service and its configuration.",
    Support.DISCOURAGED: "Available, but the gateway advises against it.",
}


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state of a run or a model looks: a Streamlit colour, an icon, and its name for people."""

    colour: str
    icon: str
    word: str


STATE_LOOK = {
    RunState.READY: StateLook("gray", ":material/schedule:", "Waiting"),
    RunState.SENDING: StateLook("blue", ":material/upload:", "Sending"),
    RunState.QUEUED: StateLook("blue", ":material/hourglass_top:", "Queued"),
    RunState.RUNNING: StateLook("blue", ":material/progress_activity:", "Generating"),
    RunState.FETCHING: StateLook("blue", ":material/download:", "Fetching"),
    RunState.DONE: StateLook("green", ":material/check_circle:", "Done"),
    RunState.FAILED: StateLook("red", ":material/error:", "Failed"),
    RunState.CANCELLED: StateLook("gray", ":material/cancel:", "Cancelled"),
    RunState.UNSURE: StateLook("orange", ":material/help:", "Outcome unknown"),
    RunState.UNATTENDED: StateLook("orange", ":material/visibility_off:", "Not watched"),
    RunState.EXPIRED: StateLook("gray", ":material/timer_off:", "Expired"),
}


LIFE_LOOK = {
    LifeState.CURRENT: StateLook("green", ":material/verified:", "current"),
    LifeState.SUPERSEDED: StateLook("gray", ":material/history:", "superseded"),
    LifeState.REMOVED: StateLook("red", ":material/block:", "removed"),
    LifeState.UNKNOWN: StateLook("orange", ":material/help:", "upstream unknown"),
}
"""How a state of a model's life looks."""


def format_state(run: Run) -> str:
    """Format the state of a run as a Markdown badge."""
    look = STATE_LOOK[run.state]
    return f":{look.colour}-badge[{look.icon} {look.word}]"


def format_support(support: Support) -> str:
    """Format a support state as a Markdown badge."""
    return f":{SUPPORT_COLOUR[support]}-badge[{SUPPORT_ICON[support]} {support.label}]"


_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_LINES = re.compile(r"[ \t]*\n\s*")
_REPLACED = re.compile(  # what Streamlit replaces in the text that Markdown leaves, escaped or not
    r"(?<=:)(?=//)"  # links
    r"|(?<=www)(?=\.)"
    r"|(?<=[\w.+-])(?=@[\w-])"  # e-mail addresses
    r"|(?<=:)(?=[\w+-]*[A-Za-z_][\w+-]*:|[+-]1:|100:|1234:)"  # emoji, icons and the logo
    r"|(?<=<)(?=->?(?:\s|$))|(?<=-)(?=[->](?:\s|$))|(?<=[<>~])(?==(?:\s|$))",  # arrows and other signs
    re.IGNORECASE,
)
_JOINER = "\N{WORD JOINER}"  # invisible, and no place to break a line


def escape(text: str) -> str:
    """Escape Markdown and whatever else Streamlit would read in a text: directives, emoji, formulas, bare links.

    Lines stay lines, without blank lines between them and spaces around them, so that they are never blocks.
    """
    lines = _LINES.sub("\n", text.strip())
    return _SIGNS.sub(r"\\\1", _REPLACED.sub(_JOINER, lines))


def format_code(text: str) -> str:
    """Format foreign text as one span of Markdown code. Not for use inside a directive's brackets."""
    words = " ".join(text.split())
    fence = "`" * (max(map(len, re.findall("`+", words)), default=0) + 1)
    space = " " if "`" in words else ""
    return f"{fence}{space}{words}{space}{fence}" if words else ""


def format_sentence(text: str, *, named: bool = False) -> str:
    """Format foreign words as one escaped sentence: a capital at the start, exactly one full stop at the end.

    `named`: it may begin with the name of a file, which stays as it is.
    """
    words = " ".join(text.split()).rstrip(".。 ")
    if not words:
        return ""
    return escape(words if named else begin(words)) + ("" if words[-1] in "!?…" else ".")


def cite(origin: Origin, *, links: bool = True) -> str:
    """Name the sources of a fact in one sentence, and the date of the last check.

    Markdown with a link to each source; with `links` false, plain text for places that cannot hold a link.
    """
    named = [_cite_one(citation, links) for citation in origin.citations]
    return f"{'Sources' if len(named) > 1 else 'Source'}: {'; '.join(named)}. Checked {origin.checked}."


def link_source(source: Source) -> str:
    """Format a source's title as Markdown, linked if the source has an address."""
    title = escape(source.title)
    return f"[{title}]({source.address})" if source.address else title


def _cite_one(citation: Citation, links: bool) -> str:
    source, spell = citation.source, escape if links else str
    title = link_source(source) if links else source.title
    named = f"{title}, {spell(source.publisher)}" if source.publisher else title
    return f"{named}: {spell(citation.where)}" if citation.where else named


def format_duration(seconds: float) -> str:
    """Format a duration: `8 s`, `1 m 12 s`, `2 h 5 m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {rest} s" if rest else f"{minutes} m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} m"


def format_time(moment: datetime, offset: int | None) -> str:
    """Format a moment in the reader's time zone: `14:05` today, `03 Nov 14:05` on any other day.

    `offset` is in minutes west of UTC, as browsers report it.
    """
    minutes = -(offset or 0)
    local = datetime.fromtimestamp(moment.timestamp() + minutes * 60, UTC)
    today = datetime.fromtimestamp(datetime.now(UTC).timestamp() + minutes * 60, UTC).date()
    return local.strftime("%H:%M") if local.date() == today else local.strftime("%d %b %H:%M")


def format_size(size: int) -> str:
    """Format a size in bytes as `1.4 MB` or `64 kB`."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def format_limits(limits: MediaLimits) -> str:
    """Format the limits of a file: `JPEG, PNG; at most 10 MB; 300 to 6000 px a side`. Empty if there are none."""
    parts = [", ".join(shorten(kind) for kind in limits.types)] if limits.types else []
    if limits.max_bytes:
        parts.append(f"at most {limits.max_bytes / 1e6:g} MB")
    if span := _format_span(limits.min_side, limits.max_side):
        parts.append(f"{span} px a side")
    if span := _format_span(limits.min_ratio, limits.max_ratio):
        parts.append(f"width / height {span}")
    if span := _format_span(limits.min_seconds, limits.max_seconds):
        parts.append(f"{span} s")
    return "; ".join(parts)


def _format_span(low: float | None, high: float | None) -> str:
    if low and high:
        return f"{low:g} to {high:g}"
    if low:
        return f"at least {low:g}"
    return f"at most {high:g}" if high else ""


def count(number: int, thing: str) -> str:
    """Format a number with its noun: `1 run`, `2 runs`, `10,000 runs`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
