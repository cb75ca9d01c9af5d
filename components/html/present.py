"""The Present page: a clip, or comparisons, edge to edge on black, one after another, without Streamlit around them.

Owns the endpoint and the page. Sends nothing and needs no key; a person must know a comparison's id to open it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import anyio
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from components.html.document import make_policy, read_part, render
from components.html.player import player_script, player_style
from components.html.specs import build_spec
from components.visitor import person_of
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.domain import Run
from dailies.errors import MediaError
from dailies.media.measure import frame_times
from dailies.services import open_services
from dailies.store.personal import PersonalStore

MOST = 50
"""The most comparisons or clips in one playlist; further ones are left out."""

_MEDIA = "'self' blob:"
_LONGEST_LINK = 900  # characters; a longer one makes a code that a telephone across a room does not read


@dataclass(frozen=True, slots=True)
class Slide:
    """One comparison of a playlist, with its runs by id."""

    comparison: Comparison
    runs: Mapping[str, Run]


async def present(request: Request) -> Response:
    """Answer `/present?r=RUN,RUN…` for clips, `?c=ID` for a comparison, or `?list=ID,ID…` of comparisons from `c` on.

    Several are shown one after another. `title=1` and `prompt=1` show these below the clips from the start.
    """
    query = request.query_params
    wanted = [name for name in query.get("list", "").split(",") if name]
    first = query.get("c", "")
    wanted = wanted if first in wanted or not first else [first, *wanted]
    services, person = await anyio.to_thread.run_sync(open_services), person_of(request)
    store = services.of(person).store
    found = await anyio.to_thread.run_sync(_load_slides, store, list(dict.fromkeys(wanted))[:MOST])
    if alone := [name for name in query.get("r", "").split(",") if name]:
        found = await anyio.to_thread.run_sync(_load_runs, store, list(dict.fromkeys(alone))[:MOST])
    settings = services.settings
    public = settings.public_url if person.id or settings.access.is_open else ""  # else it serves uploads alone
    start = next((at for at, slide in enumerate(found) if slide.comparison.id == first), 0)
    html = await anyio.to_thread.run_sync(
        lambda: build_page(
            found,
            # Relative to the page, whatever path the app is served under.
            lambda name: f"clips/{settings.signer.clip(name, person.id)}",
            lambda name: _read_times(store, name),
            start=start,
            title=query.get("title") == "1",
            prompt=query.get("prompt") == "1",
            link=find_link(str(request.url), public),
        )
    )
    headers = {
        "Content-Security-Policy": f"{make_policy(_read_script(), _MEDIA)}; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status_code=200 if found else 404, headers=headers)


def _load_slides(store: PersonalStore, wanted: Sequence[str]) -> list[Slide]:
    found = (store.comparisons.find(name) for name in wanted)
    return [Slide(comparison, store.runs_of(comparison)) for comparison in found if comparison]


def _load_runs(store: PersonalStore, wanted: Sequence[str]) -> list[Slide]:
    """Load the runs of a person that have a clip, in the order in which they were asked for."""
    found = (store.runs.get(name) for name in wanted)
    return [show_run(run) for run in found if run and run.clip]


def show_run(run: Run) -> Slide:
    """Show one run as a comparison of a single lane, which is stored nowhere."""
    request = run.request
    lane = Lane(run.id, request.family, request.entry, request.model, run=run.id)
    idea = Idea(request.mode, request.prompt, request.values)
    return Slide(Comparison(run.id, run.owner, run.created, run.updated, idea=idea, lanes=(lane,)), {run.id: run})


def _read_times(store: PersonalStore, name: str) -> Sequence[float] | None:
    """Read the frame times of a stored clip; None where its file is gone, which the player then shows."""
    try:
        return frame_times(store.files.bring_clip(name))
    except MediaError:
        return None


def find_link(address: str, public: str) -> str:
    """Return the address under which the room reaches a view: at the public address of the app where one is set.

    Empty where the app listens on this machine alone: nobody else could open it.
    """
    parts = urlsplit(address)
    if public:
        own = urlsplit(public)
        return urlunsplit((own.scheme, own.netloc, f"{own.path.rstrip('/')}/present", parts.query, ""))
    host = parts.hostname or ""
    return "" if host in ("localhost", "::1") or host.startswith("127.") else address


def draw_code(link: str) -> str:
    """Draw a QR code of a link as SVG; empty without a link, or for one that is too long."""
    if not link or len(link) > _LONGEST_LINK:
        return ""
    import segno  # much to load for what few ask for

    return segno.make_qr(link, error="m").svg_inline(omitsize=True, border=3, dark="#000", light="#fff")


def build_page(
    slides: Sequence[Slide],
    address: Callable[[str], str],
    times: Callable[[str], Sequence[float] | None],
    *,
    start: int = 0,
    title: bool = False,
    prompt: bool = False,
    link: str = "",
) -> str:
    """Build the page. `address` and `times` as in `components.html.specs`; `start`: the index of the first slide.

    `title` and `prompt`: what is shown from the start; the rest is shown when it is asked for. `link`: see `find_link`.
    """
    data: dict[str, Any] = {
        "start": start,
        "shown": {"title": title, "prompt": prompt},
        "slides": [
            {
                "title": slide.comparison.title,
                "prompt": slide.comparison.idea.prompt,
                "spec": build_spec(slide.comparison, slide.runs, address, mode="present", times=times),
            }
            for slide in slides
        ],
    }
    name = slides[start].comparison.title.strip() if slides else ""
    nothing = "" if slides else "Nothing to present here. Open Present again from a clip or the Compare page."
    return render(
        "present.html",
        title=name or "Present",
        style=read_part("present.css") + player_style(),
        script=_read_script(),
        data=data,
        media=_MEDIA,
        nothing=nothing,
        # Drawn here from the address of this page alone; nothing else in it is markup.
        code=Markup(draw_code(link)),  # noqa: S704
        link=link,
    )


def _read_script() -> str:
    return player_script() + read_part("present.js")
