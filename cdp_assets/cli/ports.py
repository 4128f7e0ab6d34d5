"""Ports and hosts of the UI: what is free, and what others could reach."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from cdp_assets.errors import CdpError

DEFAULT_PORT = 3000


def refuse_others(host: str, allowed: bool) -> None:
    """Raise when others would reach the UI, and that was not asked for in so many words."""
    if allowed or host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass  # a name: it may be anybody's address
    raise CdpError(
        f"--host {host}: others could reach the UI, which has no login: whoever opens it may run everything. "
        "Expected a loopback address, or --open-to-network as well where something in front asks who comes."
    )


def choose_port(host: str, wanted: int | None, say: Callable[[str], None]) -> int:
    """Give the port that was asked for, else 3000, else a free one; raises when the one asked for is taken."""
    if is_free(host, wanted or DEFAULT_PORT):
        return wanted or DEFAULT_PORT
    if wanted is not None:
        raise CdpError(f"--port {wanted}: {host} has it not free, or not at all. Expected another port or --host.")
    with _bound(host, 0) as probe:
        free: int = probe.getsockname()[1]
    say(f"Port {DEFAULT_PORT} is taken by another program; the UI listens on {free}")
    return free


def is_free(host: str, port: int) -> bool:
    """Say whether a program could listen there."""
    try:
        _bound(host, port).close()
    except OSError:
        return False
    return True


def _bound(host: str, port: int) -> socket.socket:
    """Bind as a server does, which a connection that lingers does not hinder."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    probe = socket.socket(family, kind, protocol)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    except OSError:
        probe.close()
        raise
    return probe
