"""A draft stands beside its active query until it takes its place; comments survive both ways."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.query_drafts import activate, draft
from cdp_assets.errors import ConfigError, ConfigErrors
from cdp_assets.home import REPOSITORY

NAME = "high_value_customers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = shutil.copytree(REPOSITORY / "tenant_config", tmp_path / "tenant")
    settings = made / "queries" / f"{NAME}.yaml"
    settings.write_text("# whose it is\n" + settings.read_text())
    return made


def test_a_draft_has_the_querys_sql_and_the_active_one_stays(folder: Path) -> None:
    before = load_tenant(folder).queries[NAME]
    assert draft(folder, NAME).name == f"{NAME}_draft.sql"
    queries = load_tenant(folder).queries
    beside = queries[f"{NAME}_draft"]
    assert queries[NAME] == before
    assert (beside.status, beside.draft_of, beside.sql) == ("draft", NAME, before.sql)


@pytest.mark.parametrize("name", [NAME, f"{NAME}_draft"])
def test_an_activated_draft_takes_the_place_of_its_query_and_is_gone(folder: Path, name: str) -> None:
    draft(folder, NAME).write_text("SELECT amperity_id FROM customer_360")
    assert activate(folder, name).name == f"{NAME}.sql"
    queries = load_tenant(folder).queries
    found = queries[NAME]
    assert (found.status, found.draft_of, found.sql) == ("active", None, "SELECT amperity_id FROM customer_360")
    assert f"{NAME}_draft" not in queries
    assert (folder / "queries" / f"{NAME}.yaml").read_text().startswith("# whose it is\n")


def test_a_draft_that_stands_alone_becomes_active(folder: Path) -> None:
    settings = folder / "queries" / f"{NAME}.yaml"
    settings.write_text(settings.read_text().replace("status: active", "status: draft"))
    activate(folder, NAME)
    assert "status: active" in settings.read_text()


def test_what_cannot_be_done_is_refused_and_changes_nothing(folder: Path) -> None:
    before = {path: path.read_text() for path in (folder / "queries").iterdir()}
    with pytest.raises(ConfigError, match="active already"):
        activate(folder, NAME)
    with pytest.raises(ConfigError, match="absent"):
        draft(folder, "nothing")
    assert {path: path.read_text() for path in (folder / "queries").iterdir()} == before
    draft(folder, NAME)
    with pytest.raises(ConfigError, match="there is a draft already"):
        draft(folder, NAME)
    with pytest.raises(ConfigError, match="a draft itself"):
        draft(folder, f"{NAME}_draft")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("draft_of: nothing\nstatus: draft", "queries/other.yaml, line 2, draft_of: nothing is absent."),
        (f"draft_of: {NAME}", "queries/other.yaml, line 2, draft_of: stands in an active query."),
    ],
)
def test_what_is_no_draft_of_a_query_is_refused_with_its_place(folder: Path, more: str, told: str) -> None:
    (folder / "queries" / "other.yaml").write_text(f"database: customer_360\n{more}\n")
    (folder / "queries" / "other.sql").write_text("SELECT amperity_id FROM customer_360\n")
    with pytest.raises(ConfigErrors) as refused:
        load_tenant(folder)
    assert told in str(refused.value)
