"""The learnt model as a table, from which the same model comes back: bits of each level, and what is expected."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.weigh import Model

CLASSES = ("person", "household", "strangers")
EXPECTED = "expected"
"""In place of a field: log2 of how many pairs of each class there are, beyond what their fields say."""
MODEL_SCHEMA = {
    "field": pl.String,
    "place": pl.Int64,
    "level": pl.Int64,
    "label": pl.String,
    "person": pl.Float64,
    "household": pl.Float64,
    "strangers": pl.Float64,
}


def model_frame(model: Model) -> pl.DataFrame:
    """Give field, place (of the field among a pair's levels), level, label, and log2 of its chance in each class.

    The row of `expected` has neither place nor level.
    """
    rows = [
        (
            name,
            place,
            level,
            label,
            *(float(table[place][level]) for table in (model.person, model.household, model.strangers)),
        )
        for place, name in enumerate(model.fields)
        for level, label in enumerate(FIELDS[name].levels)
    ]
    rows.append((EXPECTED, None, None, None, *(model.expected[name] for name in CLASSES)))
    return pl.DataFrame(rows, schema=MODEL_SCHEMA, orient="row")


def model_of(frame: pl.DataFrame) -> Model:
    """Give the model whose `model_frame` this is; it weighs evidence, and knows no value's share."""
    levels = frame.filter(pl.col("field") != EXPECTED).sort("place", "level")
    fields = levels.unique("field", maintain_order=True)["field"].to_list()
    tables = {name: [levels.filter(field=field)[name].to_numpy() for field in fields] for name in CLASSES}
    [expected] = frame.filter(pl.col("field") == EXPECTED).select(CLASSES).to_dicts()
    return Model(fields, tables["person"], tables["household"], tables["strangers"], expected, {})
