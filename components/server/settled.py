"""Loads what pages need while the browser still loads its own code, and keeps it out of the search for garbage.

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


def begin_loading() -> None:
    """Begin to load on a thread of its own: the server answers meanwhile, and a page waits for what it draws with.

    What the first page does not draw with waits for it, and takes no time from it.
    """
    drawn = threading.Event()
    faults.at_end(drawn.set)
    threading.Thread(target=_load_all, args=(drawn,), name="dailies-loading", daemon=True).start()


def _load_all(drawn: threading.Event) -> None:
    gc.disable()  # what is loaded now stays: a search through it finds nothing
    try:
        _load_first()
        gc.freeze()
        if drawn.wait(_AT_MOST):
            time.sleep(_PAUSE)
        for found in walk_packages(components.__path__, f"{components.__name__}."):
            if found.name != f"{components.__name__}.shell":  # a script that draws when it is imported
                import_module(found.name)
        gc.freeze()
    except Exception:  # noqa: BLE001 - each page meets the same fault, and says it
        _log.exception("Not everything could be loaded")
    finally:
        gc.enable()


def _load_first() -> None:
    load()
    billing.load()
    for name in _FIRST:
        import_module(f"{components.__name__}.{name}")
