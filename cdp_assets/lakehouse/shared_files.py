"""Gives a table the very files of another: a copy of any size that copies no row.

A data file is never changed once it is written, so a second name for it is as good as a copy. Each table keeps and
removes its own names, and what a file takes is free when it has none any more.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from cdp_assets.lakehouse import delta

PLAIN_READER = 1
"""The reader's protocol of a table whose rows are those of its files, no more and no fewer."""


def can_share(path: Path, source: Path, at: int) -> bool:
    """Say whether a table can have the files of a version of another: of the same columns, and written plainly."""
    if delta.protocol(source)[0] != PLAIN_READER:
        return False
    return delta.version(path) is None or delta.schema(path) == delta.schema(source, at)


def share(path: Path, source: Path, at: int, app_id: str) -> int:
    """Bring a table to the files of a version of another, in one commit that carries `app_id`; give the version.

    Repeated, it is written once; where the table has these files already, nothing is. Belongs behind `can_share`.
    """
    if delta.transaction_version(path, app_id) is not None:
        return delta.version_by(path, app_id)
    with delta.ours(path, "given the files of another"):
        theirs = _files(DeltaTable(str(source), version=at))
        for name in theirs:
            _give_name(source / name, path / name)
        _commit(path, DeltaTable(str(source), version=at).schema(), theirs, app_id)
    return delta.version_by(path, app_id)


def _commit(path: Path, schema: Any, theirs: Mapping[str, Mapping[str, Any]], app_id: str) -> None:
    """Write what differs between a table's files and those that it is to have; a file in both is not named."""
    commit = delta.commit_properties(app_id)
    if not DeltaTable.is_deltatable(str(path)):
        added = [_added(file) for file in theirs.values()]
        create_table_with_add_actions(
            str(path), schema, added, configuration=delta.PROPERTIES, commit_properties=commit
        )
        return
    table, now_ms = DeltaTable(str(path)), int(time.time() * 1000)
    own = _files(table)
    gone = [RemoveAction(name, True, now_ms, own[name]["size_bytes"], {}) for name in own.keys() - theirs.keys()]
    actions = [*(_added(theirs[name]) for name in theirs.keys() - own.keys()), *gone]
    if actions:
        table.create_write_transaction(actions, "append", schema, commit_properties=commit)


def _files(table: DeltaTable) -> dict[str, dict[str, Any]]:
    """Give what is told of each file of a version, by its name below the table."""
    return {file["path"]: file for file in pa.table(table.get_add_actions(flatten=True)).to_pylist()}


def _added(file: Mapping[str, Any]) -> AddAction:
    counted = {} if file["num_records"] is None else {"numRecords": file["num_records"]}
    return AddAction(file["path"], file["size_bytes"], {}, file["modification_time"], True, json.dumps(counted))


def _give_name(file: Path, name: Path) -> None:
    """Give a file another name, or a copy of that name where the file system knows one name alone."""
    if name.exists():
        return
    name.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, name)
    except OSError:
        part = name.with_name(f".{name.name}.part")
        shutil.copyfile(file, part)
        part.replace(name)
