"""Reads the JSON in which couriers were described before: load settings and load operations, as a courier's fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdp_assets.config.file_format import DELIMITERS
from cdp_assets.errors import ConfigError

Values = dict[str, Any]
KINDS = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/pipe-separated-values": "psv",
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/x-json-stream": "json_stream",
    "application/xml": "xml",
    "application/avro": "avro",
    "application/x-parquet": "parquet",
    "application/ingest-pack+cbor": "cbor",
}
"""Content type -> kind of format."""
SKIP_MISSING = "archive/skip-missing-contents"
OPTIONS = {
    "delimiter": "delimiter",
    "escape": "escape",
    "quote": "quote",
    "multiline": "multi_line",
    "rowTag": "row_tag",
}
"""Option of a query's file -> field of its format."""


def files_of(settings: Any) -> list[Values]:
    """Give a courier's `files` from load settings; raises ConfigError, by the place in them, for what is not known.

    >>> land_as = {"file/tag": "a", "file/content-type": "text/csv", "file/header-rows": 0}
    >>> files_of([{"object/file-pattern": "'a.csv'", "object/type": "file", "object/land-as": land_as}])
    [{'tag': 'a', 'pattern': "'a.csv'", 'format': {'kind': 'csv', 'header': False}}]
    """
    if not isinstance(settings, list):
        raise ConfigError("load settings", "not a list", "a list of objects with object/file-pattern")
    return [
        file for index, one in enumerate(settings) for file in _files(_record(one, index), f"load settings, {index}")
    ]


def operations_of(operations: Any, feeds: Mapping[str, str], files: list[Values]) -> list[Values]:
    """Give a courier's `load` from load operations; what they say of how a file is read goes into its format.

    Args:
        operations: Feed id -> its operations.
        feeds: Feed id -> feed, such as `shop_orders`.
        files: The courier's `files`, changed where a query's options say more.
    """
    if not isinstance(operations, dict):
        raise ConfigError("load operations", "not an object", "feed id -> list of operations")
    formats = {file["tag"]: file["format"] for file in files}
    found = []
    for feed_id, listed in operations.items():
        if feed_id not in feeds:
            place = f"load operations, {feed_id}"
            raise ConfigError(place, f'Cannot find required feeds: "{feed_id}"', f"--feed {feed_id}=NAME")
        found += [_operation(one, feeds[feed_id], formats, f"load operations, {feed_id}") for one in listed]
    return found


def _record(one: Any, index: int) -> Values:
    if not isinstance(one, dict) or "object/file-pattern" not in one:
        raise ConfigError(f"load settings, {index}", "not a file", "an object with object/file-pattern")
    return one


def _files(one: Values, place: str) -> Iterator[Values]:
    """Give a file, or one for each kind of content that an archive holds."""
    common: Values = {"optional": True} if one.get("object/optional") else {}
    pattern = one["object/file-pattern"]
    if one.get("object/type", "file") == "file":
        yield {**_landed(one.get("object/land-as"), pattern, place), **common}
        return
    contents = dict(one.get("archive/contents") or {"*": {"subobject/land-as": one.get("object/land-as")}})
    skips = bool(contents.pop(SKIP_MISSING, False) or one.get(SKIP_MISSING))
    for path, inner in contents.items():
        archive = {"contents": path} | ({"skip_missing": True} if skips else {})
        land_as = inner.get("subobject/land-as") or one.get("object/land-as")
        yield {**_landed(land_as, pattern, f"{place}, {path}"), "archive": archive, **common}


def _landed(land_as: Any, pattern: str, place: str) -> Values:
    if not isinstance(land_as, dict) or "file/tag" not in land_as:
        raise ConfigError(place, "no land-as with a file/tag", "object/land-as, or subobject/land-as in an archive")
    kind = KINDS.get(str(land_as.get("file/content-type", "text/csv")))
    if kind is None:
        raise ConfigError(place, "an unknown file/content-type", f"one of {', '.join(sorted(KINDS))}")
    return {"tag": land_as["file/tag"], "pattern": pattern, "format": _format(kind, land_as)}


def _format(kind: str, land_as: Values) -> Values:
    made: Values = {"kind": kind}
    if kind not in DELIMITERS:
        return made
    header_rows = int(land_as.get("file/header-rows", 1))
    made |= {"header": False} if header_rows == 0 else {}
    made |= {"skip_lines": header_rows - 1} if header_rows > 1 else {}
    made |= {"quote": land_as["file/quote"]} if "file/quote" in land_as else {}
    if "file/separator" in land_as:
        _delimit(made, land_as["file/separator"])
    return made


def _delimit(format: Values, delimiter: str) -> None:
    """Let delimited text be parted by a character; one that is not the kind's own makes it `dsv`."""
    if delimiter != DELIMITERS.get(format["kind"]):
        format |= {"kind": "dsv", "delimiter": delimiter}


def _operation(one: Any, feed: str, formats: Mapping[str, Values], place: str) -> Values:
    kind = one.get("type") if isinstance(one, dict) else None
    if kind == "truncate":
        return {"feed": feed, "type": "truncate"}
    if kind == "load":
        return {"feed": feed, "file": one.get("file")}
    if kind != "spark-sql":
        raise ConfigError(place, "an unknown operation", "one of type load, truncate or spark-sql")
    queried = [_queried(file, formats, place) for file in one.get("spark-sql-files", [])]
    return {"feed": feed, "type": "spark-sql", "query": one.get("spark-sql-query"), "files": queried}


def _queried(file: Values, formats: Mapping[str, Values], place: str) -> Values:
    """Give a query's file; its options are how the file is read, wherever it is."""
    tag = file.get("file", "")
    if tag not in formats:
        raise ConfigError(place, f"{tag}: no such file/tag", f"one of {', '.join(sorted(formats))}")
    for name, value in file.get("options", {}).items():
        if name not in OPTIONS:
            raise ConfigError(place, f"{name}: an unknown option", f"one of {', '.join(sorted(OPTIONS))}")
        if name == "delimiter":
            _delimit(formats[tag], value)
        else:
            formats[tag][OPTIONS[name]] = _as_bool(value) if name == "multiline" else value
    schema = file.get("schema")
    return {"file": tag} | ({"columns": json.dumps(schema)} if schema else {})


def _as_bool(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
