"""`dailies sandbox`: the embedded gateway alone, as `python -m sandbox` starts it in a checkout."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence

import click

from dailies.tree import TREE


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def sandbox(options: Sequence[str]) -> None:
    """Serve the gateway's wire without the app; --help lists its options."""
    sys.argv = ["sandbox", *options]
    sys.path.insert(0, str(TREE))
    runpy.run_module("sandbox", run_name="__main__", alter_sys=True)  # by name: it shares nothing with `dailies`
