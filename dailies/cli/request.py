"""`dailies request`: the exact request, printed and not sent."""

from __future__ import annotations

import json
from typing import Any

import click

from dailies.cli.prepared import prepare, take_arguments
from dailies.settings import Settings
from dailies.vocabulary import CALLBACK, parameter_name


@click.command()
@take_arguments
def request(**arguments: Any) -> None:
    """Print the exact request without sending it, as one JSON object."""
    prepared, settings = prepare(arguments), Settings.from_env()
    if prepared.call.callback and settings.is_callable(settings.first_gateway().name):
        what = f"An address of this installation is added at {prepared.call.callback} when the request leaves."
        prepared.notices.append({"where": parameter_name(CALLBACK).title, "what": what})
    click.echo(json.dumps(prepared.describe(), ensure_ascii=False, indent=2))
