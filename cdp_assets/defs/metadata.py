"""What an operator sees on an asset: rows, columns, a preview without anybody's data, plots."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

import dagster as dg
import pyarrow as pa
from matplotlib.figure import Figure

from cdp_assets.security.obfuscation import mask

PREVIEW_ROWS = 5
MetadataValue = dg.MetadataValue | str | int | float


def table_metadata(
    *, rows: int, size_bytes: int, schema: pa.Schema, seconds: float, path: str, version: int
) -> dict[str, MetadataValue]:
    """Describe a table's state after a write."""
    columns = [dg.TableColumn(field.name, str(field.type)) for field in schema]
    return {
        "dagster/row_count": rows,
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns)),
        "bytes": size_bytes,
        "duration_s": round(seconds, 3),
        "path": path,
        "version": version,
    }


def preview(head: pa.Table, personal: frozenset[str]) -> dg.MetadataValue:
    """Show the first rows; a value of a personal column keeps its shape and loses its letters and digits."""
    records = [
        dg.TableRecord({name: _shown(value, name in personal) for name, value in row.items()})
        for row in head.slice(0, PREVIEW_ROWS).to_pylist()
    ]
    schema = dg.TableSchema([dg.TableColumn(name, "string") for name in head.column_names])
    return dg.MetadataValue.table(records, schema)


def _shown(value: object, personal: bool) -> str | None:
    if value is None:
        return None
    return str(mask(value)) if personal else str(value)


def bar_plot(title: str, counts: Mapping[str, int] | Sequence[tuple[str, int]]) -> dg.MetadataValue:
    """Draw counts as bars, as a picture inside Markdown."""
    items = list(counts.items()) if isinstance(counts, Mapping) else list(counts)
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.bar([label for label, _ in items], [count for _, count in items], color="#4f46e5")
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    picture = base64.b64encode(buffer.getvalue()).decode()
    return dg.MetadataValue.md(f"![{title}](data:image/png;base64,{picture})")
