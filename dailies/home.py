"""Opens the home folder, and words for people why a folder or file cannot be used.

A sentence names the path, the cause and the way out.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from dailies.errors import DailiesError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR})


def open_home(home: Path) -> None:
    """Create the home, for its owner alone, and try to write to it. Raises `DailiesError` where that fails."""
    probe = home / f".probe-{secrets.token_hex(8)}"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        try:
            probe.write_bytes(b"dailies")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise DailiesError(explain(error, home, "The home folder")) from error


def explain(error: OSError, path: Path, what: str = "") -> str:
    """Return one line about a path that cannot be used. `what` says what it is to a person."""
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
    shown = path if named.name.startswith(".") or not named.is_relative_to(path) else named
    cause = error.strerror or type(error).__name__
    return f"{f'{what} ' if what else ''}{shown} cannot be used: {cause}. {_advise(error)}"


def _advise(error: OSError) -> str:
    if error.errno in _FULL:
        return "Free space on its disk."
    if error.errno in _FORBIDDEN:
        return "Make it readable and writable for the user who runs dailies, or name another folder in DAILIES_HOME."
    if error.errno in _IN_THE_WAY:
        return "Move away what stands there, or name another folder in DAILIES_HOME."
    return "Check the path, or name another folder in DAILIES_HOME."
