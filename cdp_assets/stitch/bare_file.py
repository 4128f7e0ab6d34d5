"""Reads records from a file that belongs to no tenant, and writes who they are beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from cdp_assets.errors import SourceError
from cdp_assets.output import whole
from cdp_assets.stitch.as_text import TEXT, as_key, as_text
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.normalise.ordinals import columns_of
from cdp_assets.stitch.normalise.records import READ

SOURCE, RECORD = "source", "record_id"
SEMANTICS = (
    "given_name", "middle_name", "surname", "full_name", "title", "generational_suffix", "email", "phone", "address",
    "address2", "city", "state", "postal", "country", "birthdate", "gender", "company", "loyalty_id", "ck",
)  # fmt: skip
KEY_PREFIXES = ("fk_", "sk_", "bk_")
ONLY_SOURCE = "file"
"""What the records of a file without a `source` column come from."""
MOST_ROWS_NAMED = 3
ROWS_PER_BATCH = 1 << 20
"""How many rows of a table are a group of a file."""
Table = Any
"""A `pyarrow.Table`, or a reader of one; pyarrow has no types that mypy can read."""


@dataclass(frozen=True, eq=False)
class BareFile:
    """A file's records.

    keys: `source`, where the file has it, and `record_id` as they were written.
    records: datasource, pk and one text column per semantic, in the file's order.
    ignored: The columns that say nothing about who somebody is.
    """

    keys: Table
    records: pl.DataFrame
    ignored: Sequence[str]


def read(path: Path) -> BareFile:
    """Give a parquet or CSV file's records; raises SourceError for a file that cannot be resolved."""
    if path.suffix.lower() not in READERS:
        raise SourceError(path.name, f"the ending {path.suffix or 'is missing'}", " or ".join(READERS))
    try:
        table, ignored = READERS[path.suffix.lower()](path)
    except FileNotFoundError:
        raise SourceError(path.name, "no such file", "a file that is there") from None
    except MemoryError:  # one of Arrow's exceptions too
        raise
    except (pa.ArrowException, OSError) as error:  # its own words may quote a record
        problem = f"not readable as {path.suffix.removeprefix('.')} ({type(error).__name__})"
        raise SourceError(path.name, problem, "a whole file of that kind") from None
    return _of_table(path.name, table, ignored)


def write(path: Path, rows: Table) -> None:
    """Write a table, or a reader's batches as they come, beside the file's place, by its ending, then rename it."""
    reader = _reader(rows)
    with whole(path) as new, WRITERS[path.suffix.lower()](new, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def renamed(rows: Table, names: Mapping[str, str]) -> Table:
    """Give a reader of the rows with some columns under other names."""
    reader = _reader(rows)
    schema = pa.schema([field.with_name(names.get(field.name, field.name)) for field in reader.schema])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _reader(rows: Table) -> Any:
    return rows.to_reader(ROWS_PER_BATCH) if isinstance(rows, pa.Table) else rows


def with_ids(file: BareFile, ids: pl.DataFrame) -> Table:
    """Give the file's keys with their amperity_id, in the file's order."""
    joined = file.records.select(KEYS).join(ids, on=KEYS, how="left", maintain_order="left")
    return file.keys.append_column(ID, joined[ID].to_arrow())


def _read_parquet(path: Path) -> tuple[Table, list[str]]:
    file = pq.ParquetFile(path)
    wanted, ignored = _chosen(path.name, file.schema_arrow.names)
    return file.read(columns=list(wanted)).select(list(wanted)).rename_columns(list(wanted.values())), ignored


def _read_csv(path: Path) -> tuple[Table, list[str]]:
    """Read every column as text: a postal code keeps its zeros."""
    with pc.open_csv(path, parse_options=_parsing()) as reader:
        wanted, ignored = _chosen(path.name, reader.schema.names)
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.binary()),
        include_columns=wanted,
        strings_can_be_null=True,
        null_values=[""],
    )
    table = pc.read_csv(path, parse_options=_parsing(), convert_options=options)
    _check_quotes(path, table.num_rows)
    return pa.table({name: as_text(table[column]) for column, name in wanted.items()}), ignored


def _check_quotes(path: Path, rows: int) -> None:
    """Raise SourceError where a quote is opened that nothing closes: all lines behind it would be one value."""
    with path.open("rb") as lines:
        quotes = sum(line.count(b'"') for line in lines)
    if quotes % 2 and rows:
        [last] = pc.read_csv(path, parse_options=_parsing()).slice(rows - 1).to_pylist()
        if any("\n" in value for value in last.values() if isinstance(value, str)):
            where = f"row {rows:,}: a quote is opened that nothing closes"
            raise SourceError(path.name, where, 'a quote behind the value too, and "" for one within it')


def _parsing() -> Any:
    return pc.ParseOptions(newlines_in_values=True)


READERS: Mapping[str, Any] = {".parquet": _read_parquet, ".csv": _read_csv}
WRITERS: Mapping[str, Any] = {".parquet": pq.ParquetWriter, ".csv": pc.CSVWriter}


def _chosen(file: str, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Give the columns that Stitch reads, with its own name for each, and the others.

    A column is known in whatever letter case, with spaces or hyphens for underscores (`Given Name`, `GIVEN-NAME`),
    unless another one has the very name.
    """
    plain = {name: re.sub(r"[ \-]+", "_", name.strip().lower()) for name in names}
    own = {name: name if plain[name] in names else plain[name] for name in names}
    known = {SOURCE, RECORD, *SEMANTICS, *(name for some in columns_of(READ, own.values()).values() for name in some)}
    wanted = {name: read for name, read in own.items() if read in known or read.startswith(KEY_PREFIXES)}
    if RECORD not in wanted.values():
        raise SourceError(
            file, f"no column {RECORD} among {', '.join(names)}", f"a column {RECORD} that names each record"
        )
    twice = [read for read, count in Counter(own[name] for name in names if name in wanted).items() if count > 1]
    if twice:
        raise SourceError(file, f"the column {', '.join(twice)} stands there more than once", "each name once")
    return wanted, [name for name in names if name not in wanted]


def _of_table(file: str, table: Table, ignored: list[str]) -> BareFile:
    keys = table.select([name for name in (SOURCE, RECORD) if name in table.column_names])
    names = {name: _key(file, name, keys[name]) for name in keys.column_names}
    texts = {name: as_text(table[name]) for name in table.column_names if name not in names}
    sources = names.get(SOURCE, pa.nulls(table.num_rows, TEXT)).fill_null("" if SOURCE in names else ONLY_SOURCE)
    known = {name: column for name, column in texts.items() if column is not None}
    records = pl.DataFrame(pa.table({KEYS[0]: sources, KEYS[1]: names[RECORD], **known}))
    _check_keys(file, records)
    return BareFile(keys, records, [*ignored, *(name for name in texts if name not in known)])


def _key(file: str, name: str, column: Any) -> Any:
    found = as_key(column)
    if found is None:
        raise SourceError(file, f"{name} holds a nested value", "a text, a number or another single value")
    return found


def _check_keys(file: str, records: pl.DataFrame) -> None:
    """Raise SourceError unless every record has a name that no other of its source has."""
    _refuse(file, records[KEYS[1]].is_null(), f"have no {RECORD}")
    key = pl.struct(KEYS)
    if int(records.select(key.hash().n_unique()).item()) < records.height:  # a fifth of the time of the exact answer
        _refuse(file, records.select(~key.is_first_distinct()).to_series(), f"repeat a {SOURCE} and {RECORD}")


def _refuse(file: str, wrong: pl.Series, problem: str) -> None:
    if count := int(wrong.sum()):
        rows = ", ".join(str(row + 1) for row in wrong.arg_true().head(MOST_ROWS_NAMED))
        raise SourceError(file, f"{count:,} records {problem} (row {rows} …)", "each record named once")
