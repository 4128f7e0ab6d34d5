"""What an operator sees of a Stitch run: the documented page's figures, and where the whole page is."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import dagster as dg
import polars as pl

from cdp_assets.defs import metadata
from cdp_assets.defs.metadata import MetadataValue
from cdp_assets.home import Home
from cdp_assets.output import write_whole
from cdp_assets.stitch.figures.benchmarks import last_run
from cdp_assets.stitch.figures.run import Figures
from cdp_assets.stitch.identity_changes import UNCHANGED
from cdp_assets.stitch.labelled import idle
from cdp_assets.stitch.report_page import About, page

logger = logging.getLogger(__name__)


def report_metadata(home: Home, environment: str, at: dt.datetime, of_run: Figures) -> dict[str, MetadataValue]:
    """Write the report of a run with these figures, and give them as metadata; no personal value is in it."""
    figures = of_run.masked()
    path = report_path(home, environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page(About(environment, None, at), figures))
    return {"report": dg.MetadataValue.path(str(path)), **_figures(figures)}


def labels_metadata(labels: pl.DataFrame | None, labelled: pl.DataFrame) -> dict[str, MetadataValue]:
    """Give the ids of labels that force nothing as metadata, and warn of them; nothing where each forces something."""
    ids = idle(labels, labelled)
    if not ids:
        return {}
    logger.warning(
        "Stitch labels that force nothing: %s. Expected a datasource (`<source>:<feed>`, or `*`) and values that "
        "two records have or more, in each partition one.",
        ", ".join(ids),
    )
    return {"idle_labels": dg.MetadataValue.text(", ".join(ids))}


def report_path(home: Home, environment: str) -> Path:
    """Give the place of an environment's newest report."""
    return home.root / "reports" / environment / "stitch.html"


def _figures(figures: Figures) -> dict[str, MetadataValue]:
    changes = [(kind, max(before, after)) for kind, before, after, _ in figures.frames["changes"].iter_rows()]
    found: dict[str, MetadataValue] = {
        "dedup_percent": round(figures.dedup_percent, 2),
        "changes": metadata.bar_plot("People by what became of them", [one for one in changes if one[0] != UNCHANGED]),
        "sources": _table(figures.frames["sources"]),
    }
    if "strategies" in figures.frames:
        found["matching"] = _table(figures.frames["strategies"])
    if "benchmarks" in figures.frames:
        found["benchmarks"] = _table(last_run(figures.frames["benchmarks"]).drop("run_id", "timestamp"))
    return found


def _table(frame: pl.DataFrame) -> dg.MetadataValue:
    records = [dg.TableRecord(row) for row in frame.with_columns(pl.selectors.float().round(3)).to_dicts()]
    kinds = [dg.TableColumn(name, "string" if kind == pl.String else "number") for name, kind in frame.schema.items()]
    return dg.MetadataValue.table(records, dg.TableSchema(kinds))
