"""What an estimate says is what the run does."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.estimate import COSTS, Counts, Engine, counts_of, engine_of, estimate, memory_limit
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from tests.unit.stitch.people import people

RECORDS = people(120).drop("person")
GIVEN = Given(key=b"k" * 32)


def test_pairs_are_those_that_the_run_compares() -> None:
    """Counted, not guessed: equal records are one, and a pair that several keys find is one."""
    run = resolve(RECORDS, Stitch(), GIVEN)
    found = counts_of(RECORDS, Stitch(), GIVEN)
    assert found == Counts(RECORDS.height, run.collapsed.records.height, len(run.pairs.left))
    assert found.pairs > 0


def test_what_is_known_to_be_bad_is_not_counted() -> None:
    """As the run that is given the same list: a mailbox that is bad makes no pair."""
    bad = {"datasource": "*", "semantic": "email", "value": RECORDS["email"].drop_nulls().unique().sort().head(40)}
    given = Given(key=b"k" * 32, bad_values=pl.DataFrame(bad | {"is_preprocessed": False}))
    run, found = resolve(RECORDS, Stitch(), given), counts_of(RECORDS, Stitch(), given)
    assert found == Counts(RECORDS.height, run.collapsed.records.height, len(run.pairs.left))
    assert found != counts_of(RECORDS, Stitch(), GIVEN)


def test_one_to_one_compares_nothing() -> None:
    assert counts_of(RECORDS, Stitch(one_to_one=True), GIVEN).pairs == 0


def test_no_records_are_no_error() -> None:
    assert counts_of(RECORDS.clear(), Stitch(), GIVEN) == Counts(0, 0, 0)


def test_the_engine_follows_the_setting() -> None:
    """The setting names the largest number that one process resolves."""
    settings = Stitch(spark_above_records=100)
    assert [engine_of(records, settings) for records in (100, 101)] == ["one process", "spark"]
    for one_process in ({"enable_staple": True}, {"one_to_one": True}):
        assert engine_of(101, Stitch.model_validate({"spark_above_records": 100, **one_process})) == "one process"


@pytest.mark.parametrize("engine", COSTS)
def test_more_records_and_pairs_cost_more(engine: Engine) -> None:
    """By every measure, and nothing costs less than starting."""
    none, some, more = (estimate(Counts(n, n, 10 * n), engine) for n in (0, 10**6, 10**7))
    assert none.total_s == COSTS[engine].start_s < some.total_s < more.total_s
    assert none.memory_bytes < some.memory_bytes < more.memory_bytes
    assert none.disk_bytes <= some.disk_bytes <= more.disk_bytes


def test_a_bare_file_takes_less_than_a_tenants_tables() -> None:
    """No table is made of it, so neither time nor memory is said for one."""
    counts = Counts(10**6, 10**6, 12 * 10**6)
    ids, tables = (estimate(counts, "one process", tables=made) for made in (False, True))
    assert ids.seconds.items() < tables.seconds.items()
    assert ids.memory_bytes < tables.memory_bytes


def test_the_limit_of_memory_leaves_room_and_is_the_settings_where_there_is_one() -> None:
    """A run of so many records with many pairs stays below; a few records have the least."""
    expected = estimate(Counts(10**7, 10**7, 20 * 10**7), "one process").memory_bytes
    assert expected < memory_limit(10**7, Stitch()) < 6 * expected
    assert memory_limit(10, Stitch()) == 4 << 30
    assert memory_limit(10**7, Stitch(memory_limit_mb=500)) == 500 << 20


def test_json_names_every_stage() -> None:
    found = estimate(Counts(10, 9, 8), "one process").to_json()
    assert (found["records"], found["people"], found["pairs"]) == (10, 9, 8)
    assert list(found["seconds"]) == ["start", *COSTS["one process"].stages]
