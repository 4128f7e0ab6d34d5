"""A comparison in the terminal, and what a plan says of it."""

from __future__ import annotations

from dataclasses import replace

from cdp_assets.environments.data_diff.model import DataConsequence, DataDiff
from cdp_assets.environments.data_diff.text import consequence_lines, consequence_summary, render
from tests.unit.environments.data_diff.diffs import data_diff, table

DIFF = data_diff(table(), table("unified.merged_customers", sampled=0.5))


def test_the_summary_comes_first_then_tables_people_details_and_exports() -> None:
    """In the order of what matters."""
    text = render(DIFF)
    places = [
        text.index(words)
        for words in (
            "2 tables differ, 1 identical.",
            "People: 10 -> 9: 2 merged into 1, 0 split into 0, 0 gained, 0 lost; 9 ids kept, 1 record moved.",
            "table                     production  sandbox",
            "+ person-1: 3 records of 2 parts",
            "~ database__c.people  (matched by amperity_id)",
            "~  send_vips  5 ->  6  +2  -1  ~0",
            "? send_others: not compared; only in the sandbox",
        )
    ]
    assert places == sorted(places)


def test_an_estimate_is_marked() -> None:
    """In the table's line and in its details; nothing is no estimate."""
    [line] = [line for line in render(DIFF).splitlines() if line.startswith("~  unified.merged_customers")]
    assert line.split()[2:7] == ["10", "11", "≈2", "≈1", "≈3"]
    assert line.endswith("+1 ~1; city ≈3, state ≈1")


def test_an_exports_estimate_is_marked() -> None:
    """In the sentence and in the line."""
    [export] = DIFF.exports
    found = render(replace(DIFF, exports=(replace(export, sampled=0.5),)))
    assert "Export send_vips: ≈2 added, ≈1 dropped, 0 changed of 5 records." in found
    assert "~  send_vips  5 ->  6  +≈2  -≈1  ~0" in found


def test_a_sandbox_that_must_still_run_is_told_so_first() -> None:
    """With the command; few names of many."""
    tables = tuple(f"unified.t{n}" for n in range(6))
    found = render(DataDiff("vip", (3, 5), (), unbuilt=tables)).splitlines()
    assert found[2] == (
        "The sandbox has not built 6 tables as it defines them now (unified.t0, unified.t1, unified.t2, unified.t3 "
        "and 2 more): ./cdp run --sandbox vip refresh"
    )
    assert found[3].startswith("No differences.")


def test_people_that_stay_the_same_are_told() -> None:
    """Whether their ids were compared, or are read from one table."""
    same = "People: every record belongs to the same person on both sides."
    assert same in render(replace(DIFF, identity=None, same_ids=True))
    assert same not in render(replace(DIFF, identity=None))


def test_a_plan_names_people_exports_tables_and_the_largest_merges() -> None:
    """Or why it cannot."""
    lines = consequence_lines(DataConsequence(replace(DIFF, notes=("Look twice.",))))
    assert lines[1].startswith("  People: 10 -> 9: 2 merged into 1")
    assert lines[2:5] == [
        "  Export send_vips: 2 added, 1 dropped, 0 changed of 5 records.",
        "  Export send_others: not compared; only in the sandbox.",
        "  Note: Look twice.",
    ]
    assert lines[-1] == "        joined by ecom X-9999 = pos 99: score 2.70, scored"
    unknown = DataConsequence(unknown="the sandbox has built nothing yet")
    assert consequence_summary(unknown) == [
        "What this does to the data is not known: the sandbox has built nothing yet"
    ]
    assert [line.strip() for line in consequence_lines(unknown)] == consequence_summary(unknown)
