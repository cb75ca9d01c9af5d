"""`dailies sweep`: puts away what the operator's rule for old clips takes, or says what it would take."""

from __future__ import annotations

import click

from dailies.settings import Settings
from dailies.store import Store
from dailies.work.retention import plan_sweep, put_away


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def sweep(dry_run: bool) -> None:
    """Delete clips that are older than DAILIES_KEEP_DAYS or beyond DAILIES_QUOTA_GB, as the worker does once a day.

    What is starred, in a comparison or continued by another run stays. The rest can be brought back for a week. A
    new or stricter limit takes nothing in its first week, so that everybody has been told.
    """
    settings = Settings.from_env()
    if not settings.retention:
        click.echo("Clips stay for good: neither DAILIES_KEEP_DAYS nor DAILIES_QUOTA_GB is set.")
        return
    store = Store(settings.home, settings.database_url, media_url=settings.media_url)
    try:
        people, now = store.people.all(), store.clock()
        act = plan_sweep if dry_run else put_away
        found = act(store, settings.retention, now)
        coming = plan_sweep(store, settings.retention, now, at=found.begins) if found.begins else None
    finally:
        store.close()
    for each in found.all:
        why = "old" if each in found.aged else "quota"
        owner = people[each.owner].title if each.owner in people else each.owner or "everybody"
        click.echo(f"{each.created:%Y-%m-%d}  {each.run[:8]}  {each.size / 1e6:8.1f} MB  {why:5}  {owner}")
    done = "would be deleted" if dry_run else "were deleted and can be brought back for a week"
    click.echo(f"{len(found.all)} runs with {found.size / 1e6:.1f} MB {done}.")
    if coming and found.begins:
        click.echo(
            f"The rule is new or stricter than before. All of it counts from {found.begins:%Y-%m-%d %H:%M} UTC on, and "
            f"takes {len(coming.all)} runs with {coming.size / 1e6:.1f} MB then, if nothing changes."
        )
