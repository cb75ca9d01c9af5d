"""Where the parts that are no part of this package stand: app, pages, components, catalog and sandbox."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PACKED = _HERE / "_tree"

TREE = _PACKED if _PACKED.is_dir() else _HERE.parent
"""The folder that holds them: inside the package where that was installed, beside it in a checkout."""
