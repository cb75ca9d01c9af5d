"""`dailies run`: the app, as `streamlit run app.py` starts it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence

import click

from dailies.tree import TREE


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--host", default="", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", default=0, help="The port.  [default: 8501]")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def run(host: str, port: int, options: Sequence[str]) -> None:
    """Start the app and its worker. OPTIONS go on to Streamlit, such as --server.baseUrlPath."""
    sys.argv = ["streamlit", "run", str(TREE / "app.py"), "--server.headless", "true"]
    sys.argv += ["--server.address", host] if host else []
    sys.argv += ["--server.port", str(port)] if port else []
    sys.argv += options
    # By name: nothing in `dailies` imports what draws. In this process: signals reach the server.
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
