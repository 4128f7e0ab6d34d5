"""The demo retailer's files, all formats of them, against a reading of our own with the standard library."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import io
import json
import shutil
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.feed import Feed
from cdp_assets.config.loader import load_tenant
from cdp_assets.home import REPOSITORY
from tests.integration.sources.shop import Shop

ACME = REPOSITORY / "sample_data" / "acme"
TENANT = load_tenant(REPOSITORY / "tenant_config")
CUSTOMER_RECORDS = 20_000
Record = dict[str, Any]


def delimited(text: str, delimiter: str) -> list[Record]:
    """Read delimited text, without the rows that have too few or too many fields."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = next(reader)
    return [dict(zip(header, row, strict=True)) for row in reader if len(row) == len(header)]


def ecom(path: Path) -> list[Record]:
    """Read gzipped CSV."""
    return delimited(gzip.decompress(path.read_bytes()).decode(), ",")


def catalog(path: Path) -> list[Record]:
    """Read a tgz of one CSV, in UTF-8 or with UTF-16's mark."""
    with tarfile.open(path) as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        data = content.read()
    return delimited(data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"), ",")


def loyalty(path: Path) -> list[Record]:
    """Read a tar of Parquet parts."""
    records: list[Record] = []
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is not None and member.name.endswith(".parquet"):
                records += pq.read_table(io.BytesIO(content.read())).to_pylist()
    return records


def email_list(path: Path) -> list[Record]:
    """Read NDJSON with nested names."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [one | {"name.given": one["name"]["given"], "name.family": one["name"]["family"]} for one in records]


def callcenter(path: Path) -> list[Record]:
    """Read XML, an element a record."""
    return [{field.tag: field.text for field in one} for one in ElementTree.parse(path).getroot()]  # noqa: S314 - ours


READERS: dict[str, Callable[[Path], list[Record]]] = {
    "callcenter": callcenter,
    "catalog": catalog,
    "ecom": ecom,
    "email_list": email_list,
    "loyalty": loyalty,
    "orders": lambda path: delimited(path.read_text(), ","),
    "pos": lambda path: delimited(path.read_text(), "|"),
    "products": lambda path: delimited(path.read_text(), "\t"),
}
REJECTED = {"pos": 2}


def files_of(courier: str) -> list[Path]:
    """Give a courier's files, a day each."""
    return sorted((ACME / courier).iterdir())


def shop_of(courier: str, root: Path) -> Shop:
    """Give an empty installation with one of the demo's couriers and its feed."""
    shop = Shop(root)
    shop.the_courier = TENANT.couriers[courier]
    shop.the_feed = TENANT.feeds[shop.the_courier.load[0].feed]
    return shop


def deliver(shop: Shop, courier: str, files: list[Path]) -> None:
    """Let files arrive."""
    folder = shop.root / "drop" / courier
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder)


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    return dt.datetime.strptime(value, "%m/%d/%Y" if "/" in value else "%Y-%m-%d").date()


def _datetime(value: object) -> object:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=dt.UTC) if isinstance(found, dt.datetime) and found.tzinfo is None else found


VALUES: dict[str, Callable[[object], object]] = {
    "string": str,
    "integer": lambda value: int(str(value)),
    "decimal": lambda value: Decimal(str(value)),
    "boolean": lambda value: value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()],
    "date": _date,
    "datetime": _datetime,
}


def typed(feed: Feed, raw: Record) -> Record:
    """Give a record's values; raises ValueError for one that cannot be read."""
    given = {one.name: raw.get(one.incoming) for one in feed.fields}
    kinds = {one.name: one.type for one in feed.fields}
    return {name: None if value in (None, "") else VALUES[kinds[name]](value) for name, value in given.items()}


def newest(courier: str) -> dict[str, Record]:
    """Give each key's newest record, of equally new ones the last; records that cannot be read are left out."""
    feed = TENANT.feeds[TENANT.couriers[courier].load[0].feed]
    (key,) = feed.primary_key
    found: dict[str, Record] = {}
    for raw in (raw for file in files_of(courier) for raw in READERS[courier](file)):
        with contextlib.suppress(ValueError):
            record = typed(feed, raw)
            earlier = found.get(str(record[key]))
            if earlier is None or feed.last_updated is None or record[feed.last_updated] >= earlier[feed.last_updated]:
                found[str(record[key])] = record
    return found


@pytest.mark.parametrize("courier", READERS)
def test_the_table_holds_what_the_files_say(courier: str, tmp_path: Path) -> None:
    """Every key, every text, every date, number and boolean."""
    shop = shop_of(courier, tmp_path)
    deliver(shop, courier, files_of(courier))
    results = shop.run()
    assert sum(result.rows_rejected for result in results) == REJECTED.get(courier, 0)
    expected = newest(courier)
    rows = shop.rows()
    assert rows["_pk"].to_list() == sorted(expected)
    for field in shop.the_feed.fields:
        assert rows[field.name].to_list() == [expected[pk][field.name] for pk in rows["_pk"]], field.name


@pytest.mark.parametrize("courier", READERS)
def test_days_one_by_one_give_the_table_of_days_at_once(courier: str, tmp_path: Path) -> None:
    """Also the generated columns are equal, row by row."""
    slowly, at_once = shop_of(courier, tmp_path / "slowly"), shop_of(courier, tmp_path / "at_once")
    for file in files_of(courier):
        deliver(slowly, courier, [file])
        slowly.run()
    deliver(at_once, courier, files_of(courier))
    at_once.run()
    assert slowly.rows().equals(at_once.rows())
    assert slowly.rows()["_uuid_pk"].is_unique().all()


def test_the_demo_has_twenty_thousand_customer_records() -> None:
    """Counted over the six sources of people."""
    people = [courier for courier in READERS if courier not in ("orders", "products")]
    keys = pl.Series([pk for courier in people for pk in newest(courier)])
    assert len(keys) == CUSTOMER_RECORDS


def test_every_courier_of_the_demo_is_read_here() -> None:
    """A new source of the demo needs its own reading."""
    assert set(READERS) == set(TENANT.couriers)
