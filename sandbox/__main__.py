"""Run the sandbox alone: `python -m sandbox --port 9000`.

Owns the command line and the server process. The application is in `app.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import threading
from pathlib import Path

import platformdirs
import uvicorn

from sandbox.app import (
    KLING_SHAPES,
    create_app,
    read_default_frame_rate,
    read_default_kling_shape,
    read_default_seconds,
    read_default_shape,
)
from sandbox.shapes import SHAPES


def choose_data_folder() -> Path:
    """Return `sandbox` below $DAILIES_HOME, or below the user's data folder."""
    home = os.environ.get("DAILIES_HOME")
    return Path(home or platformdirs.user_data_dir("dailies", appauthor=False)) / "sandbox"


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line, or `argv` in its place."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="An embedded video gateway.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=9000, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--fd", type=int, help="listen on this socket, which is open already, in place of a port")
    parser.add_argument("--data", type=Path, default=choose_data_folder(), help="folder for tasks, uploads and clips")
    parser.add_argument(
        "--seconds", type=float, default=read_default_seconds(), help="seconds that a task takes (default: %(default)s)"
    )
    parser.add_argument(
        "--frame-rate",
        type=int,
        default=read_default_frame_rate(),
        help="frames per second of the clips; fewer render faster (default: %(default)s)",
    )
    parser.add_argument(
        "--shape",
        choices=SHAPES,
        default=read_default_shape(),
        help="server to answer as (default: %(default)s)",
    )
    parser.add_argument(
        "--kling-shape",
        choices=KLING_SHAPES,
        default=read_default_kling_shape(),
        help="shape of the answers below /kling/v1 (default: %(default)s)",
    )
    parser.add_argument("--announce", action="store_true", help='print {"url": ...} as JSON once listening')
    parser.add_argument("--until-stdin-closes", action="store_true", help="exit when standard input ends")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    return parser.parse_args(argv)


class Announcer(uvicorn.Server):
    """A uvicorn server that prints its address once it listens."""

    def __init__(self, config: uvicorn.Config, url: str, announce: bool) -> None:
        super().__init__(config)
        self.url, self.announce = url, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.announce and self.started:
            print(json.dumps({"url": self.url}), flush=True)


def stop_at_end_of_input(server: uvicorn.Server) -> None:
    """Stop the server when standard input closes: the process that started it has ended."""
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = True


def open_socket(options: argparse.Namespace) -> socket.socket:
    """Return the socket to listen on."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # asyncio switches off Nagle's delay (40 ms per answer) only for sockets with an explicit protocol.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, options.fd)
    if options.fd is None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((options.host, options.port))
    return found


def main() -> None:
    """Run the server until it is told to stop."""
    options = parse_arguments()
    listening = open_socket(options)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = f"http://{host}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(
            options.data,
            seconds=options.seconds,
            frame_rate=options.frame_rate,
            shape=options.shape,
            kling_shape=options.kling_shape,
        ),
        log_level="info" if options.verbose else "warning",
        access_log=options.verbose,
        timeout_graceful_shutdown=2,
    )
    server = Announcer(config, url, options.announce)
    if options.until_stdin_closes:
        threading.Thread(target=stop_at_end_of_input, args=(server,), daemon=True).start()
    asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
