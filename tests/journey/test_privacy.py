"""Nobody's name, e-mail address or phone stands where operators look."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.plan_text import render
from cdp_assets.environments.planning import make_plan
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from tests.journey.conftest import ThreeDays

SAMPLE = REPOSITORY / "sample_data" / "acme"
WANTED = 200


def known_values() -> list[str]:
    """Give 200 values of acme's customers: full names, e-mail addresses and phones, spread over the file."""
    with gzip.open(SAMPLE / "ecom" / "customers_2026_11_20.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    names = [f"{row['first_name']} {row['last_name']}" for row in rows if row["first_name"] and row["last_name"]]
    emails = [row["email"] for row in rows if row["email"]]
    phones = [row["phone"] for row in rows if len(set(filter(str.isdigit, row["phone"]))) > 3]
    spread = [values[:: max(1, len(values) // 80)][:80] for values in (names, emails, phones)]
    return list(dict.fromkeys(value.lower() for values in zip(*spread, strict=True) for value in values))[:WANTED]


def surnames() -> list[str]:
    """Give long surnames, which stand alone in a column and are no word of ours."""
    with gzip.open(SAMPLE / "ecom" / "customers_2026_11_20.csv.gz", "rt") as file:
        found = sorted({row["last_name"].lower() for row in csv.DictReader(file) if len(row["last_name"]) >= 9})
    return found[:50]


def texts(folder: Path) -> list[tuple[str, bytes]]:
    """Give every file that operators' tools read: events, logs, state, not the tables themselves."""
    kept = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    places = {"lake", "drop", "outbox"}
    return [
        (str(path.relative_to(folder)), path.read_bytes())
        for path in kept
        if path.relative_to(folder).parts[0] not in places
    ]


def hits(body: bytes, values: list[str]) -> int:
    """Count the known values that occur, in any case."""
    found = re.findall("|".join(map(re.escape, values)).encode(), body, re.IGNORECASE)
    return len({value.lower() for value in found})


def test_the_values_are_in_what_is_delivered(one_by_one: ThreeDays) -> None:
    """The search finds the same values where they belong, so it can find them elsewhere."""
    lake = one_by_one.installation.home.lake
    landed = b"".join(gzip.decompress(path.read_bytes()) for path in lake.rglob("customers_2026_11_20.csv.gz"))
    assert len(known_values()) == WANTED
    assert hits(landed, [value for value in known_values() if " " not in value]) > 100
    assert hits(landed, surnames()) == len(surnames())


def test_no_known_value_stands_in_events_logs_state_or_metadata(one_by_one: ThreeDays) -> None:
    """Dagster's event storage, its compute logs, our logs and the state hold none of 200 known values."""
    files = texts(one_by_one.installation.home.root)
    assert any(name.startswith("dagster/") and name.endswith(".db") for name, _ in files)
    assert any(name.startswith("state.db") for name, _ in files)
    values = known_values() + surnames()
    assert {name: count for name, body in files if (count := hits(body, values))} == {}


def test_no_known_value_stands_in_a_plan_or_in_the_printed_lines(
    one_by_one: ThreeDays, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan over a tenant that holds customers, and what its run prints, name none of them."""
    installation = one_by_one.installation
    plan = make_plan(installation.state, load_tenant(REPOSITORY / "tenant_config"), PRODUCTION)
    printed = capsys.readouterr()
    body = "\n".join([render(plan), json.dumps(plan.to_json()), printed.out, printed.err]).encode()
    assert hits(body, known_values() + surnames()) == 0
