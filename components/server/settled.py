"""Loads what pages need before they need it, and keeps it out of the search for garbage.

Streamlit looks through all objects after every run of a script: with the program's own tens of thousands among them
that costs more than drawing a page.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from importlib import import_module
from pkgutil import walk_packages

import components
from components import faults
from dailies.catalog import billing
from dailies.catalog.load import load

_FIRST = ("screens.family", "screens.home")
"""What most pages are made of."""

_AT_MOST = 5.0
"""Seconds that the rest waits for a page to be drawn."""

_PAUSE = 1.0
"""Seconds that it waits for the browser to show that page."""

_log = logging.getLogger(__name__)


def load_first() -> None:
    """Load what most pages are made of. Raises `CatalogError`."""
    load()
    billing.load()
    for name in _FIRST:
        import_module(f"{components.__name__}.{name}")


def begin_loading() -> threading.Event:
    """Begin to load the rest on a thread of its own, once a page has been drawn and shown: it takes no time from that.

    Return what is set at that moment.
    """
    drawn, calm = threading.Event(), threading.Event()
    faults.at_end(drawn.set)
    threading.Thread(target=_load_rest, args=(drawn, calm), name="dailies-loading", daemon=True).start()
    return calm


def _load_rest(drawn: threading.Event, calm: threading.Event) -> None:
    gc.disable()  # what is loaded now stays: a search through it finds nothing
    try:
        gc.freeze()
        if drawn.wait(_AT_MOST):
            time.sleep(_PAUSE)
        calm.set()
        for found in walk_packages(components.__path__, f"{components.__name__}."):
            if found.name != f"{components.__name__}.shell":  # a script that draws when it is imported
                import_module(found.name)
        gc.freeze()
    except Exception:  # noqa: BLE001 - each page meets the same fault, and says it
        _log.exception("Not everything could be loaded")
    finally:
        gc.enable()
