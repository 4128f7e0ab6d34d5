"""`cdp schema`: one printed, all written, and how an editor finds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.config.json_schema import file_kinds, file_schema
from cdp_assets.home import REPOSITORY


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cdp, ["schema", *arguments])


def test_one_kind_is_printed() -> None:
    """As JSON, for a pipe."""
    assert json.loads(run("feed").stdout) == file_schema("feed")


def test_without_a_kind_the_kinds_are_listed() -> None:
    """With where their files stand."""
    assert [line.split() for line in run().stdout.splitlines()] == [
        [kind, file.patterns[0]] for kind, file in file_kinds().items()
    ]


def test_all_are_written_and_the_editors_settings_name_each(tmp_path: Path) -> None:
    """Nothing else is in the folder; a second time changes nothing."""
    said = run("--out", str(tmp_path / "new" / "schema")).stdout
    assert run("--out", str(tmp_path / "new" / "schema")).stdout == said
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "new" / "schema").iterdir()}
    assert written == {f"{kind}.schema.json": file_schema(kind) for kind in file_kinds()}
    settings = json.loads(said[said.index("{") : said.rindex("}") + 1])["yaml.schemas"]
    assert {Path(name).name for name in settings} == set(written)
    assert settings[str(tmp_path / "new" / "schema" / "feed.schema.json")][0] == "tenant_config/feeds/*.yaml"


def test_the_modeline_leads_from_a_feed_to_its_schema(tmp_path: Path) -> None:
    """The path is relative to the file that holds it."""
    last = run("--out", str(tmp_path)).stdout.splitlines()[-1]
    path = last.removeprefix("# yaml-language-server: $schema=")
    assert (REPOSITORY / "tenant_config" / "feeds" / path).resolve() == tmp_path / "feed.schema.json"


@pytest.mark.parametrize("arguments", [("feeds",), ("feed", "--out", "x")])
def test_a_wrong_use_says_what_is_right(arguments: tuple[str, ...]) -> None:
    """An unknown kind; a kind and a folder."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Expected" in result.stderr
