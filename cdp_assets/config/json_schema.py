"""JSON Schema of every kind of configuration file, made from the models: what an editor needs to help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from cdp_assets.config.base import ConfigModel
from cdp_assets.config.database import Database, DatabaseTable
from cdp_assets.config.feed import Feed
from cdp_assets.config.loader import FOLDERS, SINGLE_FILES, WITH_SQL
from cdp_assets.config.resources import DATABASE_TABLE, HEAD, head_fields, kind_of
from cdp_assets.config.tenant import Tenant

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "The file's name without its ending; need not be given."
FOLDER_NAME = "The folder's name; need not be given."
OURS = ("affects", "discriminator")
"""Words in pydantic's answer that JSON Schema does not know."""
Schema = dict[str, Any]


@dataclass(frozen=True)
class FileKind:
    """A kind of file: where such files stand in a tenant's folder, and the model of each."""

    patterns: tuple[str, ...]
    """Globs relative to the tenant's folder; the last one that matches counts, `!` excludes."""
    model: type[ConfigModel]
    not_in_file: tuple[str, ...] = ()
    """Fields that come from elsewhere: the SQL beside the file, the files of other resources."""
    name: str | None = None
    """How the name is found, where the file need not say it."""


def file_kinds() -> dict[str, FileKind]:
    """Give every kind of file, by the kind's name as in an address such as `feed.ecom_customers`."""
    resources = {kind_of(folder): _in_folder(folder, model) for folder, model in FOLDERS.items()}
    not_head = tuple(name for name in Tenant.model_fields if name not in head_fields())
    tables = ("databases/*/*.yaml", "!databases/*/database.yaml")
    return {
        HEAD: FileKind(("tenant.yaml",), Tenant, not_head),
        **{name: FileKind((f"{name}.yaml",), model) for name, model in SINGLE_FILES.items()},
        **resources,
        "database": FileKind(("databases/*/database.yaml",), Database, ("tables",), FOLDER_NAME),
        DATABASE_TABLE: FileKind(tables, DatabaseTable, ("sql",), FILE_NAME),
    }


def file_schema(kind: str) -> Schema:
    """Give the schema of a kind of file, as an author writes it; raises KeyError for an unknown kind."""
    file = file_kinds()[kind]
    made = file.model.model_json_schema(by_alias=True, schema_generator=_WithoutFieldTitles)
    for union in _unions(made):
        _require_tag(made, union)
    for name in file.not_in_file:
        del made["properties"][name]
    filled_in = {*file.not_in_file, *(["name"] if file.name else [])}
    made["required"] = [name for name in made.get("required", []) if name not in filled_in]
    if file.name:
        made["properties"]["name"]["description"] = file.name
    return {"$schema": DIALECT, **_used(_plain(made))}


class _WithoutFieldTitles(GenerateJsonSchema):
    """Without "Time Zone" as the title of `time_zone`: an editor would show it instead of the description."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Set none."""
        return False


def _in_folder(folder: str, model: type[ConfigModel]) -> FileKind:
    sql = ("sql",) if issubclass(model, WITH_SQL) else ()
    return FileKind((f"{folder}/*.yaml",), model, sql, None if model is Feed else FILE_NAME)


def _nodes(node: Any) -> Iterator[Schema]:
    """Give every mapping inside a schema, itself included."""
    if isinstance(node, dict):
        yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from _nodes(one)


def _unions(schema: Schema) -> list[Schema]:
    return [node for node in _nodes(schema) if isinstance(node.get("discriminator"), dict)]


def _require_tag(schema: Schema, union: Schema) -> None:
    """Let each member of a union demand its tag: a file must say it, and only one member then fits."""
    tag = union["discriminator"]["propertyName"]
    for reference in set(union["discriminator"]["mapping"].values()):
        member = schema["$defs"][reference.rpartition("/")[2]]
        member["required"] = sorted({tag, *member.get("required", [])})


def _plain(node: Any, *, names: bool = False) -> Any:
    """Give a schema without our own words; a mapping of `names` holds fields, which may be called anything."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    kept = ((key, value) for key, value in node.items() if names or key not in OURS)
    return {key: _plain(value, names=not names and key in ("properties", "$defs")) for key, value in kept}


def _used(schema: Schema) -> Schema:
    """Leave out definitions that nothing refers to any more."""
    wanted: set[str] = set()
    waiting: list[Any] = [{key: value for key, value in schema.items() if key != "$defs"}]
    while waiting:
        found = {node["$ref"].rpartition("/")[2] for node in _nodes(waiting.pop()) if "$ref" in node}
        waiting += [schema["$defs"][name] for name in found - wanted]
        wanted |= found
    definitions = {name: one for name, one in schema.get("$defs", {}).items() if name in wanted}
    rest = {key: value for key, value in schema.items() if key != "$defs"}
    return rest | ({"$defs": definitions} if definitions else {})
