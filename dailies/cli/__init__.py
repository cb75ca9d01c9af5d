"""The command line: `dailies run | worker | models | request | generate | doctor | export | import | sweep |
sandbox`.

Each command is a module of its own, loaded when it is called: a list of models needs neither database nor decoder.
"""

from __future__ import annotations

import gc
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from dailies import __version__
from dailies.errors import DailiesError
from dailies.logs import LEVELS, set_up

_COMMANDS = ("run", "worker", "models", "request", "generate", "doctor", "export", "import", "sweep", "sandbox")
"""Each is the name of a module here and of the command in it; a word of Python itself has a `_` behind it there."""


class _Group(click.Group):
    """Loads a command when it is named. Ends it with one line and exit code 1 where dailies has a sentence for why."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = f"{name}_" if iskeyword(name) else name
        gc.disable()  # what is loaded stays: a search for garbage among it takes longer than many a command
        try:
            command: click.Command = getattr(import_module(f"dailies.cli.{module}"), module)
        finally:
            gc.freeze()
            gc.enable()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DailiesError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
@click.option(
    "--log-level", envvar="DAILIES_LOG_LEVEL", default="warning", show_default=True, type=click.Choice(LEVELS)
)
@click.version_option(__version__, prog_name="dailies")
def main(log_level: str) -> None:
    """Use video-generation models behind one gateway."""
    set_up(log_level)
