"""What is proposed for a file loads that file: nothing of it is rejected, nothing of it is shown."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import cbor2
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from cdp_assets.cli.main import cdp
from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed, FeedField
from cdp_assets.config.loader import load_tenant
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import write
from cdp_assets.home import REPOSITORY
from cdp_assets.sources.infer.files import written
from cdp_assets.sources.infer.proposal import propose
from tests.integration.sources.shop import Shop

ACME = REPOSITORY / "sample_data" / "acme"
TENANT = load_tenant(REPOSITORY / "tenant_config")
ROWS = 60
RECORDS: list[dict[str, Any]] = [
    {
        "id": f"k{n}",
        "who": {"first": "Zoë" if n % 2 else None, "mail": f"p{n}@example.com"},
        "amount": Decimal(n) / 4,
        "count": n,
        "joined": dt.date(2026, 1, 1) + dt.timedelta(n),
        "seen": dt.datetime(2026, 11, 20, n % 24, 5, tzinfo=dt.UTC),
        "is_new": n % 3 == 0,
    }
    for n in range(ROWS)
]
FLAT = [one["who"] | {name: value for name, value in one.items() if name != "who"} for one in RECORDS]
TYPES = {"amount": "decimal", "count": "integer", "joined": "date", "seen": "datetime", "is_new": "boolean"}


def delimited(kind: str, encoding: str | None = None, **options: Any) -> Callable[[Path], None]:
    """Give what writes the flat records as delimited text."""

    def made(path: Path) -> None:
        from cdp_assets.config.file_format import DelimitedOutput

        write(path, pa.Table.from_pylist(FLAT), DelimitedOutput.model_validate({"kind": kind, **options}))
        if encoding:
            path.write_bytes(path.read_bytes().decode().encode(encoding))

    return made


def text(spelled: Callable[[list[str]], str]) -> Callable[[Path], None]:
    """Give what writes the nested records as JSON, put together by a function."""
    return lambda path: path.write_text(spelled([json.dumps(one, default=str) for one in RECORDS])) and None


def avro(path: Path) -> None:
    who = {
        "type": "record",
        "name": "Who",
        "fields": [{"name": "first", "type": ["null", "string"]}, {"name": "mail", "type": "string"}],
    }
    logical = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
    day, moment = {"type": "int", "logicalType": "date"}, {"type": "long", "logicalType": "timestamp-millis"}
    types: dict[str, Any] = {
        "id": "string", "who": who, "amount": logical, "count": "long", "joined": day, "seen": moment,
        "is_new": "boolean",
    }  # fmt: skip
    fields = [{"name": name, "type": type_} for name, type_ in types.items()]
    with path.open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "R", "fields": fields}, RECORDS, codec="deflate")


def parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(RECORDS), path, compression="snappy")


def xml(path: Path) -> None:
    inside = [
        "".join(f"<{name}>{value}</{name}>" for name, value in one.items() if name != "id" and value is not None)
        for one in FLAT
    ]
    rows = "".join(f"<p no='{one['id']}'>{fields}</p>" for one, fields in zip(FLAT, inside, strict=True))
    path.write_text(f"<?xml version='1.0' encoding='UTF-8'?><people>{rows}</people>")


def packed(pack: Callable[[Path, Path], None], inner: Callable[[Path], None], name: str) -> Callable[[Path], None]:
    """Give what writes a file and packs it."""

    def made(path: Path) -> None:
        plain = path.with_name(name)
        inner(plain)
        pack(plain, path)
        plain.unlink()

    return made


def tar(plain: Path, path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        archive.add(plain, plain.name)


def gzipped(plain: Path, path: Path) -> None:
    path.write_bytes(gzip.compress(plain.read_bytes()))


def zipped(plain: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(plain, f"part/{plain.name}")


FILES: dict[str, Callable[[Path], None]] = {
    "people_2026_11_20.csv": delimited("csv"),
    "people_20261120.txt": delimited("dsv", delimiter=";", quote_mode="all", line_ending="CRLF"),
    "people.tsv": delimited("tsv", null_value="NULL"),
    "people.psv": delimited("psv", encoding="utf-16"),
    "people.dat": delimited("dsv", delimiter="^", encoding="cp037"),
    "people-2026-11-20.csv.gz": packed(gzipped, delimited("csv"), "plain"),
    "people.tgz": packed(tar, delimited("csv", encoding="cp1252"), "people.csv"),
    "people.zip": packed(zipped, parquet, "p.parquet"),
    "people.ndjson": text("\n".join),
    "people.json": text(lambda lines: f"[{','.join(lines)}]"),
    "people.stream": text("".join),
    "people.avro": avro,
    "people.parquet": parquet,
    "people.cbor": lambda path: path.write_bytes(cbor2.dumps(RECORDS)) and None,
    "people.xml": xml,
}  # fmt: skip


def loaded(shop: Shop, path: Path, source: str) -> None:
    """Write the proposal into an empty tenant, read it from there, and load the file as the platform does."""
    tenant = shop.root / "tenant"
    for name, content in written(propose(path, source=source), tenant).items():
        (tenant / name).parent.mkdir(parents=True, exist_ok=True)
        (tenant / name).write_text(content)
    (feed_file,), (courier_file,) = tenant.glob("feeds/*"), tenant.glob("couriers/*")
    shop.the_feed = Feed.model_validate(yaml.safe_load(feed_file.read_text()))
    shop.the_courier = Courier.model_validate({"name": courier_file.stem, **yaml.safe_load(courier_file.read_text())})
    drop = shop.root / "drop" / source / path.name
    drop.parent.mkdir(parents=True)
    drop.write_bytes(path.read_bytes())
    (result,) = shop.run()
    assert (result.rows_rejected, result.rows_loaded) == (0, result.rows_read)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_every_kind_loads_by_what_was_proposed(name: str, tmp_path: Path) -> None:
    """All rows come in, in the types that they had before they were written."""
    path = tmp_path / name
    FILES[name](path)
    shop = Shop(tmp_path / "shop")
    loaded(shop, path, "people_app")
    types = {one.name: one.type for one in shop.the_feed.fields}
    assert {name: types[name] for name in TYPES} == TYPES
    rows = shop.rows()
    assert rows.height == ROWS
    assert set(rows["amount"].to_list()) == {one["amount"] for one in RECORDS}
    assert set(rows["seen"].to_list()) == {one["seen"] for one in RECORDS}
    (mail,) = [one for one in shop.the_feed.fields if "email" in one.tags]
    assert mail.incoming in ("mail", "who.mail")


ALSO_MEANT = {"loyalty_members": {"member_id": ("pk", "loyalty-id")}, "pos_shoppers": {"shopper_no": ("pk",)}}
"""Where the demo's authors knew more than a file says: that the key is the web shop's customer number, too."""


def facts(one: FeedField, key: tuple[str, ...]) -> tuple[object, ...]:
    return one.type, one.pattern, one.required or one.name in key, one.type == "decimal" and one.scale


@pytest.mark.parametrize("courier", sorted(TENANT.couriers))
def test_the_demos_files_get_the_feeds_that_people_wrote_for_them(courier: str, tmp_path: Path) -> None:
    path = min((ACME / courier).iterdir())  # later days of the tills have a bad time, which makes a text of its column
    own = TENANT.feeds[TENANT.couriers[courier].load[0].feed]
    found = propose(path, source=own.source, name=own.name)
    wrote, file = TENANT.couriers[courier].files[0], found.courier.files[0]
    assert (file.format, file.pattern) == (wrote.format, wrote.pattern)
    assert (found.feed.primary_key, found.feed.last_updated) == (own.primary_key, own.last_updated)
    assert found.feed.available_to_stitch == own.available_to_stitch
    theirs = {one.incoming: one for one in own.fields}
    ours = {one.incoming: one for one in found.feed.fields}
    assert theirs.keys() == ours.keys()
    more = ALSO_MEANT.get(own.key, {})
    assert {name: one.tags for name, one in ours.items()} == {name: one.tags for name, one in theirs.items()} | more
    is_left_out = {"order_id"} if own.key == "orders_order_items" else set()
    assert {
        name for name in ours if facts(ours[name], found.feed.primary_key) != facts(theirs[name], own.primary_key)
    } == is_left_out
    loaded(Shop(tmp_path / "shop"), path, own.source)


def invoked(tenant: Path, *arguments: str) -> tuple[int, str]:
    """Run the command in a tenant's folder; give its exit code and all that it said."""
    told = CliRunner().invoke(cdp, ["feed", "infer", *arguments], env={"CDP_TENANT_CONFIG": str(tenant)})
    return told.exit_code, told.output


def test_no_value_of_the_file_is_ever_shown(tmp_path: Path) -> None:
    """Neither in what is printed nor in what is written."""
    path = tmp_path / "people.csv"
    rows = "".join(f"Q{n}Q,Q{n}Q@example.com,{n}Q{n}\n" for n in range(300))
    path.write_text(f"key,email,odd\n{rows}last,x,7\n")
    outputs = [invoked(tmp_path / "t", str(path))[1], invoked(tmp_path / "t", str(path), "--json", "--write")[1]]
    outputs += [file.read_text() for file in (tmp_path / "t").rglob("*.yaml")]
    assert len(outputs) == 4
    assert not [one for one in outputs if "Q" in one or "last," in one]


def test_what_is_written_is_a_tenants_and_is_never_written_over(tmp_path: Path) -> None:
    """A second feed joins its source's courier; the same one again is refused and changes nothing."""
    tenant = tmp_path / "people_app"
    for name in ("people.csv", "orders_2026_11_20.csv"):
        delimited("csv")(tmp_path / name)
        assert invoked(tenant, str(tmp_path / name), "--source", "app", "--write")[0] == 0
    courier = yaml.safe_load((tenant / "couriers" / "app.yaml").read_text())
    assert [one["tag"] for one in courier["files"]] == ["people", "orders"]
    assert [one["feed"] for one in courier["load"]] == ["app_people", "app_orders"]
    before = {file: file.read_bytes() for file in tenant.rglob("*.yaml")}
    code, said = invoked(tenant, str(tmp_path / "people.csv"), "--source", "app", "--write")
    assert (code, "feeds/app_people.yaml: is there already" in said) == (1, True)
    assert {file: file.read_bytes() for file in tenant.rglob("*.yaml")} == before


def test_a_sandbox_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Nor is a name accepted that could be no feed's."""
    path = tmp_path / "people.csv"
    delimited("csv")(path)
    code, said = invoked(tmp_path, str(path), "--write", "--sandbox", "no_such_sandbox")
    assert (code, "There is no sandbox no_such_sandbox" in said) == (2, True)
    code, said = invoked(tmp_path, str(path), "--name", "No Name")
    assert (code, "Expected lower snake case" in said) == (2, True)


def test_what_the_command_proposes_is_whole_json(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    delimited("csv")(path)
    code, said = invoked(tmp_path, str(path), "--json", "--source", "app", "--name", "crowd")
    document = json.loads(said)
    assert (code, document["rows"], document["malformed"]) == (0, ROWS, 0)
    assert Feed.model_validate(document["feed"]).key == "app_crowd"
    assert Courier.model_validate({"name": "app", **document["courier"]}).file("crowd").format.kind == "csv"
    assert document["reasons"]["primary_key"] == f"tells all {ROWS} records apart"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"id,id\n1,2\n", "more than once"),
        (gzip.compress(b"id\n1\n" * 900, mtime=0)[:-9], "gzip"),
        (b"PAR1PAR1", "parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_by_its_name(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=rf"odd\.bin.*{problem}"):
        propose(path)


def test_members_of_an_archive_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "all.tar"
    with tarfile.open(path, "w") as archive:
        for name, line in (("orders.csv", b"a,b\n1,2\n"), ("people.csv", b"c,d\n1,2\n")):
            member = tarfile.TarInfo(name)
            member.size = len(line)
            archive.addfile(member, io.BytesIO(line))
    found = propose(path, contents="people.csv")
    assert [one.incoming for one in found.feed.fields] == ["c", "d"]
    assert found.courier.files[0].archive is not None
    assert found.courier.files[0].archive.contents == "people.csv"
