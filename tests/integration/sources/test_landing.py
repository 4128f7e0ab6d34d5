"""What a courier's look brings into the landing, and what it leaves for the next look."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Limits
from cdp_assets.exchange.locations import LocalFolder, open_location
from cdp_assets.names import PRODUCTION
from cdp_assets.sources import landing
from cdp_assets.sources.landing import Landed, awaited, land, unlanded
from cdp_assets.sources.new_file import NewFile
from cdp_assets.sources.wanted import Period, by_hand
from cdp_assets.state import landed_files
from tests.integration.sources.shop import Shop

HEADER = "id,amount,ordered_on,note\n"
ONE = HEADER + "a,1.50,2026-11-20,first\nb,2,11/21/2026,\n"
TWO_KINDS = {
    "files": [
        {"tag": "full", "pattern": "'full_'yyyy'_'MM'_'dd'.csv'", "format": {"kind": "csv"}},
        {"tag": "changes", "pattern": "'changes_'yyyy'_'MM'_'dd'*'", "format": {"kind": "csv"}},
        {"tag": "undated", "pattern": "'*.txt'", "format": {"kind": "csv"}, "optional": True},
    ],
    "load": [{"feed": "shop_orders", "file": "full"}, {"feed": "shop_orders", "file": "changes"}],
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop without files."""
    return Shop(tmp_path)


def look(shop: Shop) -> list[NewFile]:
    """Give what the sensor sees."""
    location = open_location(shop.the_courier.location, shop.root / "drop")
    return unlanded(shop.the_courier, location, state=shop.state, environment=PRODUCTION)


class Disturbed(LocalFolder):
    """A folder in which something happens as soon as a file is opened."""

    happens: Callable[[Path], object]

    def fetch(self, name: str) -> BinaryIO:
        """Open the file, then disturb it."""
        stream = super().fetch(name)
        self.happens(self._folder / name)
        return stream


def land_disturbed(shop: Shop, happens: Callable[[Path], object]) -> int:
    """Land with a disturbance; give how many files landed."""
    location = Disturbed(shop.root / "drop" / "orders")
    location.happens = happens
    courier = shop.the_courier.model_copy(
        update={"files": tuple(one.model_copy(update={"optional": True}) for one in shop.the_courier.files)}
    )
    return len(land(courier, location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION).files)


def parts(shop: Shop) -> list[Path]:
    """Give the half-copied files."""
    return list(shop.lake.rglob(".part/*"))


def test_a_file_lies_read_only_under_its_hash(shop: Shop) -> None:
    """What has landed cannot be changed by accident."""
    shop.drop("orders_2026_11_20.csv", ONE)
    (file,) = shop.land().files
    place = shop.lake / file.path
    assert place.parent.name == file.sha256
    assert stat.S_IMODE(place.stat().st_mode) == 0o444
    assert place.read_text() == ONE
    assert file.file_date == dt.date(2026, 11, 20)


def test_the_same_file_twice_lands_once_and_is_not_new_any_more(shop: Shop) -> None:
    """Another time of change, the same bytes: nothing happens, and the sensor sees nothing."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.run()
    version = shop.version()
    shop.drop("orders_2026_11_20.csv", ONE)
    assert len(look(shop)) == 1
    assert shop.run() == []
    assert (shop.landed(), shop.version(), look(shop)) == (1, version, [])


def test_what_has_landed_is_not_read_again(shop: Shop) -> None:
    """Name, size and time say enough; the bytes could be gone for all that the courier knows."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.land()
    assert land_disturbed(shop, lambda path: pytest.fail(f"{path.name} was read")) == 0


def test_a_look_names_what_is_new(shop: Shop) -> None:
    """The sensor sees each unlanded file with its size, time and date, and none that has landed."""
    shop.drop("orders_2026_11_21.csv", ONE)
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.drop("readme.md", "no courier's")
    assert [(new.name, new.size_bytes) for new in look(shop)] == [
        ("orders_2026_11_20.csv", len(ONE)),
        ("orders_2026_11_21.csv", len(ONE)),
    ]
    shop.land()
    assert look(shop) == []


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_look(shop: Shop) -> None:
    """Half a file never lands, and nothing of the attempt stays."""
    shop.drop("orders_2026_11_20.csv", ONE)
    assert land_disturbed(shop, lambda path: path.write_text(ONE * 2)) == 0
    assert (shop.landed(), parts(shop)) == (0, [])
    assert len(shop.land().files) == 1


def test_a_file_that_changes_in_place_while_it_is_read_waits_too(shop: Shop) -> None:
    """The same size with another time of change is another file."""
    shop.drop("orders_2026_11_20.csv", ONE)
    assert land_disturbed(shop, lambda path: os.utime(path, (1, 1))) == 0


def test_a_file_that_goes_while_it_is_read_is_no_error(shop: Shop) -> None:
    """Senders rename and remove files when they please."""
    shop.drop("orders_2026_11_20.csv", ONE)
    assert land_disturbed(shop, lambda path: path.unlink()) == 0


def test_a_file_that_cannot_be_read_is_an_error_with_its_name(shop: Shop) -> None:
    """A disk that refuses is told, not skipped."""
    shop.drop("orders_2026_11_20.csv", ONE)

    def refuse(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(SourceError, match=r"orders_2026_11_20\.csv: cannot be copied into the lake \(Input/output"):
        land_disturbed(shop, refuse)
    assert (shop.landed(), parts(shop)) == (0, [])


def test_files_of_several_kinds_arrive_by_date_then_name(tmp_path: Path) -> None:
    """Each kind has its tag, the date is the name's or else the day of the last change, the order is one."""
    shop = Shop(tmp_path, courier=TWO_KINDS)
    for name in ("full_2026_11_21.csv", "changes_2026_11_20_b.csv", "changes_2026_11_20_a.csv", "full_2026_11_20.csv"):
        shop.drop(name, ONE)
    shop.drop("notes.txt", ONE)
    landed = shop.land().files
    noted = dt.datetime.fromtimestamp((shop.root / "drop/orders/notes.txt").stat().st_mtime, dt.UTC).date()
    assert noted == dt.date(2026, 9, 21)
    assert [(file.sequence, file.tag, file.name, file.file_date.day) for file in landed] == [
        (1, "undated", "notes.txt", 21),
        (2, "changes", "changes_2026_11_20_a.csv", 20),
        (3, "changes", "changes_2026_11_20_b.csv", 20),
        (4, "full", "full_2026_11_20.csv", 20),
        (5, "full", "full_2026_11_21.csv", 21),
    ]


def test_a_parquet_file_may_be_a_folder_of_parts(tmp_path: Path) -> None:
    """One folder deep, without the marks of the tool that wrote them; of other formats a folder is none."""
    pattern = "'orders_'yyyy'_'MM'_'dd'.parquet'"
    for kind, landed in (("parquet", ["", "/part-0.parquet", "/part-1"]), ("csv", [""])):
        shop = Shop(
            tmp_path / kind, courier={"files": [{"tag": "orders", "pattern": pattern, "format": {"kind": kind}}]}
        )
        for name in ("part-1", "part-0.parquet", "_SUCCESS", ".part-0.crc", "_delta_log/0.json", "more/part-2"):
            shop.drop(f"orders_2026_11_20.parquet/{name}", name)
        shop.drop("orders_2026_11_21.parquet", "x")
        names = [f"orders_2026_11_20.parquet{part}" for part in landed if part] + ["orders_2026_11_21.parquet"]
        assert [file.name for file in shop.land().files] == names


def test_a_required_file_that_never_came_is_an_error(tmp_path: Path) -> None:
    """The courier says which pattern it waits for, also where its whole folder is absent."""
    shop = Shop(tmp_path, courier=TWO_KINDS)
    for wanted in ("full", "changes"):
        with pytest.raises(SourceError, match=f"courier orders: no file for `{wanted}` has ever arrived.*'{wanted}_'"):
            shop.land()
        shop.drop(f"{wanted}_2026_11_20.csv", ONE)
    assert len(shop.land().files) == 1
    shutil.rmtree(tmp_path / "drop")
    assert shop.land().files == ()


def test_what_a_crash_left_half_copied_goes_after_a_day(shop: Shop) -> None:
    """A copy under way is left alone."""
    folder = shop.lake / "landing" / PRODUCTION / "orders" / ".part"
    folder.mkdir(parents=True)
    for name, age_s in (("old", 90_000), ("young", 60)):
        (folder / name).write_text("half")
        os.utime(folder / name, (time.time() - age_s,) * 2)
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.land()
    assert [path.name for path in parts(shop)] == ["young"]


def test_environments_and_couriers_keep_apart(shop: Shop) -> None:
    """What one courier landed is new to another."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.land()
    other = shop.the_courier.model_copy(update={"name": "second"})
    location = open_location(other.location, shop.root / "drop")
    landed = land(other, location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION).files
    assert [(file.courier, file.sequence) for file in landed] == [("second", 1)]
    with shop.state.read() as conn:
        assert landed_files.of_courier(conn, "sandbox", "orders") == []


def land_days(shop: Shop, first: int, end: int, *, skip_missing: bool = False) -> Landed:
    """Let the courier look for days of November."""
    period = Period(dt.date(2026, 11, first), dt.date(2026, 11, end))
    return shop.land(by_hand(period, skip_missing=skip_missing))


def test_a_period_takes_its_days_and_no_others(shop: Shop) -> None:
    """Start inclusive, end exclusive; the rest waits for a run that wants it."""
    for day in (19, 20, 21, 22):
        shop.drop(f"orders_2026_11_{day}.csv", ONE)
    assert [file.file_date.day for file in land_days(shop, 20, 22).files] == [20, 21]
    assert [new.file_date.day for new in look(shop)] == [19, 22]


def test_a_day_without_its_file_stops_the_run_and_keeps_the_others(shop: Shop) -> None:
    """What is there has landed; a run that skips missing files goes on and says what was absent."""
    shop.drop("orders_2026_11_20.csv", ONE)
    with pytest.raises(SourceError, match="courier orders: no file for `orders` of 2026-11-21 and 1 more"):
        land_days(shop, 20, 23)
    assert shop.landed() == 1
    skipped = land_days(shop, 20, 22, skip_missing=True)
    assert (skipped.files, [str(one) for one in skipped.missing]) == ((), ["no file for `orders` of 2026-11-21"])
    assert len(shop.load()) == 1


def test_what_has_landed_is_not_missed_where_the_location_has_lost_it(shop: Shop) -> None:
    """A run is started again from what has landed; nothing is fetched twice."""
    shop.drop("orders_2026_11_20.csv", ONE)
    land_days(shop, 20, 21)
    shutil.rmtree(shop.root / "drop")
    assert land_days(shop, 20, 21) == Landed(())
    assert len(shop.load()) == 1


def test_what_is_awaited_is_neither_landed_nor_lying_there(shop: Shop) -> None:
    """A look that waits for files fetches none."""
    location = open_location(shop.the_courier.location, shop.root / "drop")
    days = by_hand(Period(dt.date(2026, 11, 20), dt.date(2026, 11, 23)))
    place = {"state": shop.state, "environment": PRODUCTION}
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.land()
    shop.drop("orders_2026_11_21.csv", ONE)
    (absent,) = awaited(shop.the_courier, location, wanted=days, **place)
    assert (absent.days.start.day, shop.landed()) == (22, 1)


def test_a_file_beyond_the_limit_is_not_fetched(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others land; the error names it and the limit."""
    monkeypatch.setattr(landing, "LIMITS", Limits(size_bytes=100))
    shop.drop("orders_2026_11_20.csv", ONE * 3)
    shop.drop("orders_2026_11_21.csv", ONE)
    with pytest.raises(SourceError, match=r"orders_2026_11_20\.csv: has \d+ bytes and was not fetched.*at most 100"):
        shop.land()
    assert shop.landed() == 1


def test_more_files_than_a_job_may_take_are_refused_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched; a shorter period is what helps."""
    monkeypatch.setattr(landing, "LIMITS", Limits(members=1))
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.drop("orders_2026_11_21.csv", ONE)
    with pytest.raises(SourceError, match=r"2 new files\. Expected at most 1 a job"):
        shop.land()
    assert len(land_days(shop, 20, 21).files) == 1


class Watched(LocalFolder):
    """A folder whose opening of files a test decides about."""

    opening: Callable[[str], object]

    def fetch(self, name: str) -> BinaryIO:
        """Decide, then open."""
        self.opening(name)
        return super().fetch(name)


def watched(shop: Shop, opening: Callable[[str], object]) -> Watched:
    location = Watched(shop.root / "drop" / "orders")
    location.opening = opening
    return location


def test_several_files_are_fetched_at_once_and_noted_in_their_order(shop: Shop) -> None:
    """The first is opened only when the second is as well."""
    for day in (22, 20, 21):
        shop.drop(f"orders_2026_11_{day}.csv", f"{ONE}{day},1,,\n")
    two = threading.Barrier(2, timeout=30)
    location = watched(shop, lambda name: two.wait() if name < "orders_2026_11_22.csv" else None)
    landed = land(shop.the_courier, location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION)
    assert [file.file_date.day for file in landed.files] == [20, 21, 22]


def test_the_first_file_that_fails_is_named_and_those_before_it_have_landed(shop: Shop) -> None:
    """What comes after it is left for the next look, and no half file stays."""
    for day in range(10, 30):
        shop.drop(f"orders_2026_11_{day}.csv", f"{ONE}{day},1,,\n")

    def refuse(name: str) -> None:
        if name >= "orders_2026_11_12.csv":
            raise SourceError(name, "access is denied", "a credential that may read it")

    with pytest.raises(SourceError, match="orders_2026_11_12"):
        land(shop.the_courier, watched(shop, refuse), state=shop.state, lake_root=shop.lake, environment=PRODUCTION)
    assert (shop.landed(), parts(shop)) == (2, [])
    assert len(shop.land().files) == 18


def test_an_archive_of_several_tables_is_fetched_once_and_lands_for_each(shop: Shop) -> None:
    """One courier fills several feeds; each tag has its own row and the same bytes."""
    kind = shop.the_courier.files[0]
    both = (kind, kind.model_copy(update={"tag": "lines"}))
    courier = shop.the_courier.model_copy(update={"files": both})
    shop.drop("orders_2026_11_20.tgz", ONE)
    shop.drop("orders_2026_11_21.tgz", ONE)
    opened: list[str] = []
    location = Disturbed(shop.root / "drop" / "orders")
    location.happens = lambda path: opened.append(path.name)
    landed = land(courier, location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION).files
    assert sorted(opened) == ["orders_2026_11_20.tgz", "orders_2026_11_21.tgz"]
    assert [(file.tag, file.file_date.day, file.sequence) for file in landed] == [
        ("lines", 20, 1),
        ("orders", 20, 2),
        ("lines", 21, 3),
        ("orders", 21, 4),
    ]
    assert landed[0].path == landed[1].path


@pytest.mark.parametrize(("at_once", "every_s"), [(2, 60.0), (99, 0.0), (1, 60.0)])
def test_files_that_are_noted_together_keep_their_order(
    at_once: int, every_s: float, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many at once, none is left out and none is noted twice."""
    monkeypatch.setattr(landing, "NOTED_AT_ONCE", at_once)
    monkeypatch.setattr(landing, "NOTED_EVERY_S", every_s)
    names = [f"orders_2026_11_20_{letter}.csv" for letter in "abcde"]
    for name in reversed(names):
        shop.drop(name, ONE + name)
    assert [(file.name, file.sequence) for file in shop.land().files] == [
        (name, at) for at, name in enumerate(names, 1)
    ]
    assert (shop.land().files, shop.landed()) == ((), 5)


class Slow(io.BytesIO):
    """A file of which a byte comes now and then."""

    def __init__(self, begun: threading.Event) -> None:
        super().__init__(b"." * 1_000)
        self._begun = begun

    def read(self, size: int | None = -1) -> bytes:
        """Give the next byte."""
        self._begun.set()
        time.sleep(0.01)
        return super().read(1)


def test_when_a_file_fails_those_on_their_way_are_let_go(shop: Shop) -> None:
    """A person waits for the error, and not for ten gigabytes of another file."""
    shop.drop("orders_2026_11_20.csv", ONE)
    shop.drop("orders_2026_11_21.csv", "." * 1_000)
    begun, slow = threading.Event(), []

    class Failing(LocalFolder):
        def fetch(self, name: str) -> BinaryIO:
            if name == "orders_2026_11_21.csv":
                slow.append(Slow(begun))
                return slow[0]
            assert begun.wait(30)
            raise SourceError(name, "access is denied", "a credential that may read it")

    location = Failing(shop.root / "drop" / "orders")
    with pytest.raises(SourceError, match="orders_2026_11_20"):
        land(shop.the_courier, location, state=shop.state, lake_root=shop.lake, environment=PRODUCTION)
    assert slow[0].closed
    assert (shop.landed(), parts(shop)) == (0, [])
    assert list((shop.lake / "landing").rglob("*.csv")) == []
