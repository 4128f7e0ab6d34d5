"""`cdp stitch estimate` on a bare file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from tests.unit.stitch.people import people

RECORDS = people(40).rename({"datasource": "source", "pk": "record_id"}).drop("person")


def run(*words: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(cdp, ["stitch", *map(str, words)])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of 40 people."""
    RECORDS.write_parquet(tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_pairs_are_those_that_resolving_the_file_compares(source: Path) -> None:
    said = json.loads(run("estimate", source, "--json").stdout)
    done = json.loads(run("file", source, source.with_name("out.parquet"), "--json").stdout)
    assert (said["records"], said["pairs"]) == (done["records"], done["pairs"])
    assert said["engine"] == "one process"


def test_a_reader_is_told_engine_time_and_memory(source: Path) -> None:
    said = run("estimate", source).stdout
    assert f"{RECORDS.height:,} records" in said
    assert "In one process: about" in said
    assert "GB of memory" in said


def test_the_file_s_settings_choose_the_engine(source: Path) -> None:
    settings = source.with_name("stitch.yaml")
    settings.write_text("spark_above_records: 10\n")
    assert json.loads(run("estimate", source, "--settings", settings, "--json").stdout)["engine"] == "spark"


@pytest.mark.parametrize("words", [("--settings", "s.yaml"), ("in.parquet", "--sandbox", "x")])
def test_options_that_do_not_go_together_are_wrong_usage(
    source: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(source.parent)
    Path("s.yaml").write_text("")
    done = run("estimate", *words)
    assert done.exit_code != 0
    assert "Usage:" in done.stderr
