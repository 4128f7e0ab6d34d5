"""The schemas of configuration files: they take what the loader takes, and refuse what it refuses."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cdp_assets.config.base import ConfigModel
from cdp_assets.config.json_schema import DIALECT, file_kinds, file_schema
from cdp_assets.config.loader import FOLDERS
from cdp_assets.home import REPOSITORY

TENANT = REPOSITORY / "tenant_config"
FILES = sorted(path.relative_to(TENANT).as_posix() for path in TENANT.rglob("*.yaml"))
KINDS = sorted(file_kinds())


def kind_of_file(name: str) -> str:
    """Find the kind as an editor does: the last pattern that matches counts."""
    found = []
    for kind, file in file_kinds().items():
        matching = [p for p in file.patterns if _matches(name, p.removeprefix("!"))]
        found += [kind] if matching and not matching[-1].startswith("!") else []
    (kind,) = found
    return kind


def _matches(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatch(name, pattern)


def read(name: str) -> dict[str, Any]:
    """Give what a file of the demo tenant says."""
    return yaml.safe_load((TENANT / name).read_text())


def problems(kind: str, values: object) -> list[str]:
    """Give what is wrong, by place."""
    found = Draft202012Validator(file_schema(kind)).iter_errors(values)
    return sorted(f"{'.'.join(map(str, one.absolute_path))}: {one.validator}" for one in found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_one(kind: str) -> None:
    """Of the stated dialect, with every reference resolved and no word of ours."""
    made = file_schema(kind)
    assert made["$schema"] == DIALECT
    Draft202012Validator.check_schema(made)
    definitions = made.get("$defs", {})
    assert set(_references(made)) == {f"#/$defs/{name}" for name in definitions}
    assert '"affects"' not in str(made).replace("'", '"')


def test_every_folder_of_the_loader_has_a_kind() -> None:
    """Also the files that the loader reads outside of `FOLDERS`."""
    covered = {glob.partition("/")[0] for file in file_kinds().values() for glob in file.patterns}
    assert covered == {*FOLDERS, "databases", "!databases", "tenant.yaml", "stitch.yaml", "merge_policy.yaml"}


@pytest.mark.parametrize("name", FILES)
def test_the_demo_tenants_files_fit(name: str) -> None:
    """As they are, and not with an unknown field or with the wrong type in place of everything."""
    kind, values = kind_of_file(name), read(name)
    assert problems(kind, values) == []
    assert problems(kind, values | {"colour": "red"}) == [": additionalProperties"]
    assert problems(kind, [values]) == [": type"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_required_field_does_not_fit(kind: str) -> None:
    """What the file beside it or its own name says is not asked for."""
    file = file_kinds()[kind]
    required = {_alias(file.model, name) for name, field in file.model.model_fields.items() if field.is_required()}
    asked = required - {*file.not_in_file, *(["name"] if file.name else [])}
    assert set(file_schema(kind)["required"]) == asked
    assert problems(kind, {}) == [": required"] * len(asked)


@pytest.mark.parametrize(
    ("name", "wrong", "where"),
    [
        ("feeds/ecom_customers.yaml", {"error_threshold_percent": 101}, "error_threshold_percent: maximum"),
        ("feeds/ecom_customers.yaml", {"available_to_stitch": "perhaps"}, "available_to_stitch: type"),
        ("feeds/ecom_customers.yaml", {"fields": [{"name": "a", "type": "text"}]}, "fields.0.type: enum"),
        ("couriers/ecom.yaml", {"files": [{"tag": "a", "pattern": "'a'", "format": {}}]}, "files.0.format: oneOf"),
        ("stitch.yaml", {"threshold": 6}, "threshold: maximum"),
        ("queries/high_value_customers.yaml", {"status": "gone"}, "status: enum"),
        ("queries/high_value_customers.yaml", {"sql": "SELECT 1"}, ": additionalProperties"),
        ("databases/customer_360/database.yaml", {"tables": {}}, ": additionalProperties"),
        ("tenant.yaml", {"feeds": {}}, ": additionalProperties"),
    ],
)
def test_a_wrong_value_is_found_where_it_is(name: str, wrong: dict[str, Any], where: str) -> None:
    """Ranges, types, choices, tags of unions, and fields that stand in other files."""
    assert problems(kind_of_file(name), read(name) | wrong) == [where]


def test_a_field_may_be_called_like_a_word_of_ours() -> None:
    """`fields` of a feed is a property; the alias of `source` is what files use."""
    column = file_schema("feed")["$defs"]["FeedField"]["properties"]
    assert {"name", "from", "type", "description"} <= set(column)
    assert "source" not in column


def test_descriptions_are_in_the_schema() -> None:
    """They are what an editor shows."""
    made = file_schema("courier_group")
    assert made["properties"]["schedule"]["description"].startswith("Five-field cron")
    assert made["properties"]["name"]["description"].startswith("The file's name")


def _alias(model: type[ConfigModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [one for value in node.values() for one in _references(value)]
    return [one for value in node for one in _references(value)] if isinstance(node, list) else []
