"""Runs what was translated: its tables pinned, its kernels callable by their names."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from pyspark.sql import SparkSession

from cdp_assets.audiences.kernels.registry import KERNELS
from cdp_assets.audiences.translate import Translated
from cdp_assets.lakehouse.kernels import send_kernels
from cdp_assets.lakehouse.lake import Frame, Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName

_registered: WeakKeyDictionary[SparkSession, set[str]] = WeakKeyDictionary()
_registering = threading.Lock()
"""Queries of one session may come from several threads; the package is sent once."""


def frame(
    lake: Lake,
    query: Translated,
    inputs: Mapping[TableName, TableVersion],
    spelled: Mapping[TableName, str] = MappingProxyType({}),
) -> Frame:
    """Give the frame of a translated query over pinned tables. Belongs inside `sessions.run`.

    A table that `spelled` names is read as it is spelled there, as in Spark's FROM.
    """
    if query.kernels:
        register(lake.sessions.session(), query.kernels)
    return lake.frame(query.pinned(lambda table: spelled.get(table) or lake.pinned(inputs[table])))


def register(session: SparkSession, names: Iterable[str]) -> None:
    """Let SQL of a session call these kernels, each as `presto_<name>`. Belongs inside `sessions.run`."""
    with _registering:
        known = _registered.setdefault(session, set())
        missing = sorted(set(names) - known)
        if missing:
            send_kernels(session)
        for name in missing:
            function, kind = KERNELS[name]
            session.udf.register(f"presto_{name}", session_udf(function, kind))
        known.update(missing)


def session_udf(function: object, kind: str) -> object:
    """Make a column function that rows reach in batches."""
    from pyspark.sql.functions import udf

    return udf(function, kind, useArrow=True)
