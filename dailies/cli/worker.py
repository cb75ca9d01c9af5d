"""`dailies worker`: attends to runs and draws no page. Any number of them may share a library."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

import click

from dailies.services import open_services
from dailies.settings import Settings
from dailies.work.status import serve_status


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address for --port.")
@click.option("--port", default=0, help="Answer /healthz, /readyz and /metrics there.  [default: nowhere]")
def worker(host: str, port: int) -> None:
    """Attend to the runs of a shared library until told to stop.

    It needs PostgreSQL. DAILIES_WORKER=0 keeps an app from doing the same.
    """
    settings = Settings.from_env()
    settings.works, settings.serves = True, False
    told = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    services = open_services(settings)
    close: Callable[[], None] = lambda: None  # noqa: E731 - nothing was opened
    try:
        if port:
            close = serve_status(host, port, settings.metrics_token, services.find_faults, services.render_metrics)
        click.echo(f"{services.worker.id} works.", err=True)
        told.wait()
    finally:
        close()
        services.close()
