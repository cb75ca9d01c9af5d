"""`dailies import`: takes what `dailies export` has written, or a downloaded ZIP of runs, into the library."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import click

from dailies.archive.source import FolderSource, Source, ZipSource
from dailies.archive.unpack import take_in
from dailies.catalog.load import load
from dailies.errors import DailiesError
from dailies.home import explain
from dailies.settings import Settings
from dailies.store import Store


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
def import_(source: Path) -> None:
    """Take the runs of SOURCE, a folder or a ZIP, into the library.

    What is here already stays as it is, and nothing that comes in is sent by itself.
    """
    settings = Settings.from_env()
    store = Store(settings.home, settings.database_url, media_url=settings.media_url)
    try:
        with ExitStack() as stack:
            archive: Source = (
                FolderSource(source) if source.is_dir() else stack.enter_context(closing(ZipSource(source)))
            )
            taken = take_in(archive, store, load(), datetime.now(UTC))
    except OSError as error:
        raise DailiesError(explain(error, source)) from error
    finally:
        store.close()
    click.echo(f"{taken.runs} runs and {taken.comparisons} comparisons came in; {taken.here} were here already.")
    if taken.catalogs:
        click.echo(f"Written with another version of the catalog: {', '.join(taken.catalogs)}.", err=True)
    for name in taken.lost:
        click.echo(f"The archive does not hold {name}.", err=True)
    for run, reasons in taken.differs.items():
        click.echo(f"Run {run[:8]} cannot be sent here as it is: {' '.join(reasons)}", err=True)
