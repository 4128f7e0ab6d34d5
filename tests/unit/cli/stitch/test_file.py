"""`cdp stitch file`: records in, ids out, and nothing else touched."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from tests.unit.cli.processes import alive, descendants, eventually
from tests.unit.stitch.people import people

RECORDS = people(40).rename({"datasource": "source", "pk": "record_id"}).drop("person")


def run(*words: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(cdp, ["stitch", "file", *map(str, words)])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of 40 people, in no order."""
    RECORDS.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_every_record_gets_an_id_in_the_files_order(source: Path) -> None:
    out = source.with_name("out.parquet")
    done = run(source, out)
    assert done.exit_code == 0, done.output
    written = pl.read_parquet(out)
    assert written.columns == ["source", "record_id", "amperity_id"]
    assert written.drop("amperity_id").equals(pl.read_parquet(source).select("source", "record_id"))
    assert written["amperity_id"].null_count() == 0
    assert 1 < written["amperity_id"].n_unique() < written.height


def test_csv_and_parquet_give_the_same_ids_as_do_other_orders(source: Path) -> None:
    RECORDS.write_csv(source.with_name("in.csv"))
    assert run(source, source.with_name("a.parquet")).exit_code == 0
    assert run(source.with_name("in.csv"), source.with_name("b.csv")).exit_code == 0
    found = [pl.read_parquet(source.with_name("a.parquet")), pl.read_csv(source.with_name("b.csv"))]
    first, second = (one.sort("source", "record_id") for one in found)
    assert first.equals(second)


def test_the_summary_is_json_and_progress_goes_to_stderr(source: Path) -> None:
    RECORDS.with_columns(note=pl.lit("x")).write_parquet(source)
    done = run(source, source.with_name("out.parquet"), "--json")
    summary = json.loads(done.stdout)
    assert (summary["records"], summary["ignored"]) == (RECORDS.height, ["note"])
    assert summary["people"] == pl.read_parquet(source.with_name("out.parquet"))["amperity_id"].n_unique()
    assert "columns ignored: note" in done.stderr


def test_scores_name_pairs_and_who_they_are(source: Path) -> None:
    out, scores = source.with_name("out.parquet"), source.with_name("scores.csv")
    assert run(source, out, "--scores", scores).exit_code == 0
    id_of = {(row[0], row[1]): row[2] for row in pl.read_parquet(out).iter_rows()}
    found = pl.read_csv(scores)
    assert found.height > 0
    for side in ("1", "2"):
        for *key, amperity_id in found.select(f"source{side}", f"record_id{side}", f"amperity_id{side}").iter_rows():
            assert id_of[tuple(key)] == amperity_id


def test_settings_come_from_a_file_and_their_mistakes_are_named(source: Path) -> None:
    out, settings = source.with_name("out.parquet"), source.with_name("stitch.yaml")
    settings.write_text("threshold: 5\n")
    strict = json.loads(run(source, out, "--settings", settings, "--json").stdout)["people"]
    assert strict > json.loads(run(source, out, "--overwrite", "--json").stdout)["people"]
    settings.write_text("treshold: 5\n")
    wrong = run(source, out, "--settings", settings, "--overwrite")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "stitch.yaml, line 1, treshold: an unknown field. Expected threshold." in wrong.stderr


def test_one_to_one_needs_no_comparison(source: Path) -> None:
    records = RECORDS.head(6).with_columns(ck=pl.Series(["a", "a", "b", "b", None, None]))
    records.write_parquet(source)
    settings, out = source.with_name("stitch.yaml"), source.with_name("out.parquet")
    settings.write_text("one_to_one: true\n")
    assert run(source, out, "--settings", settings).exit_code == 0
    ids = pl.read_parquet(out)["amperity_id"].to_list()
    assert (ids[0] == ids[1], ids[2] == ids[3], len(set(ids))) == (True, True, 4)
    done = run(source, out, "--settings", settings, "--overwrite", "--scores", source.with_name("scores.csv"))
    assert "one-to-one Stitch weighs no pair" in done.stderr


@pytest.mark.parametrize(
    ("name", "words", "problem"),
    [
        ("there.parquet", (), "there.parquet: the file is there already. Expected a new name, or --overwrite."),
        ("in.parquet", ("--overwrite",), "in.parquet: it is the file that is read. Expected another file."),
        ("absent/out.parquet", (), "out.parquet: its folder is not there"),
        (f"{'x' * 250}.csv", (), "not written (file name too long)"),
        ("out.csv", ("--scores", "{}/out.csv"), "out.csv: the scores would take the place of OUT"),
        ("out.csv", ("--settings", "{}/in.parquet"), "bytes that are not UTF-8. Expected a text in UTF-8"),
        ("out.json", (), "out.json: the ending .json. Expected .parquet or .csv."),
        ("out.csv", ("--settings", "absent.yaml"), "absent.yaml: absent"),
        ("out.csv", ("--memory-limit", "much"), "Expected a size such as 1500M or 6G, 1G at least."),
        ("out.csv", ("--memory-limit", "1023M"), "1G at least."),
    ],
)
def test_a_refusal_comes_first_and_writes_nothing(
    source: Path, name: str, words: tuple[str, ...], problem: str
) -> None:
    source.with_name("there.parquet").write_text("before")
    before = {path: path.read_bytes() for path in source.parent.iterdir()}
    done = run(source, source.parent / name, *(word.format(source.parent) for word in words))
    assert done.exit_code != 0
    assert problem in done.stderr
    assert {path: path.read_bytes() for path in source.parent.iterdir()} == before


def test_columns_of_every_type_are_resolved_or_ignored(source: Path) -> None:
    """A number as a phone, a date as a birthdate, bytes, nothing at all, 100 KB, emoji; nested values are ignored."""
    odd = {
        "record_id": pl.Series([1, 2, 3], dtype=pl.Int64),
        "given_name": pl.Series(["Zo\u00eb\U0001f338", "A" * 100_000, None], dtype=pl.Categorical),
        "surname": pl.Series([b"Quist", b"\xff\xfe", None], dtype=pl.Binary),
        "email": pl.Series([None, None, None], dtype=pl.Null),
        "phone": pl.Series([2065551234.0, float("nan"), None], dtype=pl.Float64),
        "postal": pl.Series([98101, 98102, None], dtype=pl.UInt32),
        "birthdate": pl.Series([dt.datetime(1980, 2, 3), None, None], dtype=pl.Datetime("us")),
        "gender": pl.Series([True, False, None], dtype=pl.Boolean),
        "address": pl.Series([["1 Elm St"], [], None], dtype=pl.List(pl.String)),
        "city": pl.Series([{"name": "Reno"}, None, None], dtype=pl.Struct({"name": pl.String})),
    }
    pl.DataFrame(odd).write_parquet(source)
    done = run(source, source.with_name("out.csv"), "--json")
    assert done.exit_code == 0, done.output
    assert (json.loads(done.stdout)["people"], json.loads(done.stdout)["ignored"]) == (3, ["address", "city"])


def test_no_records_and_ten_records_are_resolved(source: Path) -> None:
    for count in (0, 1, 10):
        RECORDS.head(count).write_parquet(source)
        assert run(source, source.with_name("out.parquet"), "--overwrite").exit_code == 0
        assert pl.read_parquet(source.with_name("out.parquet")).height == count


def test_a_file_that_is_not_there_replaces_none(source: Path) -> None:
    """Not even where it may."""
    out = source.with_name("out.csv")
    out.write_text("before")
    done = run(source.with_name("absent.parquet"), out, "--overwrite")
    assert "absent.parquet: no such file" in done.stderr
    assert out.read_text() == "before"


def test_a_limit_of_memory_ends_the_run_and_a_high_one_does_not(
    source: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is said comes from a process of its own, since the limit is a process's; as texts the second is 1.2 GB."""
    large, rows = source.with_name("large.parquet"), 12_000
    value = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), ["x" * 100_000])
    pq.write_table(pa.table({"record_id": range(rows), "email": value}), large)
    found = [run(path, path.with_suffix(".csv"), "--memory-limit", "1G").exit_code for path in (source, large)]
    assert (found, large.with_suffix(".csv").exists()) == ([0, 1], False)
    assert "large.parquet: the memory is used up. Expected a higher limit" in capfd.readouterr().err


def test_a_command_that_is_killed_leaves_nobody_who_goes_on(tmp_path: Path) -> None:
    """With a limit of memory it resolves in another process, which would write OUT later."""
    records = people(4000).rename({"datasource": "source", "pk": "record_id"}).drop("person")
    records.write_parquet(tmp_path / "in.parquet")
    words = ["stitch", "file", str(tmp_path / "in.parquet"), str(tmp_path / "out.csv"), "--memory-limit", "2G"]
    with subprocess.Popen([sys.executable, "-m", "cdp_assets.cli.main", *words], stderr=subprocess.DEVNULL) as command:
        assert eventually(lambda: bool(descendants(command.pid)), 30)
        children = descendants(command.pid)
        command.kill()
    assert eventually(lambda: not alive(children), 5)
    assert not (tmp_path / "out.csv").exists()


def test_records_that_nothing_is_said_of_are_somebody_of_their_own_and_the_user_is_told(tmp_path: Path) -> None:
    pl.DataFrame({"record_id": ["1", "2"], "first": ["Ann", "Ann"]}).write_csv(tmp_path / "in.csv")
    done = run(tmp_path / "in.csv", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "No column says who somebody is" in done.stderr
    assert pl.read_csv(tmp_path / "out.csv")["amperity_id"].n_unique() == 2
