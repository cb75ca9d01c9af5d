"""`dailies generate`: one request sent, waited for and saved."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import click

from dailies.cli.prepared import Prepared, prepare, take_arguments
from dailies.domain import Run
from dailies.services import Services, open_services
from dailies.work.gate import NotAdmitted
from dailies.work.life import create_run


@click.command()
@take_arguments
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Where to save the clip.")
@click.option("--yes", "agreed", is_flag=True, help="Confirm what the operator's limits want to be confirmed.")
def generate(output: Path, agreed: bool, **arguments: Any) -> None:
    """Send a request, wait for it and save the clip. The run is also kept in the library."""
    prepared = prepare(arguments)
    services = open_services()
    for notice in prepared.notices:
        click.echo(f"{notice['where']}: {notice['what']}", err=True)
    try:
        run = _send_and_wait(services, prepared, agreed)
    except NotAdmitted as error:
        how = " Add --yes to send it." if error.confirm else ""
        raise click.ClickException(f"Not sent. {error}{how}") from error
    finally:
        services.close()
    if run.clip is None:
        failure = run.failure
        at = f" at stage {failure.stage}" if failure else ""
        words = f"{failure.what} {failure.fix} {failure.charge}" if failure else "it is not finished"
        raise click.ClickException(f"Run {run.id} is {run.state}{at}: {words}")
    kept = services.store.files.bring_clip(run.clip.file)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, output)
    except OSError as error:
        what = f"The clip is made and stands in {kept}. {output} cannot be written: {error.strerror}."
        raise click.ClickException(what) from error
    facts = run.clip
    sound = "with sound" if facts.audio_codec else "silent"
    if output.suffix.lower() != facts.suffix:
        click.echo(f"The clip came as {facts.suffix}: rename {output} if a player refuses it.", err=True)
    click.echo(f"{output}  {facts.seconds:.2f} s  {facts.width}×{facts.height}  {sound}")


def _send_and_wait(services: Services, prepared: Prepared, agreed: bool) -> Run:
    for held in prepared.held.values():
        services.store.files.keep(held)
    gateway = services.settings.first_gateway()
    run = create_run(prepared.request, prepared.call, prepared.cell.route, gateway.name, services.now())
    changed = threading.Event()
    unsubscribe = services.worker.feed.subscribe(lambda ids, _: changed.set() if run.id in ids else None, watches="")
    try:
        services.send([run], agreed=agreed)
        with click.progressbar(length=100, label="sending", file=sys.stderr) as bar:
            while run.state.open:
                changed.wait(timeout=5)
                changed.clear()
                run = services.store.runs.get(run.id) or run
                bar.label = run.word or run.state.value
                bar.update(max(0, (run.percent or 0) - bar.pos))
    finally:
        unsubscribe()
    return run
