"""Loads what every page needs while the browser still loads its own code, and keeps it out of the search for garbage.

Streamlit looks through all objects after every run of a script: with the program's own tens of thousands among them
that costs more than drawing a page.
"""

from __future__ import annotations

import gc
import logging
import threading
from importlib import import_module
from pkgutil import walk_packages

import components
from dailies.catalog.load import load

_log = logging.getLogger(__name__)


def begin_loading() -> None:
    """Begin to load on a thread of its own: the server answers meanwhile, and a page waits for what it draws with."""
    threading.Thread(target=_load_all, name="dailies-loading", daemon=True).start()


def _load_all() -> None:
    try:
        load()
        for found in walk_packages(components.__path__, f"{components.__name__}."):
            if found.name != f"{components.__name__}.shell":  # a script that draws when it is imported
                import_module(found.name)
    except Exception:  # noqa: BLE001 - each page meets the same fault, and says it
        _log.exception("Not everything could be loaded")
    gc.collect()
    gc.freeze()
