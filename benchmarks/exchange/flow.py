"""One process that does a part of the way from the server to a table, and prints what that took as JSON.

python -m benchmarks.exchange.flow raw|typed|steps < facts.json
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.exchange.orders import RAW, TYPED
from cdp_assets.config.courier import Courier
from cdp_assets.exchange.codecs import Keyring, contents
from cdp_assets.exchange.codecs.pgp.decrypt import decrypted
from cdp_assets.exchange.locations import Location, open_location
from cdp_assets.exchange.streams import drain
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION
from cdp_assets.secrets import Secret
from cdp_assets.sources.landing import land
from cdp_assets.sources.load import load_pending
from cdp_assets.state import environments
from cdp_assets.state.database import State

FEEDS = {"raw": RAW, "typed": TYPED}


@dataclass(frozen=True)
class Facts:
    """What a process is told: where it works, which courier it is, and the secrets of its credentials."""

    folder: Path
    courier: Courier
    login: dict[str, Secret]
    keyring: Keyring

    @classmethod
    def told(cls, text: str) -> Facts:
        """Read them as JSON."""
        told = json.loads(text)
        login = {field: Secret(value) for field, value in told["login"].items()}
        keyring = Keyring(Secret(told["private_keys"]), Secret(told["passphrase"]))
        return cls(Path(told["folder"]), Courier.model_validate(told["courier"]), login, keyring)

    @property
    def location(self) -> Location:
        """The courier's place."""
        return open_location(self.courier.location, self.folder, self.login)


def loaded(facts: Facts, variant: str) -> dict[str, Any]:
    """Land what is new and load it, raw or with the feed on."""
    home = facts.folder / variant
    home.mkdir(exist_ok=True)
    state = State.open(str(home / "state.db"))
    with state.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    started = time.monotonic()
    land(facts.courier, facts.location, state=state, lake_root=home / "lake", environment=PRODUCTION)
    landed = time.monotonic()
    results = load_pending(
        FEEDS[variant],
        facts.courier,
        state=state,
        lake_root=home / "lake",
        environment=PRODUCTION,
        landing_environment=PRODUCTION,
        table_path="orders",
        keyring=facts.keyring,
    )
    done = time.monotonic()
    return {
        "landing_s": landed - started,
        "loading_s": done - landed,
        "rows": delta.count(home / "lake" / "orders"),
        "rejected": sum(result.rows_rejected for result in results),
    }


def steps(facts: Facts) -> dict[str, Any]:
    """Time what is before the parser, each step with those before it that it needs."""
    (file,) = facts.location.list()
    copy = facts.folder / file.name
    with facts.location.fetch(file.name) as source, copy.open("wb") as target:
        fetch_s = _seconds(iter(lambda: target.write(source.read(4 << 20)), 0))
    with copy.open("rb") as stream, decrypted(stream, file.name, facts.keyring) as message:
        decrypt_s = _seconds(map(drain, [message]))
    with copy.open("rb") as stream:
        found = contents(stream, file.name, archive=facts.courier.files[0].archive, keyring=facts.keyring)
        unpack_s = _seconds(map(_drained, found))
    return {"fetch_s": fetch_s, "decrypt_s": decrypt_s, "unpack_s": unpack_s}


def _drained(named: tuple[str, BinaryIO]) -> None:
    drain(named[1])


def _seconds(work: Iterable[object]) -> float:
    started = time.monotonic()
    for _ in work:
        pass
    return time.monotonic() - started


def main() -> None:
    """Do the part that is asked for."""
    what, facts = sys.argv[1], Facts.told(sys.stdin.read())
    found = steps(facts) if what == "steps" else loaded(facts, what)
    ours, gpgs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    found["cpu_s"] = sum(one.ru_utime + one.ru_stime for one in (ours, gpgs))
    # gpg takes 10 MB; what is reported of it is this process's own size, from which it was forked.
    print(json.dumps(found | {"memory_mb": ours.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
