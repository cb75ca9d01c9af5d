"""Words, icons and colours that several parts of the face share. No widget is drawn here."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from dailies.domain import Run
from dailies.origin import Citation, Origin, Source
from dailies.vocabulary import RunState, Support

SUPPORT_COLOUR = {
    Support.SUPPORTED: "green",
    Support.PARTIAL: "blue",
    Support.UPSTREAM: "violet",
    Support.DISCOURAGED: "orange",
}
SUPPORT_ICON = {
    Support.SUPPORTED: ":material/check_circle:",
    Support.PARTIAL: ":material/contrast:",
    Support.UPSTREAM: ":material/cloud:",
    Support.DISCOURAGED: ":material/do_not_disturb_on:",
}
SUPPORT_MEANING = {
    Support.SUPPORTED: "The gateway supports it.",
    Support.PARTIAL: "Supported in a roundabout way, or by some models.",
    Support.UPSTREAM: "Depends on the upstream service and its configuration.",
    Support.DISCOURAGED: "Exists, but the gateway advises against it.",
}

STATE_LOOK = {
    RunState.READY: ("gray", ":material/schedule:", "ready"),
    RunState.SENDING: ("blue", ":material/upload:", "sending"),
    RunState.QUEUED: ("blue", ":material/hourglass_top:", "queued"),
    RunState.RUNNING: ("blue", ":material/progress_activity:", "running"),
    RunState.FETCHING: ("blue", ":material/download:", "fetching"),
    RunState.DONE: ("green", ":material/check_circle:", "done"),
    RunState.FAILED: ("red", ":material/error:", "failed"),
    RunState.CANCELLED: ("gray", ":material/cancel:", "cancelled"),
    RunState.UNSURE: ("orange", ":material/help:", "unsure"),
    RunState.UNATTENDED: ("orange", ":material/visibility_off:", "not watched"),
    RunState.EXPIRED: ("gray", ":material/timer_off:", "expired"),
}


def format_state(run: Run) -> str:
    """The state of a run as Markdown: colour, icon and word."""
    colour, icon, word = STATE_LOOK[run.state]
    return f":{colour}-badge[{icon} {word}]"


def format_support(support: Support) -> str:
    return f":{SUPPORT_COLOUR[support]}-badge[{SUPPORT_ICON[support]} {support.label}]"


def escape(text: str) -> str:
    """Foreign words without the meaning that Markdown would give them."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def cite(origin: Origin, *, links: bool = True) -> str:
    """The sources of a fact as one sentence, and the day it was checked.

    As Markdown with a link to each source, or as plain text where nothing can be a link.
    """
    named = [_citation(citation, links) for citation in origin.citations]
    return f"{'Sources' if len(named) > 1 else 'Source'}: {'; '.join(named)}. Checked {origin.checked}."


def link_source(source: Source) -> str:
    """A source's title as Markdown, linked where the source can be opened."""
    title = escape(source.title)
    return f"[{title}]({source.address})" if source.address else title


def _citation(citation: Citation, links: bool) -> str:
    source, spell = citation.source, escape if links else str
    title = link_source(source) if links else source.title
    named = f"{title}, {spell(source.publisher)}" if source.publisher else title
    return f"{named}: {spell(citation.where)}" if citation.where else named


def format_duration(seconds: float) -> str:
    """`8 s`, `1 m 12 s`, `2 h 5 m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {rest} s" if rest else f"{minutes} m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} m"


def format_time(moment: datetime, offset: int | None) -> str:
    """The time of day for the reader, with the date once it is not today. `offset`: minutes, as the browser counts."""
    minutes = -(offset or 0)
    local = datetime.fromtimestamp(moment.timestamp() + minutes * 60, UTC)
    today = datetime.fromtimestamp(datetime.now(UTC).timestamp() + minutes * 60, UTC).date()
    return local.strftime("%H:%M") if local.date() == today else local.strftime("%d %b %H:%M")


def format_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"
