"""What a courier lands from every kind of place while the network fails: nothing lost, nothing doubled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.errors import SourceUnreachableError
from cdp_assets.exchange.locations import Location
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.landing import land, unlanded
from cdp_assets.state import environments
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile
from tests.behaviour.places import FAULTY, FaultyPlace

COURIER = Courier.model_validate(
    {
        "name": "orders",
        "location": {"kind": "local", "path": "orders"},
        "files": [{"tag": "orders", "pattern": "'orders_'yyyy'_'MM'_'dd'.csv'", "format": {"kind": "csv"}}],
        "load": [{"feed": "shop_orders", "file": "orders"}],
    }
)
SMALL = {f"orders_2026_11_1{day}.csv": random.Random(day).randbytes(20_000) for day in range(3)}
LARGE = {f"orders_2026_11_2{day}.csv": random.Random(day).randbytes(2_000_000) for day in range(3)}
CONTENTS = SMALL | LARGE
ALWAYS = 200


@pytest.fixture(params=sorted(FAULTY))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> FaultyPlace:
    """A place with small files, and large ones of later days."""
    made = FAULTY[request.param](request)
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
        made.direct.put(name, tmp_path / name)
    return made


class Landing:
    """An installation whose courier looks at a place; the courier's own configuration plays no part."""

    def __init__(self, root: Path) -> None:
        self.lake, self.state = root / "lake", State.open(str(root / "state.db"))
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)

    def look(self, location: Location) -> dict[str, LandedFile]:
        """Land what is new."""
        found = land(COURIER, location, state=self.state, lake_root=self.lake, environment=PRODUCTION)
        return {file.name: file for file in found.files}

    def left(self, location: Location) -> list[str]:
        """Name what has not landed."""
        found = unlanded(COURIER, location, state=self.state, environment=PRODUCTION)
        return [file.name for file in found]


def test_files_that_are_cut_on_their_way_land_once_and_whole(place: FaultyPlace, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    place.faults.cut_fetch(30_000, times=3)
    landed = landing.look(place.location)
    assert {name: (landing.lake / file.path).read_bytes() for name, file in landed.items()} == CONTENTS
    assert landing.look(place.location) == {}


def test_what_has_not_come_when_the_server_is_lost_comes_when_it_is_back(place: FaultyPlace, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    place.faults.cut_fetch(150_000, times=ALWAYS)
    with pytest.raises(SourceUnreachableError, match="orders_2026_11_20"):
        landing.look(place.location)
    assert landing.left(place.direct) == sorted(LARGE)
    assert {name: (landing.lake / file.path).read_bytes() for name, file in landing.look(place.direct).items()} == LARGE
    assert list((landing.lake / "landing").rglob(".part/*")) == []
