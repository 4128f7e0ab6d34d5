"""The kernel in a process of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.content import content_of
from cdp_assets.lakehouse.keep import Stored, Target, held, keep_all
from cdp_assets.stitch.child import Outcome, StitchError, Tables, stitch_in_child
from cdp_assets.stitch.figures.run import Examples, figures_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.labels import LABEL_SCHEMA
from tests.unit.stitch.people import people

RECORDS = people(30).drop("person")
SECOND = Given(key=b"k" * 32, run_id="second", at=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC))
NOWHERE = Tables({}, {})
PANIC = """
import os
from polars.exceptions import PanicException
from cdp_assets.stitch import kernel

value = "@".join(["ann", "acme.example"])

def stitch(*_):
    os.write(2, f"thread 'x' panicked: {value}".encode())
    raise PanicException(value)

kernel.stitch = stitch
"""
"""What a process is started with whose kernel panics."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a first run, which knew fewer records."""
    path = tmp_path_factory.mktemp("lake")
    first = stitch(RECORDS.head(40), Stitch(), Given(key=b"k" * 32)).tables()
    keep_all([(Target(path / name, None, "first"), rows) for name, rows in first.items()])
    return path


@pytest.fixture(scope="module")
def here(lake: Path) -> StitchResult:
    """The second run in this process."""
    before = {path.name: held(Stored(path, 0)) for path in sorted(lake.iterdir())}
    return stitch(RECORDS, Stitch(), Given(SECOND.key, SECOND.run_id, SECOND.at, previous=before))


@pytest.fixture(scope="module")
def there(lake: Path, here: StitchResult) -> Outcome:
    """The second run in the child, which brings two tables less to their rows."""
    before = {path.name: Stored(path, 0) for path in sorted(lake.iterdir())}
    wanted = [name for name in here.frames if name not in ("detailed_examples", "stitch_model")]
    after = {name: Target(lake / name, 0, "second") for name in wanted}
    return stitch_in_child(lambda: RECORDS, Stitch(), SECOND, Tables(before, after))


def test_the_child_brings_tables_to_what_the_kernel_finds(lake: Path, here: StitchResult, there: Outcome) -> None:
    """Every table of a second run: all that the run is given reaches the child."""
    tables = here.tables()
    assert len(there.versions) == len(tables) - 2
    for name, version in there.versions.items():
        assert content_of(held(Stored(lake / name, version)).to_arrow()) == content_of(tables[name]), name
    assert there.versions["stitch_ids"] == 1
    assert there.report.cluster_sizes == here.report.cluster_sizes


def test_a_table_that_is_not_asked_for_is_left_alone(lake: Path, there: Outcome) -> None:
    """A tenant may leave tables out."""
    assert "stitch_model" not in there.versions
    assert delta.version(lake / "stitch_model") == 0


def test_the_parent_is_told_the_figures_of_the_run(lake: Path, here: StitchResult, there: Outcome) -> None:
    """The same as of the tables themselves, with what became of the people of the run before."""
    figures = figures_of(here.frames, held(Stored(lake / "stitch_ids", 0)), Examples())
    assert there.figures is not None
    assert there.figures.to_json() == figures.to_json()
    assert there.labelled.equals(here.frames["stitch_labelled"])


def test_a_run_that_compares_nobody_has_no_figures(tmp_path: Path) -> None:
    """As in one-to-one mode: there are ids alone."""
    records, one = RECORDS.with_columns(ck="pk"), Target(tmp_path / "stitch_ids", None, "first")
    found = stitch_in_child(lambda: records, Stitch(one_to_one=True), SECOND, Tables({}, {"stitch_ids": one}))
    assert (found.figures, found.versions) == (None, {"stitch_ids": 0})
    assert held(Stored(one.path, 0)).height == RECORDS.height


def test_labels_that_contradict_each_other_are_told_by_the_parent() -> None:
    """The run's error names the labels; the child's own log is not needed."""
    rows = [("ops", "L7", part, "shop:customers", "pk", "p1") for part in ("1", "2")]
    given = Given(key=b"k" * 32, labels=pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row"))
    with pytest.raises(StitchError, match="L7 parts records that L7 joined"):
        stitch_in_child(lambda: people(5).drop("person"), Stitch(), given, NOWHERE)


def test_a_table_that_cannot_be_written_is_told_by_the_parent(tmp_path: Path) -> None:
    """What the process fails by is in its own log; no value is."""
    (tmp_path / "bad").write_text("a file where a folder is wanted")
    at = Tables({}, {"stitch_ids": Target(tmp_path / "bad", None, "first")})
    with pytest.raises(StitchError, match="ended with code 1"):
        stitch_in_child(lambda: RECORDS, Stitch(), SECOND, at)


def test_a_process_that_would_take_too_much_memory_ends_and_says_so() -> None:
    """The limit is the setting's; the machine goes on."""
    with pytest.raises(StitchError, match="memory_limit_mb"):
        stitch_in_child(lambda: people(20).drop("person"), Stitch(memory_limit_mb=1), Given(key=b"k" * 32), NOWHERE)


def test_a_panic_of_a_library_leaves_no_value_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the line that Rust writes by itself nor the exception's own words; where it happened is told."""
    (tmp_path / "sitecustomize.py").write_text(PANIC)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(StitchError, match="ended with code 1"):
        stitch_in_child(lambda: RECORDS, Stitch(), SECOND, NOWHERE)
    log = capfd.readouterr().err
    assert "stitch: PanicException" in log
    assert "in _resolved" in log
    assert "ann@acme.example" not in log


def test_records_that_cannot_be_read_end_the_child_too(tmp_path: Path) -> None:
    """The error is that of whoever reads them; nothing is written."""

    def read() -> pl.DataFrame:
        raise LakeError("the records are gone")

    at = Tables({}, {"stitch_ids": Target(tmp_path / "stitch_ids", None, "first")})
    with pytest.raises(LakeError, match="the records are gone"):
        stitch_in_child(read, Stitch(), SECOND, at)
    assert list(tmp_path.iterdir()) == []
