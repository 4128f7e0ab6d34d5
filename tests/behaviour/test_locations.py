"""What every kind of location does; a new kind adds one line to `places.MAKE` and runs all of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdp_assets.config.location import KINDS, LocalLocation
from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.locations import LOCATIONS, Location, open_location
from tests.behaviour.places import MAKE, OBJECT_STORES, Place

LEADING_OUT = ["../secret.txt", "a/../../secret.txt", "/etc/hostname", "", "a\0b"]


@pytest.fixture(params=sorted(MAKE))
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty location, with a file beside it that nobody may reach."""
    return MAKE[request.param](request, tmp_path)


@pytest.fixture
def location(made: Place) -> Location:
    """The location."""
    return made.location


@pytest.fixture
def put(location: Location, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Put bytes under a name."""

    def put_bytes(name: str, content: bytes) -> None:
        source = tmp_path / "to-send"
        source.write_bytes(content)
        location.put(name, source)

    return put_bytes


def content(location: Location, name: str) -> bytes:
    with location.fetch(name) as stream:
        return stream.read()


def names(location: Location, prefix: str = "") -> list[str]:
    return [file.name for file in location.list(prefix)]


def test_every_kind_that_can_be_configured_is_here() -> None:
    assert set(MAKE) == set(LOCATIONS) == set(KINDS)


def test_what_was_put_is_listed_and_fetched(location: Location, put: Callable[[str, bytes], None]) -> None:
    before = datetime.now(UTC)
    put("2026/11/a b-é.csv", b"x,y\n1,2\n")
    (file,) = location.list()
    assert (file.name, file.size_bytes) == ("2026/11/a b-é.csv", 8)
    assert abs(file.modified_at - before) < timedelta(minutes=1)
    assert content(location, file.name) == b"x,y\n1,2\n"


def test_a_location_where_nothing_was_put_yet_lists_nothing(location: Location) -> None:
    assert names(location) == []


def test_names_are_listed_in_order_over_all_folders(location: Location, put: Callable[[str, bytes], None]) -> None:
    for name in ["b.csv", "a/z.csv", "a.csv", "a/b/c.csv", "B.csv"]:
        put(name, b".")
    assert names(location) == sorted(["b.csv", "a/z.csv", "a.csv", "a/b/c.csv", "B.csv"])


def test_one_file_is_looked_at_without_the_others(location: Location, put: Callable[[str, bytes], None]) -> None:
    for name in ["in/a.csv", "in/a.csv.bak", "in/a", "b.csv"]:
        put(name, name.encode())
    listed = {file.name: file for file in location.list()}
    assert {name: location.look(name) for name in listed} == listed
    assert [location.look(name) for name in ["in", "in/", "in/a.cs", "absent", "absent/a.csv", *LEADING_OUT]] == [
        None
    ] * 10


def test_a_prefix_is_of_the_whole_name_not_of_a_folder(location: Location, put: Callable[[str, bytes], None]) -> None:
    for name in ["in/or/1.csv", "in/orders.csv", "in/orders/2.csv", "in/people.csv", "orders.csv"]:
        put(name, b".")
    assert names(location, "in/or") == ["in/or/1.csv", "in/orders.csv", "in/orders/2.csv"]
    assert names(location, "in/orders/") == ["in/orders/2.csv"]
    assert names(location, "none") == []


def test_putting_again_replaces_the_whole_file(location: Location, put: Callable[[str, bytes], None]) -> None:
    put("a.csv", b"long" * 1000)
    put("a.csv", b"short")
    assert content(location, "a.csv") == b"short"
    assert [file.size_bytes for file in location.list()] == [5]


def test_what_is_removed_is_gone_and_nothing_else(location: Location, put: Callable[[str, bytes], None]) -> None:
    """Removing it again, or what never was, is no error."""
    for name in ["in/a.csv", "in/a.csv.bak", "a.csv"]:
        put(name, b".")
    for name in ["in/a.csv", "in/a.csv", "absent.csv", "absent/a.csv"]:
        location.remove(name)
    assert names(location) == ["a.csv", "in/a.csv.bak"]
    put("in/a.csv", b"again")
    assert content(location, "in/a.csv") == b"again"


def test_an_empty_file_is_a_file(location: Location, put: Callable[[str, bytes], None]) -> None:
    put("empty.csv", b"")
    assert [(file.name, file.size_bytes) for file in location.list()] == [("empty.csv", 0)]
    assert content(location, "empty.csv") == b""


def test_a_reader_sees_the_old_file_or_the_new_one(location: Location, put: Callable[[str, bytes], None]) -> None:
    size = 2_000_000
    put("a.csv", b"0" * size)
    seen: set[bytes] = set()
    mixed: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            found = content(location, "a.csv")
            if len(found) != size or len(set(found)) != 1:
                mixed.append(len(found))
            seen.add(found[:1])

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(look)
        for turn in range(1, 200):
            put("a.csv", str(turn % 10).encode() * size)
            if len(seen) > 3 or reader.done():
                break
        done.set()
        reader.result()
    assert not mixed
    assert len(seen) > 3
    assert names(location) == ["a.csv"]


@pytest.mark.parametrize("name", LEADING_OUT)
def test_no_name_leads_out(made: Place, put: Callable[[str, bytes], None], name: str) -> None:
    with pytest.raises(SourceError):
        made.location.fetch(name)
    with pytest.raises(DeliveryError):
        put(name, b"overwritten")
    with pytest.raises(DeliveryError):
        made.location.remove(name)
    assert made.secret() == "secret"


@pytest.mark.parametrize("name", ["absent.csv", "folder"])
def test_what_is_no_file_cannot_be_fetched(location: Location, put: Callable[[str, bytes], None], name: str) -> None:
    put("folder/a.csv", b".")
    with pytest.raises(SourceError, match=name):
        location.fetch(name)


@pytest.mark.parametrize("made", sorted(set(MAKE) - set(OBJECT_STORES)), indirect=True)
def test_a_file_cannot_be_put_where_a_folder_is(location: Location, put: Callable[[str, bytes], None]) -> None:
    put("folder/a.csv", b"kept")
    with pytest.raises(DeliveryError, match="folder"):
        put("folder", b"x")
    assert names(location) == ["folder/a.csv"]
    assert content(location, "folder/a.csv") == b"kept"


def test_a_source_that_cannot_be_read_leaves_nothing_behind(location: Location, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        location.put("a.csv", tmp_path / "absent")
    assert names(location) == []


class TestLocalFolder:
    """What only a folder of this machine can be tried with."""

    @pytest.fixture
    def shop(self, tmp_path: Path) -> Path:
        shop = tmp_path / "shop"
        shop.mkdir()
        (tmp_path / "secret.txt").write_text("secret")
        return shop

    @pytest.fixture
    def folder(self, shop: Path) -> Location:
        return open_location(LocalLocation(path="shop"), shop.parent)

    def test_links_are_neither_listed_nor_followed_out(self, shop: Path, folder: Location) -> None:
        (shop / "link.csv").symlink_to(shop.parent / "secret.txt")
        (shop / "up").symlink_to(shop.parent)
        assert names(folder) == []
        assert [folder.look(name) for name in ["link.csv", "up/secret.txt", "up"]] == [None] * 3
        for name in ["link.csv", "up/secret.txt"]:
            with pytest.raises(SourceError, match="leads out"):
                folder.fetch(name)

    def test_a_pipe_is_not_waited_for(self, shop: Path, folder: Location) -> None:
        os.mkfifo(shop / "pipe.csv")
        assert names(folder) == []
        with pytest.raises(SourceError, match="not a regular file"):
            folder.fetch("pipe.csv")

    def test_what_a_killed_put_left_is_not_listed(self, shop: Path, folder: Location) -> None:
        (shop / ".cdp-put-k1ll3d").write_text("half")
        assert names(folder) == []

    def test_others_of_the_machine_cannot_read_what_is_put(self, shop: Path, folder: Location) -> None:
        folder.put("a.csv", shop.parent / "secret.txt")
        assert (shop / "a.csv").stat().st_mode & 0o007 == 0

    @pytest.mark.parametrize("path", ["..", "a/../..", "link"])
    def test_a_configured_path_that_leads_out_is_refused(self, shop: Path, path: str) -> None:
        (shop / "link").symlink_to(shop.parent)
        with pytest.raises(SourceError, match="leads out of its root folder"):
            open_location(LocalLocation.model_construct(kind="local", path=path), shop)
