"""`dailies doctor`: questions to a gateway that cost nothing."""

from __future__ import annotations

import os
import sys

import click

from dailies.catalog.load import load
from dailies.gateway import probes
from dailies.gateway.addresses import Reach, service
from dailies.gateways import normalise
from dailies.keyring import clean_key
from dailies.text import clean


@click.command()
@click.option("--base-url", default="", help="The gateway to check.  [default: DAILIES_BASE_URL]")
@click.option("--key-env", default="DAILIES_API_KEY", show_default=True, help="The variable that holds its key.")
def doctor(base_url: str, key_env: str) -> None:
    """Check a gateway with questions that cost nothing: what it is, what will work, what to change.

    Exits with 1 if something keeps it from working.
    """
    given = clean(base_url or os.environ.get("DAILIES_BASE_URL", ""))
    if not given:
        raise click.UsageError("Name the gateway with --base-url, or set DAILIES_BASE_URL.")
    address, key = normalise(given), os.environ.get(key_env, "")
    key = clean_key(key) if key else ""
    expected = probes.expect(load())
    found = probes.examine(address, key, expected, Reach(frozenset({service(address)})), given=given)
    for finding in found.findings:
        click.echo(f"{finding.level:<8} {finding.about:<13} {finding.what} {finding.fix}".rstrip())
    sys.exit(0 if found.ok else 1)
