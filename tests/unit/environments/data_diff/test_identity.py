"""Which people differ, against brute force over plain sets."""

from __future__ import annotations

from itertools import combinations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.environments.data_diff.explain import regroupings, strongest_links
from cdp_assets.environments.data_diff.identity import identity_counts
from cdp_assets.environments.data_diff.model import Record
from cdp_assets.security.obfuscation import person_name
from cdp_assets.stitch.regrouped import common_people, largest, members, merges, splits

Ids = dict[tuple[str, str], str | None]
SCHEMA = {"datasource": pl.String, "pk": pl.String, "amperity_id": pl.String}
SCORES = {
    "source1": pl.String,
    "pk1": pl.String,
    "source2": pl.String,
    "pk2": pl.String,
    "score": pl.Float64,
    "match_type": pl.String,
}
RECORDS = st.tuples(st.sampled_from("ab"), st.sampled_from("1234"))
ASSIGNED = st.dictionaries(RECORDS, st.sampled_from(["p", "q", "r", "s", None]), max_size=8)


def frame(ids: Ids) -> pl.DataFrame:
    """Make the table of ids."""
    return pl.DataFrame([(source, pk, person) for (source, pk), person in ids.items()], schema=SCHEMA, orient="row")


def groups(ids: Ids) -> dict[str, set[tuple[str, str]]]:
    """Give each person's records."""
    found: dict[str, set[tuple[str, str]]] = {}
    for record, person in ids.items():
        if person is not None:
            found.setdefault(person, set()).add(record)
    return found


def several(ids: Ids, other: Ids) -> set[tuple[str, str]]:
    """Give (person, person of `other`) for every person of `ids` that touches more than one there."""
    touched = {
        (whole, part)
        for whole, records in groups(ids).items()
        for part, others in groups(other).items()
        if records & others
    }
    return {(whole, part) for whole, part in touched if sum(one == whole for one, _ in touched) > 1}


@given(ASSIGNED, ASSIGNED)
def test_counts_are_those_of_brute_force(before: Ids, after: Ids) -> None:
    """Every count, from the definitions."""
    frames = frame(before), frame(after)
    found, old, new = identity_counts(*frames, common_people(*frames)), groups(before), groups(after)
    merged, split = several(after, before), several(before, after)
    known = {record for record in before if before[record]}, {record for record in after if after[record]}
    assert found.people_before == len(old)
    assert found.people_after == len(new)
    assert (found.merged, found.merged_from) == (len({w for w, _ in merged}), len({p for _, p in merged}))
    assert (found.split, found.split_into) == (len({w for w, _ in split}), len({p for _, p in split}))
    assert found.gained == sum(not records & known[0] for records in new.values())
    assert found.lost == sum(not records & known[1] for records in old.values())
    assert found.ids_kept == len(old.keys() & new.keys())
    assert found.records_added == len(known[1] - known[0])
    assert found.records_removed == len(known[0] - known[1])
    assert found.records_moved == sum(before[record] != after[record] for record in known[0] & known[1])


@given(ASSIGNED, ASSIGNED)
def test_wholes_and_parts_are_those_of_brute_force(before: Ids, after: Ids) -> None:
    """Merges one way, splits the other."""
    common = common_people(frame(before), frame(after))
    for found, expected in ((merges(common), several(after, before)), (splits(common), several(before, after))):
        assert set(found.select("whole", "part").iter_rows()) == expected
        assert found.height == len(expected)


@given(ASSIGNED, ASSIGNED, st.integers(0, 3))
def test_the_largest_come_first_with_all_their_records(before: Ids, after: Ids, most: int) -> None:
    """Records that production lacks belong to the person too."""
    ours, theirs = frame(before), frame(after)
    found = largest(theirs, merges(common_people(ours, theirs)), most)
    wholes = {whole for whole, _ in several(after, before)}
    assert found == sorted(wholes, key=lambda one: (-len(groups(after)[one]), one))[:most]
    listed = members(ours, theirs, found)
    assert set(listed.iter_rows()) == {
        (whole, *record, before.get(record)) for whole in found for record in groups(after)[whole]
    }


NODES = st.dictionaries(RECORDS, st.sampled_from("pqrs"), min_size=2, max_size=8)


def reachable(edges: set[tuple[str, str]], start: str) -> set[str]:
    """Give the nodes that edges join to one."""
    seen = {start}
    while more := {b for a, b in edges | {(b, a) for a, b in edges} if a in seen} - seen:
        seen |= more
    return seen


@given(NODES, st.lists(st.tuples(RECORDS, RECORDS, st.sampled_from([1.0, 2.0, 3.0])), max_size=6))
def test_links_are_a_maximum_spanning_forest(
    nodes: dict[tuple[str, str], str], pairs: list[tuple[tuple[str, str], tuple[str, str], float]]
) -> None:
    """As many as needed, and no choice of as many that joins the same has a greater sum."""
    scores = pl.DataFrame([(*left, *right, score, "t") for left, right, score in pairs], schema=SCORES, orient="row")
    links = strongest_links(dict(nodes), scores)
    edges = [(nodes[a], nodes[b], score) for a, b, score in pairs if a in nodes and b in nodes]
    every = {(a, b) for a, b, _ in edges}
    trees = {frozenset(reachable(every, node)) for node in nodes.values()}
    assert len(links) == len(set(nodes.values())) - len(trees)
    sums = [
        sum(score for _, _, score in chosen)
        for chosen in combinations(edges, len(links))
        if {frozenset(reachable({(a, b) for a, b, _ in chosen}, node)) for node in nodes.values()} == trees
    ]
    assert sum(link.score for link in links) == max(sums)


def test_a_merge_is_explained_by_the_pair_that_joins_it() -> None:
    """A record that only the sandbox has may be the bridge; keys show their shape."""
    before: Ids = {("crm", "C-1"): "p", ("crm", "C-2"): "p", ("web", "w77"): "q"}
    after: Ids = dict.fromkeys([*before, ("pos", "7")], "z")
    scores = pl.DataFrame(
        [
            ("crm", "C-1", "crm", "C-2", 5.0, "exact"),
            ("crm", "C-1", "pos", "7", 4.0, "fuzzy"),
            ("pos", "7", "web", "w77", 3.5, "fuzzy"),
            ("crm", "C-2", "web", "w77", 0.5, "fuzzy"),
        ],
        schema=SCORES,
        orient="row",
    )
    [found] = regroupings(["z"], members(frame(before), frame(after), ["z"]), scores)
    assert [(part.person, part.size) for part in found.parts] == [
        (person_name("p"), 2),
        (person_name("q"), 1),
        (None, 1),
    ]
    assert [(link.left, link.right, link.score) for link in found.links] == [
        (Record("crm", "X-9"), Record("pos", "9"), 4.0),
        (Record("pos", "9"), Record("web", "x99"), 3.5),
    ]
