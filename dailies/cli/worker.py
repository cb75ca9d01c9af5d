"""`dailies worker`: attends to runs and draws no page. Any number of them may share a library."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click

from dailies.services import open_services
from dailies.settings import Settings


@click.command()
def worker() -> None:
    """Attend to the runs of a shared library until told to stop.

    It needs PostgreSQL. DAILIES_WORKER=0 keeps an app from doing the same.
    """
    settings = Settings.from_env()
    settings.works, settings.serves = True, False
    services = open_services(settings)
    told = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    click.echo(f"{services.worker.id} works.", err=True)
    told.wait()
    services.close()
