"""`cdp stitch report` as an operator uses it, on what the kernel made of a few people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.stitch.operator_of import RECORDS, Operator
from tests.unit.cli.test_plan_apply import Engineer


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """For tests that change nothing but the audit log."""
    return Operator(tmp_path_factory.mktemp("operator"))


def test_the_text_has_the_figures_of_the_page(operator: Operator) -> None:
    """People, records, changes since the run before, and every source."""
    text = operator.run("stitch", "report").stdout
    ids = operator.frames["stitch_ids"]
    assert f"{ids['amperity_id'].n_unique()} people of {ids.height} records" in text
    assert "recognized" in text
    assert [name for name in RECORDS["datasource"].unique() if name not in text] == []


def test_json_and_the_page_show_nobody_unless_asked(operator: Operator, tmp_path: Path) -> None:
    """Shapes instead of values; asked for, the values themselves, and the audit log says so."""
    page, compared = tmp_path / "page.html", operator.frames["unified_preprocessed_raw"]
    known = {*compared["email"].drop_nulls(), *compared["phone"].drop_nulls(), *compared["address"].drop_nulls()}
    hidden = operator.run("stitch", "report", "--json", "--html", str(page)).stdout
    shown = operator.run("stitch", "report", "--json", "--reveal").stdout
    assert [value for value in known if value in hidden + page.read_text()] == []
    assert any(value in shown for value in known)
    assert json.loads(hidden)["people"] == json.loads(shown)["people"]
    entry = json.loads(operator.run("audit", "--json").stdout)
    assert [one["resource"] for one in entry if one["action"] == "query:reveal"] == ["production:stitch.report"]


def test_examples_are_of_the_people_asked_for(operator: Operator, tmp_path: Path) -> None:
    """Of a list alone, or of nobody on it."""
    chosen, path = sorted(operator.frames["unified_scores"]["amperity_id"].unique())[:2], tmp_path / "ids.txt"
    path.write_text("\n".join(chosen) + "\n")

    def weakest(option: str) -> set[str]:
        found = operator.run("stitch", "report", option, str(path), "--json", "--reveal", "--examples", "99").stdout
        return {one["amperity_id"] for one in json.loads(found)["weakest"]}

    everybody = set(operator.frames["unified_scores"]["amperity_id"])
    assert (weakest("--include"), weakest("--exclude")) == (set(chosen), everybody - set(chosen))
    for text, problem in ((b"\n", "empty"), (b"\xff\xfe", "no text in UTF-8")):
        path.write_bytes(text)
        told = operator.run("stitch", "report", "--include", str(path)).stderr
        assert f"{problem}. Expected one amperity_id a line" in told


def test_a_page_that_cannot_be_written_is_one_line(operator: Operator, tmp_path: Path) -> None:
    found = operator.run("stitch", "report", "--html", str(tmp_path / "absent" / "page.html"))
    assert (found.exit_code, found.stdout) == (1, "")
    assert "page.html: not written (no such file or directory)" in found.stderr


def test_before_a_run_there_is_nothing_to_report(tmp_path: Path) -> None:
    """One line that says what to do."""
    found = Engineer(tmp_path).run("stitch", "report")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "nothing is published yet" in found.stderr
