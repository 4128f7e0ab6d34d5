"""`cdp demo`: the demo retailer, from dropped files to delivered exports."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.defs.engine import prepare, spark_server
from cdp_assets.errors import CdpError
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION

if TYPE_CHECKING:
    from dagster import AssetKey

SAMPLE = REPOSITORY / "sample_data" / "acme"
DAYS = (dt.date(2026, 11, 20), dt.date(2026, 11, 21), dt.date(2026, 11, 22))
DATE_SPELLINGS = ("%Y_%m_%d", "%Y-%m-%d", "%Y%m%d")


@click.command()
@click.option("--all", "all_days", is_flag=True, help="All three days, one after the other, instead of the first.")
def demo(all_days: bool) -> None:
    """Run the main job on the demo retailer and say where its exports are.

    \b
    Examples:
      ./cdp demo          day 1, business date 2026-11-20
      ./cdp demo --all    days 1, 2 and 3; people keep their ids
    """
    started = time.monotonic()
    home = Home.locate()
    prepare(home)
    activate(home)
    days = DAYS if all_days else DAYS[:1]
    with spark_server(home):
        for day in days:
            files = drop(day, home.drop(PRODUCTION))
            click.echo(f"\n{day:%Y-%m-%d}: {len(files)} files dropped into {shown(home.drop(PRODUCTION))}/")
            run_full(home, day)
    _say_what_there_is(home, time.monotonic() - started)


def activate(home: Home, message: str = "demo") -> None:
    """Plan the tenant's files and apply the plan, as an engineer would; an unchanged tenant changes nothing."""
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.config.tenant_files import texts_of
    from cdp_assets.defs.applying import ports_of
    from cdp_assets.environments.apply import Options, apply_plan
    from cdp_assets.environments.plan_text import render, summary
    from cdp_assets.environments.planning import make_plan
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State

    state = State.open(home.state)
    plan = make_plan(state, load_tenant(home.tenant_config), PRODUCTION, user=acting_user())
    click.echo(render(plan) if plan.is_empty else summary(plan))
    options = Options(message=message, files=texts_of(home.tenant_config))
    apply_plan(state, plan, acting_user(), options, ports_of(home, state, click.echo))


def drop(day: dt.date, target: Path) -> list[str]:
    """Copy a day's files into the drop folder, each written beside its place and renamed."""
    names = []
    for source in sorted(of_day(day)):
        place = target / source.relative_to(SAMPLE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place.with_name(f".{place.name}.part"))
        os.replace(place.with_name(f".{place.name}.part"), place)
        names.append(place.name)
    return names


def of_day(day: dt.date) -> Iterator[Path]:
    """Give the sample files whose name holds a day's date."""
    spellings = [day.strftime(spelling) for spelling in DATE_SPELLINGS]
    return (path for path in SAMPLE.rglob("*.*") if path.is_file() and any(text in path.name for text in spellings))


def run_full(home: Home, day: dt.date, environment: str = PRODUCTION) -> None:
    """Run the job `full` in this process."""
    run_job(home, "full", day, environment)


def run_job(
    home: Home,
    name: str,
    day: dt.date,
    environment: str,
    mode: str = "normal",
    *,
    only: Callable[[Collection[AssetKey]], Collection[AssetKey]] | None = None,
    config: Mapping[str, object] | None = None,
) -> None:
    """Run a job, or `only` some of its assets, in this process, one line per step.

    `config` is the run's configuration of steps: name -> values. Raises CdpError naming the steps that failed.
    """
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    import dagster as dg

    from cdp_assets.defs.environment import environment_definitions
    from cdp_assets.defs.platform import BUSINESS_DATE_TAG, MODE_TAG

    with lines_of_progress():
        job = environment_definitions(home, environment).resolve_job_def(name)
        result = job.execute_in_process(
            instance=dg.DagsterInstance.get(),
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {step: {"config": values} for step, values in (config or {}).items()},
            },
            asset_selection=None if only is None else list(only(job.asset_layer.selected_asset_keys)),
            tags={BUSINESS_DATE_TAG: day.isoformat(), MODE_TAG: mode},
            raise_on_error=False,
        )
    if not result.success:
        failures = [event for event in result.all_events if event.is_step_failure]
        texts = [(event.step_failure_data.user_failure_data or event.step_failure_data.error) for event in failures]
        raise CdpError("The run failed:\n" + "\n".join(f"  {getattr(t, 'description', None) or t}" for t in texts))


class lines_of_progress(logging.Handler):  # noqa: N801 - used as a `with` statement
    """Prints what the platform's steps log while the block runs."""

    def __enter__(self) -> lines_of_progress:
        """Listen to the platform's logger."""
        logger = logging.getLogger("cdp_assets")
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        logging.getLogger("cdp_assets").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        click.echo(f"  {record.getMessage()}")


def _say_what_there_is(home: Home, seconds: float) -> None:
    outbox = home.outbox(PRODUCTION)
    click.echo(f"\nDone in {seconds:.0f} s. Delivered to {shown(outbox)}/:")
    for path in sorted(path for path in outbox.rglob("*") if path.is_file() and not path.name.startswith(".")):
        click.echo(f"  {path.relative_to(outbox)}  ({path.stat().st_size:,} bytes)")
    click.echo("\nNext: `./cdp up` opens the platform in the browser.")


def shown(path: Path) -> str:
    """Give a path relative to where the user stands, where it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
