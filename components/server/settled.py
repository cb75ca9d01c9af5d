"""Loads what stays for as long as the process lives before the first page, and keeps it out of the search for garbage.

Streamlit looks through all objects after every run of a script: with the program's own tens of thousands among them
that costs more than drawing a page.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pkgutil import walk_packages

import components
from dailies.catalog.load import load


def load_all() -> None:
    """Load the catalog and everything that draws; `prepare` has it done before the server starts."""
    load()
    for found in walk_packages(components.__path__, f"{components.__name__}."):
        if found.name != f"{components.__name__}.shell":  # a script that draws when it is imported
            import_module(found.name)
    import_module("numpy")  # which Streamlit loads for the icon of the first page


def settle() -> None:
    """Keep all that is loaded by now out of the search for garbage."""
    gc.collect()
    gc.freeze()
