"""Damaged files of every format: a clear error or a load, never anything else, and never half of a file."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.errors import SourceError
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from tests.integration.sources.shop import TABLE, Shop

SAMPLE = REPOSITORY / "sample_data" / "acme"
TENANT = load_tenant(REPOSITORY / "tenant_config")
ROUNDS = 60


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Cut, flip, repeat or swap some bytes."""
    start = draw.randrange(len(content))
    length = draw.choice([1, 3, 50, 5000])
    piece = content[start : start + length]
    return {
        "cut": content[:start],
        "drop": content[:start] + content[start + length :],
        "repeat": content[:start] + piece * 2 + content[start + length :],
        "noise": content[:start] + draw.randbytes(len(piece)) + content[start + length :],
        "flip": content[:start] + bytes(byte ^ 0x20 for byte in piece) + content[start + length :],
    }[draw.choice(["cut", "drop", "repeat", "noise", "flip"])]


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(TENANT.couriers))
def test_a_damaged_file_is_refused_or_loaded_whole(name: str, tmp_path: Path) -> None:
    """Whatever the damage: rows read = loaded + rejected, or the table is as it was and the ledger says why."""
    courier = TENANT.couriers[name]
    feed = TENANT.feeds[courier.load[0].feed]
    path = min((path for path in (SAMPLE / name).iterdir()), key=lambda path: path.name)
    draw = random.Random(zlib.crc32(name.encode()))
    for number in range(ROUNDS):
        shop = Shop(tmp_path / str(number))
        shop.the_courier, shop.the_feed = courier, feed
        place = shop.root / "drop" / name / path.name
        place.parent.mkdir(parents=True)
        place.write_bytes(damaged(path.read_bytes(), draw))
        try:
            results = shop.run()
        except SourceError as error:
            assert path.name in str(error)  # noqa: PT017 - both outcomes are right
            assert shop.version() in (None, 0)
            continue
        table = pl.DataFrame(delta.read(shop.lake / TABLE))
        assert table["_pk"].is_unique().all()
        assert table.height <= sum(result.rows_loaded for result in results)
        assert all(one.rows_read == one.rows_loaded + one.rows_rejected for one in results)
