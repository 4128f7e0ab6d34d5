"""A sandbox lowers the match threshold and adds a table: its plan is true, promotion and undo compute nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from polars import selectors

from cdp_assets.cli.main import cdp
from cdp_assets.environments.runs import current_publication
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.state import tables
from cdp_assets.state.publications import Publication
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS, STITCH_IDS, Installation
from tests.journey.test_privacy import hits, known_values, surnames

NAME = "lower"
SCORES = TableName("unified", "unified_scores")
ADDED = TableName("database__customer_360", "people_by_state")
SQL = "SELECT\n  c.state,\n  COUNT(*) AS people\nFROM customer_360 AS c\nGROUP BY c.state\n"
Record = tuple[str, str]
Ids = Mapping[Record, str]
Places = dict[TableName, tuple[str, int]]


class Engineer:
    """Somebody with a clone of the demo tenant, and an installation that has published its first day."""

    def __init__(self, installation: Installation, clone: Path) -> None:
        self.installation, self.clone = installation, clone
        self.config, self.sandbox = clone / "tenant_config", clone / "sandboxes" / NAME
        shutil.copytree(REPOSITORY / "tenant_config", self.config)
        self.git("init", "--quiet")
        self.git("add", "tenant_config")
        self.git("commit", "--quiet", "--message", "the demo tenant")

    def git(self, *arguments: str) -> str:
        """Run git in the clone."""
        command = ["git", "-C", str(self.clone), "-c", "user.name=ann", "-c", "user.email=ann@localhost", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def cdp(self, *arguments: str, code: int = 0) -> str:
        """Run a command, which must end with `code`; give what it prints."""
        environment = {"CDP_HOME": str(self.installation.home.root), "CDP_TENANT_CONFIG": str(self.config)}
        found = CliRunner().invoke(cdp, arguments, env=environment)
        assert found.exit_code == code, found.output
        return found.stdout

    def change_the_sandbox(self) -> None:
        """Lower the threshold and add a table."""
        settings = self.sandbox / "stitch.yaml"
        settings.write_text(settings.read_text().replace("threshold: 3", "threshold: 2"))
        (self.sandbox / "databases" / "customer_360" / "people_by_state.sql").write_text(SQL)
        (self.sandbox / "databases" / "customer_360" / "people_by_state.yaml").write_text(
            "description: Who is where.\n"
        )


@dataclass(frozen=True)
class Look:
    """What production shows: where each table is, what its rows hash to, and every file of the lake."""

    places: Places
    checksums: Mapping[TableName, str]
    ids: Ids
    files: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Promoted:
    """A promotion and its undo, and what was seen on the way."""

    engineer: Engineer
    sandbox: Publication
    sandbox_ids: Ids
    shapes: Mapping[str, str]
    """Everything that was said of the data, by its shape."""
    plan: Mapping[str, Any]
    before: Look
    after: Look
    undone: Look
    commits: tuple[str, ...]
    """The clone's, the newest first: undo, promotion, the demo tenant."""


def places(publication: Publication) -> Places:
    """Give where each table of a publication is."""
    return {table: (entry.path, entry.version) for table, entry in publication.entries.items()}


def ids(installation: Installation, publication: Publication) -> Ids:
    """Give who each record is, as a plain dict."""
    return {(source, pk): person for source, pk, person in installation.ids(publication).iter_rows()}


def look(installation: Installation) -> Look:
    """Look at production."""
    published, lake = installation.publication(), installation.home.lake
    stats = {path: path.stat() for path in lake.rglob("*") if path.is_file()}
    return Look(
        places(published),
        {table: checksum(installation, table) for table in published.entries},
        ids(installation, published),
        {str(path.relative_to(lake)): (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()},
    )


def checksum(installation: Installation, table: TableName) -> str:
    """Hash a table's rows, whatever their order."""
    frame = installation.table(table).with_columns(selectors.binary().bin.encode("hex"))
    rows = sorted(frame.write_ndjson().split("\n"))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def promoted(one_by_one: ThreeDays, tmp_path_factory: pytest.TempPathFactory, spark_server: SparkServer) -> Promoted:
    """Run the sandbox once, compare, promote and undo, all by the command line, on a copy of the first day."""
    root = tmp_path_factory.mktemp("promotion")
    shutil.copytree(one_by_one.after_day_one, root / "home")
    installation = Installation(root / "home", spark_server)
    engineer = Engineer(installation, root / "clone")
    engineer.cdp("sandbox", "create", NAME)
    engineer.change_the_sandbox()
    engineer.cdp("apply", "--sandbox", NAME, "--yes")
    engineer.cdp("run", "--sandbox", NAME, "full")
    before, files = look(installation), [root / name for name in ("diff.md", "diff.html", "plan.md", "plan.json")]
    written = ("--markdown", str(files[0]), "--html", str(files[1]))
    shapes = {"diff": engineer.cdp("diff", "--sandbox", NAME, *written, code=2)}
    shapes["diff.json"] = engineer.cdp("diff", "--sandbox", NAME, "--json", code=2)
    saved = ("--markdown", str(files[2]), "-o", str(files[3]))
    shapes["plan"] = engineer.cdp("plan", "--promote", NAME, *saved, code=2)
    shapes |= {path.name: path.read_text() for path in files}
    sandbox = current_publication(installation.state, sandbox_environment(NAME))
    engineer.cdp("apply", str(files[3]), "-m", "People are found by less")
    after = look(installation)
    engineer.cdp("rollback", "--yes")
    return Promoted(
        engineer,
        sandbox,
        ids(installation, sandbox),
        shapes,
        json.loads(shapes["plan.json"]),
        before,
        after,
        look(installation),
        tuple(engineer.git("log", "--format=%H").split()),
    )


def people(found: Ids) -> dict[str, set[Record]]:
    """Give each person's records."""
    groups: dict[str, set[Record]] = {}
    for record, person in found.items():
        groups.setdefault(person, set()).add(record)
    return groups


def several(whole: Ids, part: Ids) -> dict[str, set[str]]:
    """Give the people of `whole` whose records are several people in `part`, and who these are."""
    found = {person: {part[record] for record in records} for person, records in people(whole).items()}
    return {person: parts for person, parts in found.items() if len(parts) > 1}


def test_the_plan_counts_people_as_a_count_by_hand_does(promoted: Promoted) -> None:
    """Merged, split and kept, from both tables of ids as plain dicts; the plan and the comparison say the same."""
    ours, theirs = promoted.before.ids, promoted.sandbox_ids
    assert ours.keys() == theirs.keys()
    merged, split = several(theirs, ours), several(ours, theirs)
    assert len(merged) > 100
    counts = promoted.plan["data"]["difference"]["identity"]["counts"]
    assert counts == {
        "people_before": len(set(ours.values())),
        "people_after": len(set(theirs.values())),
        "merged": len(merged),
        "merged_from": len(set().union(*merged.values())),
        "split": len(split),
        "split_into": len(set().union(*split.values())),
        "gained": 0,
        "lost": 0,
        "ids_kept": len({*ours.values()} & {*theirs.values()}),
        "records_added": 0,
        "records_removed": 0,
        "records_moved": sum(ours[record] != theirs[record] for record in ours),
    }
    assert json.loads(promoted.shapes["diff.json"])["identity"]["counts"] == counts
    sentence = f"{counts['merged_from']:,} merged into {counts['merged']:,}, "
    assert [name for name, text in promoted.shapes.items() if "json" not in name and sentence not in text] == []


def test_the_examples_are_the_largest_merges_and_say_who_they_were(promoted: Promoted) -> None:
    """Each part is another person in production, with as many records; all are one person in the sandbox."""
    ours, theirs = promoted.before.ids, promoted.sandbox_ids
    groups, merged = people(theirs), several(theirs, ours)
    names = {person_name(person): person for person in (*ours.values(), *theirs.values())}
    examples = json.loads(promoted.shapes["diff.json"])["identity"]["merges"]
    assert [one["size"] for one in examples] == sorted((len(groups[one]) for one in merged), reverse=True)[:5]
    for one in examples:
        records = groups[names[one["person"]]]
        parts = {names[part["person"]]: part["size"] for part in one["parts"]}
        assert len(parts) == len(one["parts"]) > 1
        assert parts == {who: sum(ours[record] == who for record in records) for who in {ours[r] for r in records}}
        for part in one["parts"]:
            mine = {(source, mask(pk)) for source, pk in records if ours[source, pk] == names[part["person"]]}
            assert {(record["datasource"], record["pk"]) for record in part["records"]} <= mine


def test_the_explanation_is_a_scored_pair_between_the_parts(promoted: Promoted) -> None:
    """Every link that is named stands in the sandbox's scores, and joins two people of production."""
    ours, theirs = promoted.before.ids, promoted.sandbox_ids
    groups, names = people(theirs), {person_name(person): person for person in theirs.values()}
    scores = promoted.engineer.installation.table(SCORES, promoted.sandbox)
    rows = scores.select("source1", "pk1", "source2", "pk2", "score").rows()
    for one in json.loads(promoted.shapes["diff.json"])["identity"]["merges"]:
        records = groups[names[one["person"]]]
        joining = {
            (s1, mask(pk1), s2, mask(pk2), score)
            for s1, pk1, s2, pk2, score in rows
            if {(s1, pk1), (s2, pk2)} <= records and ours[s1, pk1] != ours[s2, pk2]
        }
        assert len(one["links"]) == len(one["parts"]) - 1
        for link in one["links"]:
            ends = [link[side][name] for side in ("left", "right") for name in ("datasource", "pk")]
            assert (*ends, link["score"]) in joining


def test_what_the_exports_would_send_is_counted(promoted: Promoted) -> None:
    """Both orchestrations were compared; the balance of what they add and drop is that of their records."""
    exports = promoted.plan["data"]["difference"]["exports"]
    assert [one["orchestration"] for one in exports] == ["send_high_value_customers", "send_lifecycle_summary"]
    for one in exports:
        rows = one["rows"]
        assert one["before"] + rows["added"] - rows["removed"] == one["after"]
        assert rows["added"] + rows["removed"] + rows["changed"] > 0


def test_nobodys_value_is_shown_in_any_shape(promoted: Promoted) -> None:
    """Neither 200 known values nor anybody's id stands in text, JSON, Markdown or the page."""
    values = known_values() + surnames()
    assert {name: hits(text.encode(), values) for name, text in promoted.shapes.items()} == dict.fromkeys(
        promoted.shapes, 0
    )
    everybody = {*promoted.before.ids.values(), *promoted.sandbox_ids.values()}
    assert [name for name, text in promoted.shapes.items() if any(person in text for person in everybody)] == []


def test_promotion_publishes_the_sandboxs_tables_and_computes_nothing(promoted: Promoted) -> None:
    """Every table is reused: no run was staged, and no file of the lake was written."""
    changed = {TableName.parse(one["table"]): one["action"] for one in promoted.plan["tables"]}
    assert set(changed.values()) == {"reuse"}
    assert {ADDED, STITCH_IDS, SCORES} <= changed.keys()
    theirs = places(promoted.sandbox)
    assert promoted.after.places == {
        **promoted.before.places,
        **{table: theirs[table] for table in changed},
    }
    assert promoted.after.files == promoted.before.files
    with promoted.engineer.installation.state.read() as conn:
        staged = [row for row in conn.execute(tables.run.select()).mappings() if row["apply_id"] is not None]
    assert staged == []


def test_people_who_stay_the_same_keep_their_ids(promoted: Promoted) -> None:
    """Whoever has the same records has the same id."""
    before, after = people(promoted.before.ids), people(promoted.after.ids)
    same = {frozenset(records): person for person, records in before.items()}
    alike = [(person, same[frozenset(records)]) for person, records in after.items() if frozenset(records) in same]
    assert len(alike) > 0.7 * len(after)
    assert [pair for pair in alike if pair[0] != pair[1]] == []


def test_the_configuration_followed_and_came_back(promoted: Promoted) -> None:
    """Each in one commit, of the changed files alone; only the changed lines differ."""
    engineer, (undo, promotion, start) = promoted.engineer, promoted.commits
    named = engineer.git("show", "--format=", "--name-only", promotion).split()
    assert named == [
        "tenant_config/databases/customer_360/people_by_state.sql",
        "tenant_config/databases/customer_360/people_by_state.yaml",
        "tenant_config/stitch.yaml",
    ]
    lines = engineer.git("show", "--format=", "--numstat", promotion, "--", "tenant_config/stitch.yaml")
    assert lines.split() == ["1", "1", "tenant_config/stitch.yaml"]
    assert engineer.git("diff", start, undo) == ""
    assert engineer.git("status", "--porcelain", "--", "tenant_config") == ""


def test_rollback_restores_the_earlier_publication(promoted: Promoted) -> None:
    """Before the next run: the same paths at the same versions, the same rows, nothing written."""
    assert promoted.undone.places == promoted.before.places
    assert promoted.undone.checksums == promoted.before.checksums
    assert promoted.undone.files == promoted.before.files
    assert promoted.after.checksums[STITCH_IDS] != promoted.before.checksums[STITCH_IDS]


@pytest.mark.long
def test_the_next_days_run_goes_on_from_the_promoted_tables(promoted: Promoted) -> None:
    """Undone once more, so promoted: the new day's records join people who keep the ids of the promotion."""
    engineer, installation = promoted.engineer, promoted.engineer.installation
    engineer.cdp("rollback", "--yes")
    assert look(installation).places == promoted.after.places
    installation.drop(DAYS[1])
    engineer.cdp("run", "full", "--date", DAYS[1].isoformat())
    published = installation.publication()
    assert published.entry(STITCH_IDS).path == promoted.after.places[STITCH_IDS][0]
    assert published.environment == PRODUCTION
    found, before = ids(installation, published), promoted.after.ids
    assert len(found) > len(before)
    kept = sum(found[record] == person for record, person in before.items())
    assert kept >= 0.97 * len(before)
    grown, known = people(found), people(before)
    alike = [person for person, records in known.items() if records in grown.values()]
    assert [person for person in alike if grown.get(person) != known[person]] == []
