"""Callbacks: a gateway that takes an address to call is given one of ours, of the run.

Which place of a call takes it is known before (`Call.callback`). The address is made while the call leaves and stored
nowhere. What a gateway posts there is never read: it makes the worker ask, as a look that was due would.
"""

from __future__ import annotations

from dataclasses import replace

from dailies.domain import Run
from dailies.request.wire import add_callback
from dailies.settings import Settings


def settle(run: Run, settings: Settings) -> Run:
    """Return a run that is about to leave; its call has no place for an address if its gateway cannot reach us.

    So a stored run says whether the gateway was given one.
    """
    if not run.call.callback or settings.is_callable(run.gateway):
        return run
    return replace(run, call=replace(run.call, callback=""))


def add_address(run: Run, settings: Settings) -> Run:
    """Return a run with the address in its call, as it is sent and not as it is stored."""
    if not run.call.callback:
        return run
    return replace(run, call=add_callback(run.call, settings.callback_address(run.id)))
