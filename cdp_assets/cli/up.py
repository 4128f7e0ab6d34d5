"""`cdp up`: the whole platform, until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.demo import activate, shown
from cdp_assets.cli.locations import Locations
from cdp_assets.cli.logs import LogView
from cdp_assets.cli.ports import DEFAULT_PORT, choose_port, refuse_others
from cdp_assets.cli.programs import Ports, platform, socket_folder
from cdp_assets.cli.supervise import Supervisor
from cdp_assets.defs.engine import prepare
from cdp_assets.defs.running import announce, only_one
from cdp_assets.home import Home
from cdp_assets.lakehouse.server_process import DEFAULT_MEMORY
from cdp_assets.names import PRODUCTION

if TYPE_CHECKING:
    from cdp_assets.state.database import State

NAMES = ("spark", "code", "web", "daemon", "cdp")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help=f"The UI's port.  [default: {DEFAULT_PORT}, or a free one]")
@click.option(
    "--spark-port", type=click.IntRange(1, 65535), help="Spark's port.  [default: the last one, or a free one]"
)
@click.option("--spark-memory", default=DEFAULT_MEMORY, show_default=True, help="Java's heap for Spark.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the UI listens.")
@click.option("--open-to-network", is_flag=True, help="Allow a --host that others reach. Dagster's UI has no login.")
@click.option(
    "--quiet", is_flag=True, help="Show only what `up` itself says; the programs' lines are in the log files."
)
@click.option("--module", default="cdp_assets.definitions", hidden=True, help="The code location's module.")
def up(
    port: int | None,
    spark_port: int | None,
    spark_memory: str,
    host: str,
    open_to_network: bool,
    quiet: bool,
    module: str,
) -> None:
    """Run Spark, Dagster's webserver, daemon and code server until Ctrl-C.

    A program that ends is started again. Nothing is left running, however this command ends.

    \b
    Examples:
      ./cdp up                 then open http://127.0.0.1:3000
      ./cdp up --port 3333     another port for the UI
    """
    refuse_others(host, open_to_network)
    home = Home.locate()
    view = LogView(NAMES, quiet=quiet)
    with only_one(home, view.say) as lock:
        ports = Ports(host, choose_port(host, port, view.say), spark_port)
        announce(home, ports.url)
        make_ready(home, view)
        sockets = socket_folder(home)
        programs = platform(home, sockets, ports, module, spark_memory, runs_died=lambda: runs_died(view))
        try:
            supervisor = Supervisor(programs, view, home.logs, lock)
            locations = Locations(home, sockets, ports, supervisor, view)
            supervisor.run(lambda seconds: view.say(ready_text(home, ports, seconds)), locations.tick)
        finally:
            shutil.rmtree(sockets, ignore_errors=True)


def make_ready(home: Home, view: LogView) -> None:
    """Bring everything into the state that the programs expect: jars, a first apply, folders, no run of the dead."""
    from cdp_assets.config.location import LocalLocation
    from cdp_assets.environments.revision import active_tenant
    from cdp_assets.lakehouse import jars
    from cdp_assets.state.database import State

    prepare(home)
    jars.fetch(home.root / "jars", view.say)
    state = State.open(home.state)
    if active_tenant(state, PRODUCTION) is None:
        view.say(f"Nothing is applied to {PRODUCTION} yet; applying {shown(home.tenant_config)}/")
        activate(home, "first start")
    active = active_tenant(state, PRODUCTION)
    if active is not None:
        for courier in active[1].couriers.values():
            if isinstance(courier.location, LocalLocation):
                (home.drop(PRODUCTION) / courier.location.path).mkdir(parents=True, exist_ok=True)
    tell_unfinished(state, view.say)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    runs_died(view)()


def tell_unfinished(state: State, say: Callable[[str], None]) -> None:
    """Say which applies are not at their end; nobody but their user knows whether they are to be taken up."""
    from cdp_assets.environments.drift import drift_of
    from cdp_assets.state import sandboxes

    with state.read() as conn:
        names = [PRODUCTION, *(one.environment for one in sandboxes.listed(conn))]
        found = [one for name in names for one in drift_of(conn, name)]
    for one in found:
        say(f"{one.address}: {one.message}")


def runs_died(view: LogView) -> Callable[[], None]:
    """Note which runs have died with their code server; give what closes their books.

    That is for when a code server is there: Dagster tries a failed run again at once, and only once. A storage
    that fails meanwhile stops nothing else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cdp_assets.defs.cut_off import cut_off_runs, fail_runs

    def guarded(work: Callable[[], list[str]]) -> list[str]:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - any storage may fail in its own way
            view.say(f"Runs that were cut off could not be marked as failed ({type(error).__name__})")
            return []

    found = guarded(cut_off_runs)

    def close() -> None:
        if count := len(guarded(lambda: fail_runs(found))):
            view.say(f"Runs that were cut off: {count}; marked as failed, to be tried again")

    return close


def ready_text(home: Home, ports: Ports, seconds: float) -> str:
    """Say where everything is."""
    return (
        f"Ready ({seconds:.0f} s).\n"
        f"  UI          {ports.url}\n"
        f"  drop files  {shown(home.drop(PRODUCTION))}/<courier>/\n"
        f"  exports     {shown(home.outbox(PRODUCTION))}/\n"
        f"  logs        {shown(home.logs)}/\n"
        "  stop        Ctrl-C"
    )
