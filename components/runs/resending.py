"""Sending a run without a clip once more: as it was, or without what was refused. One press makes one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from components import hosting, press, session
from components.form.sending import format_problems, show_notices
from components.press import Press
from dailies.domain import Problem, Run
from dailies.errors import DailiesError
from dailies.vocabulary import RunState
from dailies.work.actions import send_again
from dailies.work.gate import NotAdmitted
from dailies.work.mends import Mend, find_mend, send_mended


def draw_resending(run: Run) -> list[Press]:
    """Draw the buttons that send a run once more, the one that would mend it first; return their presses."""
    mend = find_mend(run, session.catalog())
    presses = [_draw_mend(run, mend)] if mend else []
    what = "Makes a new task with the same request."
    if run.state is RunState.UNSURE:
        what = "Makes a new task. If the first one was made after all, both are charged."
    again = press.draw_button(
        f"again-{run.id}",
        "Send again",
        lambda taken: _send(taken, run, lambda token: send_again(run, "", session.services().now(), token)),
        icon=":material/replay:",
        help=what,
    )
    return [*presses, again]


def report(run: Run, presses: list[Press]) -> None:
    """Draw what else a mended request changes, and why a press has sent nothing."""
    if mend := find_mend(run, session.catalog()):
        show_notices(mend.notices)
    for pressed in presses:
        if problem := pressed.report():
            st.error(format_problems([problem]), title="Not sent", icon=":material/edit:")


def _draw_mend(run: Run, mend: Mend) -> Press:
    return press.draw_button(
        f"mend-{run.id}",
        mend.label,
        lambda taken: _send(taken, run, lambda token: _mend(run, token)),
        icon=":material/volume_off:" if mend.silent else ":material/hide_image:",
        help=mend.about,
    )


def _mend(run: Run, token: str) -> Run:
    """Make the mended run; addresses of uploads are signed anew, because old ones may have expired."""
    request = run.request
    cell = session.catalog().families[request.family].cell(request.model, request.mode, request.entry)
    slots = {slot: cell.slot(slot) if cell else None for slot in request.references}
    held = {slot: hosting.host(media, slots[slot], run.gateway) for slot, media in request.references.items()}
    fresh = replace(run, request=replace(request, references=held))
    mend = find_mend(fresh, session.catalog())
    if mend is None:
        raise DailiesError("What would mend it is not offered any more. Use it again, and change it by hand.")
    return send_mended(fresh, mend, session.services().now(), token)


def _send(taken: Press, run: Run, make: Callable[[str], Run]) -> None:
    """Store the run that `make` makes of a press's token, and hand it to the worker."""
    services, mine = session.services(), session.mine()
    if problem := session.gateway_problem(run.gateway):
        taken.take()
        taken.outcome = problem
        return
    again = replace(make(taken.token), credential=session.credential(run.gateway))
    taken.take()
    try:
        (kept,) = services.send([again], agreed=taken.agreed)
    except NotAdmitted as error:
        taken.asked = taken.token if error.confirm else ""
        fix = "Press it once more to send it." if error.confirm else ""
        taken.outcome = Problem("Cost", str(error).rstrip("."), fix)
        return
    taken.asked = ""
    mine.add(kept.id)
