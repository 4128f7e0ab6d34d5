"""The programs of `cdp up`: Spark, the code server, Dagster's webserver and daemon, and how each shows its health."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cdp_assets.cli.child import Program
from cdp_assets.defs.running import ask
from cdp_assets.hashing import sha256_of
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.lakehouse.server_process import ALREADY_RUNNING
from cdp_assets.names import PRODUCTION

LONGEST_SOCKET_FOLDER = 80
"""A Unix socket's path may have 104 bytes on macOS; names in the folder take up to 20."""
PING = b"\n\x02up"
"""DagsterApi's PingRequest(echo="up")."""
SPARK_ROUTINE = (
    r"Set SPARK_LOCAL_IP|resolves to a loopback address|NativeCodeLoader|spark\.local\.dir will be overridden"
)
"""What Spark says at every start on one machine, of no use to anybody."""
DAEMON_ROUTINE = (
    r"Checking for new runs|Sensor \w+ skipped|Priority sorting|runs for monitoring|MonitoringDaemon - INFO - Checking"
    r"|No cursor for event type|Instance is configured with the following daemons"
)
DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"


@dataclass(frozen=True)
class Ports:
    """Where the programs listen; `spark` None keeps the last port, or takes a free one."""

    host: str
    web: int
    spark: int | None

    @property
    def url(self) -> str:
        """The UI's address, as seen from this machine."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked for, not bound here
        host = everywhere.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.web}"


def platform(
    home: Home, sockets: Path, ports: Ports, module: str, spark_memory: str, runs_died: Callable[[], Callable[[], None]]
) -> list[Program]:
    """Give the programs of a home in the order of their start; they stop in the opposite one.

    `runs_died` is called when the code server has died, and the processes of runs with it; what it gives, when
    there is a code server again.
    """
    workspace = home.dagster / "workspace.yaml"
    workspace.write_text(workspace_text(sockets, [PRODUCTION]))
    environment = child_environment(home, sockets)
    python = [sys.executable, "-m"]
    spark_port = ["--port", str(ports.spark)] if ports.spark else []
    return [
        Program(
            "spark",
            [*python, "cdp_assets.lakehouse.server_process", str(home.root), "--memory", spark_memory, *spark_port],
            environment,
            healthy=lambda pid: spark_answers(home, pid),
            grace_s=8,
            routine=SPARK_ROUTINE,
            elsewhere=ALREADY_RUNNING,
        ),
        replace(code_program(home, sockets, PRODUCTION, module), when_dead=runs_died),
        Program(
            "web",
            [*python, "cdp_assets.defs.webserver", ports.host, str(ports.web), str(workspace)],
            environment,
            healthy=lambda _: web_answers(ports.url),
            after=("code",),
            grace_s=4,
        ),
        Program(
            "daemon",
            [*python, "dagster._daemon", "run", "--workspace", str(workspace)],
            environment,
            healthy=lambda _: daemons_tick(ports.url),
            after=("code", "web"),
            grace_s=8,
            patience_s=300,
            routine=DAEMON_ROUTINE,
        ),
    ]


def socket_folder(home: Home) -> Path:
    """Give an empty folder, only for this user, for sockets and temporary files; a short one where the home is deep.

    The code server runs whatever it is asked to: a socket in such a folder is out of other users' reach.
    """
    folder = home.root / "run"
    shutil.rmtree(folder, ignore_errors=True)
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        return Path(tempfile.mkdtemp(prefix="cdp-"))
    folder.mkdir(mode=0o700)
    return folder


def code_program(home: Home, sockets: Path, environment: str, module: str = "cdp_assets.definitions") -> Program:
    """Give the code server of one environment. It loads our own code, never what lies in a sandbox's folder."""
    socket = socket_of(sockets, environment)
    return Program(
        "code" if environment == PRODUCTION else f"code:{environment}",
        [
            *(sys.executable, "-m", "dagster", "code-server", "start", "--socket", str(socket)),
            *("--module-name", module, "--working-directory", str(REPOSITORY), "--location-name", environment),
            *("--use-python-environment-entry-point", "--log-level", "warning"),
        ],
        child_environment(home, sockets) | {"CDP_ENVIRONMENT": environment},
        healthy=lambda _: code_server_answers(socket),
        grace_s=15,
        patience_s=60,
    )


def socket_of(sockets: Path, environment: str) -> Path:
    """Give the socket of an environment's code server; short, whatever the sandbox is called."""
    name = "code" if environment == PRODUCTION else sha256_of(environment)[:12]
    return sockets / f"{name}.sock"


def workspace_text(sockets: Path, environments: Sequence[str]) -> str:
    """Give Dagster's workspace: one code server per environment."""
    lines = [
        f"  - grpc_server: {{socket: {json.dumps(str(socket_of(sockets, one)))}, location_name: {json.dumps(one)}}}\n"
        for one in environments
    ]
    return "load_from:\n" + "".join(lines)


def child_environment(home: Home, temporary: Path) -> dict[str, str]:
    """Give what every program needs to find the home; nothing is reported to anybody."""
    return os.environ | {
        "CDP_HOME": str(home.root),
        "CDP_TENANT_CONFIG": str(home.tenant_config),
        "DAGSTER_HOME": str(home.dagster),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
    }


def spark_answers(home: Home, pid: int) -> bool:
    """Say whether this very process serves Spark, and takes the home's token."""
    from cdp_assets.lakehouse.address import server_address
    from cdp_assets.lakehouse.health import answers

    address = server_address(home.root)
    return address is not None and address.pid == pid and answers(address)


def code_server_answers(socket: Path) -> bool:
    """Say whether the code server answers, the process behind its proxy too."""
    import grpc

    with grpc.insecure_channel(f"unix:{socket}") as channel:
        ping: Callable[..., bytes] = channel.unary_unary("/api.DagsterApi/Ping")
        try:
            ping(PING, timeout=5)
        except grpc.RpcError:
            return False
    return True


def web_answers(url: str) -> bool:
    """Say whether the webserver answers."""
    try:
        return "dagster_webserver_version" in ask(url, "/server_info", None, timeout_s=5)
    except (OSError, http.client.HTTPException, ValueError):
        return False


def daemons_tick(url: str) -> bool:
    """Say whether every daemon that Dagster needs has ticked of late."""
    try:
        answer = ask(url, "/graphql", {"query": DAEMONS}, timeout_s=10)
        statuses = answer["data"]["instance"]["daemonHealth"]["allDaemonStatuses"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return False
    return all(status["healthy"] for status in statuses if status["required"])
