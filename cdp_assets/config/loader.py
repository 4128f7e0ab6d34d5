"""Reads a tenant's folder into one model, and reports all of its mistakes at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from cdp_assets.config.alert import Alert
from cdp_assets.config.base import ConfigModel
from cdp_assets.config.campaign import Campaign
from cdp_assets.config.courier import Courier
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.credential import Credential
from cdp_assets.config.database import Database, DatabaseTable
from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.config.feed import Feed
from cdp_assets.config.merge_policy import MergePolicy
from cdp_assets.config.orchestration import DataExport, Orchestration, OrchestrationGroup
from cdp_assets.config.policy import Policy
from cdp_assets.config.query import Query
from cdp_assets.config.resource_group import ResourceGroup
from cdp_assets.config.resources import MERGE_POLICY, STITCH
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.segment import Segment
from cdp_assets.config.sql_facts import save_sql_facts
from cdp_assets.config.stitch import Stitch
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transforms import CustomDomainTable, IngestQuery
from cdp_assets.config.user import User, is_login
from cdp_assets.config.yaml_file import YamlFile, read_text, read_yaml
from cdp_assets.errors import ConfigError, ConfigErrors
from cdp_assets.names import is_name

FOLDERS: dict[str, type[ConfigModel]] = {
    "couriers": Courier,
    "courier_groups": CourierGroup,
    "feeds": Feed,
    "ingest_queries": IngestQuery,
    "custom_domain_tables": CustomDomainTable,
    "queries": Query,
    "segments": Segment,
    "campaigns": Campaign,
    "destinations": Destination,
    "data_templates": DataTemplate,
    "data_exports": DataExport,
    "orchestrations": Orchestration,
    "orchestration_groups": OrchestrationGroup,
    "alerts": Alert,
    "credentials": Credential,
    "policies": Policy,
    "resource_groups": ResourceGroup,
    "users": User,
}
"""Folder -> model of each file in it; the file's name is the resource's name."""
SINGLE_FILES: dict[str, type[ConfigModel]] = {STITCH: Stitch, MERGE_POLICY: MergePolicy}
"""Resource of which there is one -> its model; its file stands beside `tenant.yaml` and may be absent."""
WITH_SQL = (IngestQuery, CustomDomainTable, Query)


@dataclass
class Loading:
    """A tenant as far as it could be read: the models, the file of each, and the mistakes so far."""

    folder: Path
    found: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, str], YamlFile] = field(default_factory=dict)
    mistakes: list[ConfigError] = field(default_factory=list)


def load_tenant(folder: Path, *, known: Tenant | None = None) -> Tenant:
    """Give the whole, valid tenant; raises ConfigErrors with every mistake, by file and line.

    `known` is a tenant that is valid: where the files say the same, its rules are not checked again.
    """
    loading = Loading(folder)
    if not (folder / "tenant.yaml").is_file():
        raise ConfigErrors([ConfigError("tenant.yaml", "absent", f"a tenant's configuration in {folder.name}/")])
    head = _one(loading, folder / "tenant.yaml", Tenant, "tenant", named=False)
    for name, model in SINGLE_FILES.items():
        if (path := folder / f"{name}.yaml").is_file() and (one := _one(loading, path, model, name, named=False)):
            loading.found[name] = one
    for kind, model in FOLDERS.items():
        _folder(loading, kind, model)
    _databases(loading)
    _strangers(loading)
    base = cast(Tenant, head) if head is not None else Tenant(id="unknown", name="unknown")
    tenant = base.model_copy(update=loading.found)
    mistakes = loading.mistakes
    if mistakes or tenant != known:
        mistakes += tenant_mistakes(tenant, lambda kind, name: loading.files.get((kind, name)))
        save_sql_facts()
    if mistakes:
        raise ConfigErrors(sorted(mistakes, key=lambda mistake: mistake.where))
    return tenant


def load_stitch(path: Path) -> Stitch:
    """Give Stitch's settings from a file that belongs to no tenant; raises ConfigErrors with every mistake."""
    if not path.is_file():
        raise ConfigErrors([ConfigError(path.name, "absent", "Stitch's settings")])
    loading = Loading(path.parent)
    settings = _one(loading, path, Stitch, "stitch", named=False)
    if loading.mistakes:
        raise ConfigErrors(loading.mistakes)
    return cast(Stitch, settings)


def _folder(loading: Loading, kind: str, model: type[ConfigModel]) -> None:
    loading.found[kind] = {}
    for path in sorted((loading.folder / kind).glob("*.yaml")):
        resource = _one(loading, path, model, kind)
        if resource is not None:
            key = resource.key if isinstance(resource, Feed) else path.stem
            loading.found[kind][key] = resource


def _databases(loading: Loading) -> None:
    found: dict[str, Any] = {}
    for path in sorted((loading.folder / "databases").glob("*/database.yaml")):
        database = _one(loading, path, Database, "databases", name=path.parent.name)
        tables = {}
        for table_path in sorted(set(path.parent.glob("*.yaml")) - {path}):
            name = f"{path.parent.name}.{table_path.stem}"
            table = _one(loading, table_path, DatabaseTable, "databases", key=name)
            if table is not None:
                tables[table_path.stem] = table
        if database is not None:
            found[path.parent.name] = database.model_copy(update={"tables": tables})
    loading.found["databases"] = found


def _strangers(loading: Loading) -> None:
    """Report files that nothing reads: a misspelt folder would otherwise be ignored in silence."""
    known = {*FOLDERS, "databases"}
    for path in sorted(loading.folder.iterdir()):
        if path.is_dir() and path.name not in known and not path.name.startswith("."):
            close = difflib.get_close_matches(path.name, known, n=1)
            expected = f"{close[0]}/" if close else f"one of {', '.join(sorted(known))}"
            loading.mistakes.append(ConfigError(f"{path.name}/", "an unknown folder", expected))
        if path.suffix == ".yml":
            loading.mistakes.append(ConfigError(path.name, "the ending .yml", "the ending .yaml"))


def _one(
    loading: Loading,
    path: Path,
    model: type[ConfigModel],
    kind: str,
    *,
    named: bool = True,
    name: str | None = None,
    key: str | None = None,
) -> Any:
    """Read one resource, or record its mistakes and give nothing."""
    shown = path.relative_to(loading.folder).as_posix()
    name = name or path.stem
    try:
        file = read_yaml(path, shown)
    except ConfigError as mistake:
        loading.mistakes.append(mistake)
        return None
    if not isinstance(file.value, dict):
        loading.mistakes.append(ConfigError(f"{shown}, line 1", "not a mapping", "fields as `name: value`"))
        return None
    loading.files[kind, key or name] = file
    values = dict(file.value)
    if named and model is not Feed:
        if model is User and not is_login(name):
            loading.mistakes.append(ConfigError(shown, "a bad name", "a login: letters, digits and . _ @ + -"))
        elif model is not User and not is_name(name):
            loading.mistakes.append(ConfigError(shown, "a bad name", "lower snake case, a letter first"))
        values.setdefault("name", name)
        if values["name"] != name:
            loading.mistakes.append(ConfigError(file.where(("name",)), "differs from the file's name", name))
    _read_sql(loading, path, shown, model, values)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        loading.mistakes += _explained(error, file, model)
        return None


def _read_sql(loading: Loading, path: Path, shown: str, model: type[ConfigModel], values: dict[str, Any]) -> None:
    text = path.with_suffix(".sql")
    wanted = issubclass(model, WITH_SQL) or (model is DatabaseTable and values.get("mode", "sql") == "sql")
    if not wanted:
        return
    values["sql"] = "SELECT 1"
    if not text.is_file():
        loading.mistakes.append(ConfigError(shown, "its SQL is absent", f"the file {text.name} beside it"))
        return
    try:
        values["sql"] = read_text(text, Path(shown).with_suffix(".sql").as_posix())
    except ConfigError as mistake:
        loading.mistakes.append(mistake)


def _explained(error: ValidationError, file: YamlFile, model: type[ConfigModel]) -> Iterator[ConfigError]:
    """Say each of pydantic's findings in our words, without the offending value."""
    for finding in error.errors(include_input=False, include_url=False):
        path = tuple(part for part in finding["loc"] if not _is_union_tag(part, file, finding["loc"]))
        shown = ".".join(str(part) for part in path)
        where = f"{file.where(path)}, {shown}" if shown else file.where()
        if finding["type"] == "extra_forbidden":
            known = _fields_at(model, path[:-1])
            close = difflib.get_close_matches(str(path[-1]), known, n=1)
            expected = close[0] if close else f"one of {', '.join(sorted(known))}"
            yield ConfigError(where, "an unknown field", expected)
        elif finding["type"] == "missing":
            yield ConfigError(where, "missing", f"the field {path[-1]}")
        else:
            message = finding["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            yield ConfigError(where, "not allowed", message)


def _is_union_tag(part: str | int, file: YamlFile, loc: tuple[str | int, ...]) -> bool:
    """Pydantic puts the tag of a discriminated union into the path; it is not in the file."""
    index = loc.index(part)
    return isinstance(part, str) and index > 0 and _at(file.value, (*loc[:index], "kind")) == part


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _fields_at(model: type[ConfigModel], path: tuple[str | int, ...]) -> list[str]:
    """Give the field names that a model, or a model inside it, knows."""
    schema = model.model_json_schema(by_alias=True)
    node: dict[str, Any] = schema
    for part in path:
        node = _inner(schema, node, part)
    node = _resolved(schema, node)
    options = [node, *(_resolved(schema, option) for option in node.get("oneOf", node.get("anyOf", [])))]
    return sorted({name for option in options for name in option.get("properties", {})})


def _inner(schema: dict[str, Any], node: dict[str, Any], part: str | int) -> dict[str, Any]:
    node = _resolved(schema, node)
    for option in (node, *(_resolved(schema, option) for option in node.get("anyOf", []))):
        if isinstance(part, int) and "items" in option:
            return cast(dict[str, Any], option["items"])
        if part in option.get("properties", {}):
            return cast(dict[str, Any], option["properties"][part])
        if isinstance(option.get("additionalProperties"), dict):
            return cast(dict[str, Any], option["additionalProperties"])
    return {}


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    return cast(dict[str, Any], schema["$defs"][reference.rpartition("/")[2]]) if reference else node
