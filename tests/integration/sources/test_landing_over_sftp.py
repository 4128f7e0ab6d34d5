"""Files of an SFTP server land whole and once, whatever happens to the line."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest

from cdp_assets.errors import SourceUnreachableError
from cdp_assets.exchange.locations.sftp import SftpFolder
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.landing import Landed, land
from tests.behaviour.places import FAULTY, FaultyPlace
from tests.integration.sources.shop import Shop
from tests.sftp_server import SftpServer

NAMES = [f"orders_2026_11_{day}.csv" for day in (20, 21, 22)]
CONTENT = {name: random.Random(name).randbytes(1_500_000) for name in NAMES}


class Partner:
    """A shop's courier at a partner's server, where three days' files lie."""

    def __init__(self, shop: Shop, place: FaultyPlace) -> None:
        self.shop, self.place = shop, place
        for name, content in CONTENT.items():
            source = shop.root / name
            source.write_bytes(content)
            place.direct.put(name, source)

    def land(self) -> Landed:
        """Let the courier look once, over the line with faults."""
        assert isinstance(self.place.location, SftpFolder)
        shop = self.shop
        return land(
            shop.the_courier, self.place.location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION
        )


@pytest.fixture
def partner(request: pytest.FixtureRequest, tmp_path: Path) -> Partner:
    return Partner(Shop(tmp_path), FAULTY["sftp"](request))


def landed(done: Landed) -> list[tuple[str, str]]:
    return [(file.name, file.sha256) for file in done.files]


ALL = [(name, hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items()]


def test_a_line_that_is_cut_in_every_file_loses_and_doubles_nothing(partner: Partner) -> None:
    for after_bytes in (400_000, 900_000, 200_000, 1_300_000):
        partner.place.faults.cut_fetch(after_bytes)
    assert landed(partner.land()) == ALL
    assert landed(partner.land()) == []
    assert list(partner.shop.lake.rglob(".part/*")) == []


def test_what_came_before_the_server_went_away_is_kept_and_the_rest_comes_later(partner: Partner) -> None:
    partner.place.faults.down()
    with pytest.raises(SourceUnreachableError):
        partner.land()
    partner.place.faults.up()
    assert landed(partner.land()) == ALL


def test_a_folder_that_no_file_is_looked_for_in_need_not_be_readable(partner: Partner, sftp_server: SftpServer) -> None:
    newest = max(sftp_server.home.rglob(NAMES[0]), key=lambda path: path.stat().st_mtime_ns)
    closed = newest.with_name("lost+found")
    closed.mkdir(mode=0)
    os.chown(closed, sftp_server.owner, -1)
    assert landed(partner.land()) == ALL
