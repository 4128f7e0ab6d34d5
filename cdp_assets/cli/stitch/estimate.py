"""`cdp stitch estimate`: what a run will compare, need and take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.environment import stitched_environment
from cdp_assets.home import Home

if TYPE_CHECKING:
    from polars import DataFrame

    from cdp_assets.config.stitch import Stitch
    from cdp_assets.stitch.estimate import Estimate

FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command()
@click.argument("source", metavar="[IN]", type=FILE, required=False)
@click.option("--settings", type=FILE, help="A stitch.yaml for IN; without it every setting has its default.")
@click.option("--sandbox", metavar="NAME", help="A sandbox's tables instead of production's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def estimate(source: Path | None, settings: Path | None, sandbox: str | None, as_json: bool) -> None:
    """Say what resolving IN, or else the published tables of the tenant, will compare, need and take.

    Records and pairs are counted as a run over all of them counts them, with the tenant's labels and lists, which takes
    a small part of its time. Memory and seconds follow from what a record and a pair cost on two cores. Nothing is
    written.

    \b
    Examples:
      ./cdp stitch estimate
      ./cdp stitch estimate people.parquet --json
      ./cdp stitch estimate --sandbox loyalty-v2
    """
    if source is None and settings is not None:
        raise click.UsageError("--settings belongs to a file. Without IN, the tenant's own are used.")
    if source is not None and sandbox is not None:
        raise click.UsageError("Give IN or --sandbox, not both.")
    found = _of_file(source, settings) if source is not None else _of_tenant(sandbox)
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else "\n".join(_lines(found)))


def _of_file(source: Path, settings: Path | None) -> Estimate:
    from cdp_assets.config.loader import load_stitch
    from cdp_assets.config.stitch import Stitch
    from cdp_assets.stitch import bare_file

    records = bare_file.read(source).records
    return _estimated(records, Stitch() if settings is None else load_stitch(settings), {}, tables=False)


def _of_tenant(sandbox: str | None) -> Estimate:
    from cdp_assets.defs.engine import spark_server
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.environments.stitch_input import stitch_input, stitch_steering
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.lakehouse.session import SparkSessions

    state, environment = stitched_environment(sandbox)
    tenant, home = applied_tenant(state, environment), Home.locate()
    publication = current_publication(state, environment)
    with spark_server(home):
        lake = Lake(home.lake, SparkSessions.for_home(home.root))
        records = stitch_input(lake, publication, tenant)
        steering = stitch_steering(lake, publication, tenant)
    return _estimated(records, tenant.stitch, steering, tables=True)


def _estimated(records: DataFrame, settings: Stitch, steering: Mapping[str, Any], *, tables: bool) -> Estimate:
    """Give the estimate; `steering` is what `Given` holds beside a key."""
    from cdp_assets.stitch.estimate import counts_of, engine_of, estimate
    from cdp_assets.stitch.given import Given

    counts = counts_of(records, settings, Given(key=b"", **steering))
    return estimate(counts, engine_of(records.height, settings), tables=tables)


def _lines(found: Estimate) -> list[str]:
    counts = found.counts
    stages = [f"  {name:<10} {seconds:9,.1f} s" for name, seconds in found.seconds.items()]
    disk = f", {found.disk_bytes / 1e9:,.1f} GB of disk for a while" if found.disk_bytes else ""
    return [
        f"{counts.records:,} records, of which {counts.people:,} differ: {counts.pairs:,} pairs to compare",
        f"In {'Spark' if found.engine == 'spark' else found.engine}: about {found.total_s:,.0f} s on two cores, "
        f"{found.memory_bytes / 1e9:,.1f} GB of memory{disk}",
        *stages,
    ]
