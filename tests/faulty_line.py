"""A line to a server that a test can cut, stall and take down: a TCP proxy on loopback, under any protocol."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Direction = Literal["to_client", "to_server"]
CHUNK_BYTES = 64 << 10
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER so that closing sends a reset, as a server that dies does."""


@dataclass(frozen=True)
class Fault:
    """What befalls one connection when `after_bytes` of one direction have passed."""

    after_bytes: int
    direction: Direction
    then: Literal["cut", "stall"]


class FaultyLine:
    """A port of loopback that passes every byte on to a server; the faults asked for befall the next connections."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._faults: deque[Fault] = deque()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.pause_s = 0.0
        """What every piece waits for, either way, before it is passed on: a slow server, or one far away."""
        self.connections = 0
        """How many were made so far, cut ones too."""
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    @property
    def living(self) -> int:
        """How many connections there are now."""
        with self._lock:
            return len(self._open) // 2

    def cut(self, after_bytes: int, direction: Direction, *, times: int = 1) -> None:
        """Reset each of the next connections when so many bytes have gone that way; later ones live."""
        self._faults.extend([Fault(after_bytes, direction, "cut")] * times)

    def stall(self, after_bytes: int = 0, *, times: int = 1) -> None:
        """Hold back what the server says on each of the next connections after so many bytes, and keep them open."""
        self._faults.extend([Fault(after_bytes, "to_client", "stall")] * times)

    def down(self) -> None:
        """Refuse connections, and cut those that there are."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            cut, self._open = self._open, set()
        for one in cut:
            _reset(one)

    def up(self) -> None:
        """Take connections again, at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            fault = self._faults.popleft() if self._faults else None
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._open |= {client, server}
            for source, target, direction in ((client, server, "to_server"), (server, client, "to_client")):
                mine = fault if fault is not None and fault.direction == direction else None
                threading.Thread(target=self._pass_on, args=(source, target, mine), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, fault: Fault | None) -> None:
        left = None if fault is None else fault.after_bytes
        try:
            while left != 0:
                chunk = source.recv(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
                if not chunk:
                    break
                time.sleep(self.pause_s)
                target.sendall(chunk)
                left = None if left is None else left - len(chunk)
        except OSError:
            left = None
        if left == 0 and fault is not None and fault.then == "stall":
            return
        for one in (source, target):
            _reset(one) if left == 0 else _end(one)
        with self._lock:
            self._open -= {source, target}


def _reset(one: socket.socket) -> None:
    """Close at once; a thread that waits for bytes of it wakes."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RD)
    one.close()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def faulty_line(server_port: int) -> Iterator[FaultyLine]:
    """Give a line to a server for the block."""
    line = FaultyLine(server_port)
    try:
        yield line
    finally:
        line.down()
