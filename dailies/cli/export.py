"""`dailies export`: the whole library as a folder or a ZIP that `dailies import` takes in elsewhere."""

from __future__ import annotations

import zipfile
from contextlib import ExitStack
from pathlib import Path

import click

from dailies.archive.pack import Folder, Target, Zip, pack_library
from dailies.catalog.load import load
from dailies.errors import DailiesError
from dailies.home import explain
from dailies.settings import Settings
from dailies.store import Store


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
def export(target: Path) -> None:
    """Write every run, clip, comparison and vote to TARGET: a new folder, or a file that ends in .zip.

    Each clip stands beside a record of its request and outcome; runs.csv lists them all. No key is written.
    """
    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise DailiesError(f"{target} exists already. Name a new folder or file.")
    settings = Settings.from_env()
    store = Store(settings.home, settings.database_url, media_url=settings.media_url)
    try:
        with ExitStack() as stack:
            where: Target = Folder(target)
            if target.suffix.lower() == ".zip":
                where = Zip(stack.enter_context(zipfile.ZipFile(target, "x")))
            number = sum(1 for _ in pack_library(store, where, load().version))
    except OSError as error:
        raise DailiesError(explain(error, target)) from error
    finally:
        store.close()
    click.echo(f"{number} records in {target}.")
