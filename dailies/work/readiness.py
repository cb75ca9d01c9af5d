"""Whether a process can do its work: database, disk, worker, and the gateway that people begin with."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from dailies.errors import StoreError
from dailies.gateway.health import Health
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.work.worker import Worker

LEAST_FREE = 256 * 1024 * 1024
"""Bytes that have to be free on the disk of the home: a few clips."""

LONGEST_LOOK = 60.0
"""Seconds after which a worker that has not looked for due work counts as stuck; a locked database takes it 30."""


def find_faults(
    settings: Settings, keyring: Keyring, store: Store, worker: Worker, health: Health
) -> Mapping[str, str]:
    """Return {part: sentence} of what is not ready; empty if everything is.

    Asks the disk and the database. Of the gateway it says what is known, and has a check repeated that is a minute old.
    """
    faults: dict[str, str] = {}
    try:
        store.revision()
    except StoreError as error:
        faults["database"] = str(error)
    try:
        free = shutil.disk_usage(settings.home).free
        if free < LEAST_FREE:
            faults["disk"] = (
                f"{free // 1024**2} MB are free on the disk of {settings.home}; {LEAST_FREE // 1024**2} MB are needed. "
                "Free space there."
            )
    except OSError as error:
        faults["disk"] = f"The home folder {settings.home} cannot be read: {error.strerror}."
    if not worker.is_alive(LONGEST_LOOK):
        faults["worker"] = f"The worker has not looked for work for {LONGEST_LOOK:.0f} s. Restart dailies."
    gateway = settings.first_gateway()
    if keyring.get("", gateway.name) is not None:  # without a key of the operator's, nobody can ask
        check = health.latest(gateway.name)
        if check is not None and not check.ok:
            faults["gateway"] = f"{gateway.title}: {check.words}"
    return faults
