"""The port through which a query is answered over pinned tables, and its two implementations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from cdp_assets.audiences.context import name_of
from cdp_assets.audiences.dialect import Presto
from cdp_assets.audiences.spark import frame
from cdp_assets.audiences.translate import translate
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.config import sql
from cdp_assets.config.catalog import resolve
from cdp_assets.errors import ConfigError, QueryError
from cdp_assets.lakehouse.lake import Frame, Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName


@dataclass(frozen=True)
class Asking:
    """A Presto query, from where its tables' names are looked up, and what errors call it."""

    text: str
    scope: TableName
    where: str
    today: dt.date
    """The business date of what is read."""


class Engine(Protocol):
    """Answers Presto queries over tables at their versions."""

    def frame(self, lake: Lake, asking: Asking, inputs: Mapping[TableName, TableVersion]) -> Frame:
        """Give the frame of a query's answer. Belongs inside `sessions.run`.

        Raises QueryError for what is refused, LakeError for what fails.
        """


@dataclass(frozen=True)
class OnSpark:
    """Translates a query to Spark SQL."""

    def frame(self, lake: Lake, asking: Asking, inputs: Mapping[TableName, TableVersion]) -> Frame:
        """Give the frame of the translated query."""
        columns = {name: lake.spark_columns(at) for name, at in inputs.items()}
        return frame(
            lake, translate(asking.text, columns, asking.scope, where=asking.where, today=asking.today), inputs
        )


@dataclass(frozen=True)
class OnTrino:
    """Lets a Trino cluster answer a query as it stands, its tables named and pinned."""

    client: TrinoClient
    catalog: str

    def frame(self, lake: Lake, asking: Asking, inputs: Mapping[TableName, TableVersion]) -> Frame:
        """Give the cluster's answer as a frame."""
        text = pinned(asking, self.catalog, {name: at.version for name, at in inputs.items()})
        return lake.sessions.session().createDataFrame(self.client.answer(text, asking.where))


def pinned(asking: Asking, catalog: str, versions: Mapping[TableName, int]) -> str:
    """Spell a query with each table as `catalog.layer.name FOR VERSION AS OF n`, and nothing else changed.

    Raises QueryError for a table that is not among the versions, and for what asks for the time.
    """
    try:
        tree = sql.parse(asking.text, Presto, asking.where)
    except ConfigError as error:
        raise QueryError(error.where, error.problem, f"Expected {error.expected}.") from None
    clock = next((node for node in tree.walk() if isinstance(node, CLOCK) or _is_now(node)), None)
    if clock is not None:
        raise QueryError(asking.where, name_of(clock), "A cluster has a clock of its own: write the date.")
    changes = [
        _change(reference, asking, versions, lambda name: _named(catalog, name)) for reference in sql.references(tree)
    ]
    text = asking.text
    for start, end, spelled in sorted(changes, reverse=True):
        text = text[:start] + spelled + text[end:]
    return text


CLOCK = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.Localtime, exp.Localtimestamp)


def _is_now(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.name).lower() == "now"


def _change(
    reference: exp.Table, asking: Asking, versions: Mapping[TableName, int], named: Callable[[TableName], str]
) -> tuple[int, int, str]:
    """Give where a reference stands in the text, and what goes there."""
    target = resolve(versions, sql.parts(reference), asking.scope)
    if target is None:
        raise QueryError(asking.where, f"table {'.'.join(sql.parts(reference))}", "It is not among the query's tables.")
    alias = "" if reference.alias else f" AS {_quoted(reference.name)}"
    places = [part.meta for part in reference.parts]
    spelled = f"{named(target)} FOR VERSION AS OF {versions[target]}{alias}"
    return min(place["start"] for place in places), max(place["end"] for place in places) + 1, spelled


def _named(catalog: str, name: TableName) -> str:
    return ".".join(map(_quoted, (catalog, name.layer, name.name)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
