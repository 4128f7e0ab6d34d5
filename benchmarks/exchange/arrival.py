"""What a customer does by hand: packs the day's file, encrypts it to our key, puts it on a server of theirs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.config.courier import Courier
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.secrets import Secret
from tests.pgp import PASSPHRASE, GpgTool, Key
from tests.sftp_server import SftpServer

FOLDER = "orders"


@dataclass(frozen=True)
class Arrivals:
    """A server with files, and what the courier reaches and opens them with."""

    server: SftpServer
    gpg: GpgTool
    key: Key

    def put(self, plain: Path) -> Path:
        """Let a file arrive as `<name>.tgz.pgp`, made by the stock tools; give its place on the server's disk."""
        packed = plain.with_suffix(".tgz")
        run("tar", "-czf", str(packed), "-C", str(plain.parent), plain.name)
        folder = self.server.home / FOLDER
        folder.mkdir(exist_ok=True)
        arrived = folder / f"{packed.name}.pgp"
        options = ("--encrypt", "--recipient", self.key.fingerprint, "-z", "0", "--output", str(arrived))
        self.gpg.run(*options, str(packed))
        packed.unlink()
        return arrived

    @property
    def keyring(self) -> Keyring:
        """What opens the files."""
        return Keyring(Secret(self.key.private), Secret(PASSPHRASE))

    @property
    def courier(self) -> Courier:
        """The courier that fetches them."""
        place = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "host_key": self.server.host_key(),
            "path": FOLDER,
            "settle_s": 0,
        }
        file = {"tag": "orders", "pattern": "'orders_'yyyy'_'MM'_'dd'.tgz.pgp'", "format": {"kind": "csv"}}
        return Courier.model_validate(
            {
                "name": "orders",
                "location": {"kind": "sftp"} | place,
                "credential": "server",
                "files": [file | {"archive": {"contents": "*.csv"}}],
                "load": [{"feed": "shop_orders", "file": "orders"}],
            }
        )


def run(name: str, *arguments: str) -> None:
    """Run a program of the machine, its output thrown away."""
    program = shutil.which(name)
    assert program is not None, f"{name} is not installed"
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=600)
