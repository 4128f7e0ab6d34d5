"""Every mistake of a tenant, all at once: which file, which line, what is wrong, what would be right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName

FEED, COURIER = "feeds/ecom_customers.yaml", "couriers/ecom.yaml"
SQL = "databases/customer_360/customer_360.sql"
MISTAKES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "unknown field": (FEED, "source: ecom", "source: ecom\ncolour: blue", (FEED, "line", "colour")),
    "unknown field of a field": (FEED, "required: true", "requird: true", (FEED, "line 5", "requird", "required")),
    "unknown tag": (FEED, "tags: [email]", "tags: [emial]", (FEED, "line 8", "emial", "email")),
    "birthdate not a date": (FEED, "name: dob, type: date", "name: dob, type: string", (FEED, "birthdate", "date")),
    "phone not a string": (FEED, "name: phone, type: string", "name: phone, type: integer", (FEED, "phone", "string")),
    "tag twice": (
        FEED,
        "name: city, type: string, tags: [city]",
        "name: city, type: string, tags: [surname]",
        (FEED, "surname", "twice"),
    ),
    "no primary key": (FEED, "primary_key: [customer_id]", "primary_key: []", (FEED, "primary key")),
    "primary key is no field": (
        FEED,
        "primary_key: [customer_id]",
        "primary_key: [customer]",
        (FEED, "customer", "customer_id"),
    ),
    "absent feed": (
        COURIER,
        "feed: ecom_customers",
        "feed: ecom_custmers",
        (COURIER, "ecom_custmers", "ecom_customers"),
    ),
    "absent file tag": (COURIER, "file: customers}", "file: custom}", (COURIER, "custom", "customers")),
    "absent destination": (
        "data_templates/daily_csv.yaml",
        "destination: warehouse_folder",
        "destination: nowhere",
        ("data_templates/daily_csv.yaml", "nowhere", "warehouse_folder"),
    ),
    "absent query": (
        "orchestrations/send_high_value_customers.yaml",
        "query: high_value_customers",
        "query: high_value",
        ("orchestrations", "high_value"),
    ),
    "absent table in SQL": (
        SQL,
        "FROM merged_customers AS c",
        "FROM merged_custmers AS c",
        ("customer_360.sql", "merged_custmers"),
    ),
    "bad SQL": (SQL, "LEFT JOIN custom", "LEFT LEFT custom", ("customer_360.sql", "line")),
    "bad cron": (
        "courier_groups/daily.yaml",
        "schedule:",
        "schedule: every day #",
        ("courier_groups/daily.yaml", "cron"),
    ),
    "bad time zone": (
        "courier_groups/daily.yaml",
        "time_zone:",
        "time_zone: Mars/Olympus #",
        ("courier_groups/daily.yaml", "Mars"),
    ),
    "bad file pattern": (COURIER, "yyyy'_'MM'_'dd", "yyyy_MM", (COURIER, "quoted")),
    "bad date pattern": (
        "feeds/loyalty_members.yaml",
        "MM/dd/yyyy",
        "MM/dd/QQQQ",
        ("feeds/loyalty_members.yaml", "line", "a bad date pattern", "QQQQ"),
    ),
    "limit of time that nobody is told of": (
        "courier_groups/daily.yaml",
        "run_type: full",
        "run_type: full\nalert_when_runtime_exceeds_minutes: 5",
        (
            "courier_groups/daily.yaml",
            "line",
            "alert_when_runtime_exceeds_minutes",
            "nobody is told",
            "runtime_exceeded",
        ),
    ),
    "rule about nothing": (
        "stitch.yaml",
        "threshold: 3",
        "threshold: 3\nrules: [{action: cluster, condition: present-and-equal}]",
        ("stitch.yaml", "rules.0", "semantics for present-and-equal", "[email]"),
    ),
    "rule about what it is not about": (
        "stitch.yaml",
        "threshold: 3",
        "threshold: 3\nrules: [{action: separate, condition: fuzzy/incompatible-names, semantics: [email]}]",
        ("stitch.yaml", "rules.0", "no semantics", "which is about given-name"),
    ),
    "rule about an unknown semantic": (
        "stitch.yaml",
        "threshold: 3",
        "threshold: 3\nrules: [{action: cluster, condition: fuzzy-similar, semantics: [given_name]}]",
        ("stitch.yaml", "rules.0", "fk-<name>", "given-name"),
    ),
    "second document": (FEED, "source: ecom", "source: ecom\n---\nsource: x", (FEED, "document")),
    "key twice": (FEED, "source: ecom", "source: ecom\nsource: ecom", (FEED, "line 2", "source")),
    "climbing path": (COURIER, "path: ecom", "path: ../secrets", (COURIER, "path")),
    "not YAML": (FEED, "source: ecom", "source: [ecom", (FEED, "line")),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo tenant to break."""
    shutil.copytree(REPOSITORY / "tenant_config", tmp_path / "tenant_config")
    return tmp_path / "tenant_config"


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Put one text in the place of another, which must be there."""
    text = (folder / file).read_text()
    assert old in text, f"{old} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1))


def mistakes(folder: Path) -> list[str]:
    """Load, and give what is wrong."""
    with pytest.raises(ConfigErrors) as error:
        load_tenant(folder)
    return [str(one) for one in error.value.errors]


def test_the_demo_tenant_loads_and_goes_through_json_unchanged() -> None:
    """A revision holds the whole tenant as JSON."""
    tenant = load_tenant(REPOSITORY / "tenant_config")
    assert Tenant.model_validate_json(tenant.model_dump_json(by_alias=True)) == tenant
    assert len(tenant.feeds) == 8


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_is_right(name: str, folder: Path) -> None:
    """One mistake each; the message names file and cause, and says what was expected."""
    file, old, new, wanted = MISTAKES[name]
    change(folder, file, old, new)
    found = mistakes(folder)
    assert any(all(part in message for part in wanted) for message in found), found
    assert all("Expected" in message for message in found)


@pytest.mark.parametrize("file", [FEED, SQL])
def test_a_file_in_another_encoding_is_told_with_its_line(file: str, folder: Path) -> None:
    """And none of its words."""
    (folder / file).write_bytes(b"a: b\n" + "naïve: Ann\n".encode("latin-1"))
    found = [message for message in mistakes(folder) if "UTF-8" in message]
    assert found == [f"{file}, line 2: bytes that are not UTF-8. Expected a text in UTF-8."]


def test_all_mistakes_come_at_once(folder: Path) -> None:
    """Mistakes in different files do not hide each other."""
    names = ["unknown tag", "absent file tag", "bad cron", "absent destination", "absent table in SQL"]
    for name in names:
        file, old, new, _ = MISTAKES[name]
        change(folder, file, old, new)
    found = mistakes(folder)
    for name in names:
        assert any(all(part in message for part in MISTAKES[name][3]) for message in found), (name, found)


def test_a_cycle_among_sql_tables_is_named(folder: Path) -> None:
    """Two tables that read each other."""
    change(folder, SQL, "LEFT JOIN custom", "LEFT JOIN customer_attributes AS x ON TRUE LEFT JOIN custom")
    assert any("cycle" in message and "customer_attributes" in message for message in mistakes(folder))


def test_a_secret_in_the_open_is_refused_and_not_repeated(folder: Path) -> None:
    """A credential takes references only; the error does not show what was written instead."""
    (folder / "credentials").mkdir(exist_ok=True)
    (folder / "credentials" / "sftp.yaml").write_text("type: passphrase\nfields: {password: hunter2-open}\n")
    found = mistakes(folder)
    assert any("credentials/sftp.yaml" in message for message in found)
    assert not any("hunter2" in message for message in found)


def test_a_core_table_is_overridden_by_sql_that_reads_it(folder: Path) -> None:
    """Others of the database then read the override; SQL of that name that does not read the original is refused."""
    table = folder / "databases" / "customer_360" / "unified_transactions"
    table.with_suffix(".yaml").write_text("mode: sql\n")
    table.with_suffix(".sql").write_text("SELECT * FROM unified_transactions WHERE order_revenue > 0\n")
    (table.parent / "orders.yaml").write_text("mode: sql\n")
    (table.parent / "orders.sql").write_text("SELECT order_id FROM unified_transactions\n")
    tables = build_catalog(load_tenant(folder)).tables
    override, core = TableName("database__customer_360", table.name), TableName("unified", table.name)
    assert tables[override].inputs == (core,)
    assert tables[TableName("database__customer_360", "orders")].inputs == (override,)
    table.with_suffix(".sql").write_text("SELECT amperity_id FROM unified_coalesced\n")
    (told,) = mistakes(folder)
    assert told.startswith(f"databases/customer_360/unified_transactions.sql: stands for {core} and does not read it.")
