"""`dailies request`: the exact request, printed and not sent."""

from __future__ import annotations

import json
from typing import Any

import click

from dailies.cli.prepared import prepare, take_arguments


@click.command()
@take_arguments
def request(**arguments: Any) -> None:
    """Print the exact request without sending it, as one JSON object."""
    prepared = prepare(arguments)
    click.echo(json.dumps(prepared.describe(), ensure_ascii=False, indent=2))
