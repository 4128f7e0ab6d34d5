"""The frame of every table step: read what the run sees, make the table, write it, say what it is."""

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import dagster as dg
import polars as pl

from cdp_assets.config.catalog import Table
from cdp_assets.databases.static_schema import is_static, refuse_changed_schema
from cdp_assets.defs import checks, keys, metadata
from cdp_assets.defs.explorer import explorer_metadata
from cdp_assets.defs.platform import MODE_TAG, Platform, Revision
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.environments.increments import Build, updated_version
from cdp_assets.environments.run_mode import BUSINESS_DATE, RunMode
from cdp_assets.environments.runs import TableRun
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.security.personal import personal_columns
from cdp_assets.state.publications import Entry

logger = logging.getLogger(__name__)


@dataclass
class Step:
    """One step's hands: its tables in, its tables out. Made by `steps`, used by the asset's body."""

    platform: Platform
    revision: Revision
    run: TableRun
    label: str
    mode: RunMode = RunMode.NORMAL
    started_at: float = field(default_factory=time.monotonic)

    @property
    def lake(self) -> Lake:
        """The lake that the step reads and writes."""
        return self.platform.lake

    def inputs(self, table: Table) -> dict[TableName, Entry]:
        """Give the pinned version of each of the table's inputs."""
        return self.run.inputs(table.inputs)

    def versions(self, entries: Mapping[TableName, Entry]) -> dict[TableName, TableVersion]:
        """Give entries as what the lake reads."""
        return {name: self.at(entry) for name, entry in entries.items()}

    def at(self, entry: Entry) -> TableVersion:
        """Give one entry as what the lake reads."""
        return TableVersion(path=entry.path, version=entry.version)

    def unchanged(self, table: Table, coverage: Mapping[str, int | str]) -> Entry | None:
        """Give the table's present entry when it was made from the very same inputs."""
        entry = self.run.entry(table.name)
        return entry if entry is not None and dict(entry.coverage) == dict(coverage) else None

    def load_id(self, table: TableName) -> str:
        """Name this run's write of a table, so that a repeated step is not written twice."""
        return f"{self.run.run_id}:{table}"

    def record(self, table: Table, version: int, coverage: Mapping[str, int | str]) -> None:
        """Keep the write in the run; the last one publishes."""
        self.run.record(table.name, self.revision.fingerprints[table.name], version, coverage)

    def result(self, table: Table, extra: Mapping[str, Any] | None = None) -> dg.MaterializeResult[Any]:
        """Describe the table as it is now: metadata, a masked preview and the checks."""
        entry = self.run.entry(table.name)
        assert entry is not None  # noqa: S101 - recorded by the same step just before
        key = keys.asset_key(self.run.environment, table.name)
        path, version = self.lake.absolute(entry.path), entry.version
        rows = delta.count(path, version)
        columns = checks.wanted_columns(table)
        values = pl.DataFrame(delta.read(path, version, columns=columns)) if columns else pl.DataFrame()
        head = delta.read(path, version, limit=metadata.PREVIEW_ROWS)
        seconds = time.monotonic() - self.started_at
        size_bytes = delta.size_bytes(path, version)
        self.run.measured(entry.path, rows, size_bytes, None if "reused" in (extra or {}) else seconds)
        described = metadata.table_metadata(
            rows=rows,
            size_bytes=size_bytes,
            schema=head.schema,
            seconds=seconds,
            path=entry.path,
            version=version,
        )
        personal = self.personal(table)
        described["preview"] = metadata.preview(head, personal)
        described |= explorer_metadata(
            self.platform.home, self.lake, self.run.environment, self.revision.catalog, entry, personal
        )
        logger.info("%s: %d rows in %.1f s", table.name, rows, seconds)
        results = checks.check_results(key, table, rows, values, personal)
        return dg.MaterializeResult(asset_key=key, metadata=described | dict(extra or {}), check_results=results)

    def personal(self, table: Table) -> frozenset[str]:
        """Give the columns of `table` that must not be shown as they are."""
        return personal_columns(self.revision.catalog, table.name, _Columns(self))


class _Columns(Mapping[TableName, tuple[str, ...]]):
    """The columns of each table as the run sees it, read when asked for."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def __getitem__(self, table: TableName) -> tuple[str, ...]:
        entry = self._step.run.entry(table)
        if entry is None:
            raise KeyError(table)
        return tuple(delta.schema(self._step.lake.absolute(entry.path), entry.version).names)

    def __iter__(self) -> Iterator[TableName]:
        return iter(self._step.revision.catalog.tables)

    def __len__(self) -> int:
        return len(self._step.revision.catalog.tables)


@contextlib.contextmanager
def step(context: dg.AssetExecutionContext, platform: Platform, revision: Revision, label: str) -> Iterator[Step]:
    """Open a step: its run, its clock, and our errors as Dagster's."""
    with errors_as_dagster(label):
        mode = RunMode.of(context.run.tags.get(MODE_TAG))
        yield Step(platform, revision, platform.run(context, revision), label, mode)


def plain_arguments(
    revision: Revision,
    name: TableName,
    *,
    deps: Iterable[TableName] = (),
    description: str | None,
    kinds: set[str],
    priority: str = keys.PUBLISHED_PRIORITY,
) -> dict[str, Any]:
    """Give what every asset declares that makes no table: files, launches, answers."""
    return {
        "key": keys.asset_key(revision.environment, name),
        "deps": [keys.asset_key(revision.environment, one) for one in deps],
        "group_name": name.layer,
        "description": description,
        "kinds": kinds,
        "tags": keys.tags(revision.environment, None),
        "op_tags": {"dagster/priority": priority},
        "pool": revision.environment,
    }


def asset_arguments(revision: Revision, table: Table, *, kinds: set[str], priority: str) -> dict[str, Any]:
    """Give what every single-table asset declares."""
    fingerprint = revision.fingerprints.get(table.name)
    plain = plain_arguments(
        revision, table.name, deps=table.inputs, description=table.description, kinds=kinds, priority=priority
    )
    return plain | {
        "code_version": fingerprint[:16] if fingerprint else None,
        "tags": keys.tags(revision.environment, fingerprint),
        "check_specs": checks.check_specs(plain["key"], table),
    }


def sql_table(revision: Revision, table: Table, sql: str, kinds: set[str]) -> dg.AssetsDefinition:
    """Make the asset of a table that is one Spark SQL statement over other tables."""
    arguments = asset_arguments(revision, table, kinds=kinds, priority=keys.TABLE_PRIORITY)

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with step(context, platform, revision, str(table.name)) as now:
            return rebuild(now, table, sql)

    return as_asset(arguments, _asset)


def as_asset(arguments: dict[str, Any], body: Callable[..., Any]) -> dg.AssetsDefinition:
    """Make a single-table asset of its declaration and its body."""
    return cast(dg.AssetsDefinition, dg.asset(**arguments)(body))


def rebuild(now: Step, table: Table, sql: str) -> dg.MaterializeResult[Any]:
    """Run the table's SQL over its pinned inputs, or over what changed in them, unless what is there may stay."""
    inputs = now.inputs(table)
    coverage = covering(inputs)
    parameters: dict[str, dt.date] = {}
    if ":business_date" in sql:
        parameters["business_date"] = now.run.business_date
        coverage[BUSINESS_DATE] = now.run.business_date.isoformat()
    entry = now.run.entry(table.name)
    if entry is not None and now.mode.keeps(entry.coverage, coverage, sql):
        now.record(table, entry.version, entry.coverage)
        return now.result(table, {"reused": "the inputs have not changed"})

    path, load_id = now.run.paths[table.name], now.load_id(table.name)

    def write() -> int:
        frame = now.lake.sql(sql, now.versions(inputs), parameters)
        if entry is not None and is_static(now.revision.tenant, table.name):
            refuse_changed_schema(table.name, now.lake.spark_columns(now.at(entry)), dict(frame.dtypes))
        return now.lake.overwrite(path, frame, load_id=load_id)

    build = Build(table.name, path, sql, entry, inputs, load_id, parameters)
    version = None if now.mode is RunMode.FULL else updated_version(now.lake, now.revision.tenant, build)
    now.record(table, now.lake.sessions.run(write) if version is None else version, coverage)
    return now.result(table)


def covering(inputs: Mapping[TableName, Entry]) -> dict[str, int | str]:
    """Give a table's coverage: the path and version of each input that was read."""
    return {str(name): f"{entry.path}@{entry.version}" for name, entry in inputs.items()}
