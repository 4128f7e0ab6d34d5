"""Spark, which builds segments, gives every condition the answer that plain Python gives it."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from cdp_assets.audiences.segments.membership import Judging, segment_sql
from cdp_assets.config.segment import Rule
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from tests.unit.audiences.segments.people import EVERYTHING, TODAY, applies, members, tables, written


def test_spark_judges_every_condition_as_it_is_meant(lake: Lake) -> None:
    """All conditions in one query; the ones on relative days get the business date as the runs give it."""
    made = tables(seed=7, people=80)
    pins = {
        TableName("database__d", name): TableVersion(name, version)
        for name, (_, version) in written(Path(lake.root), made).items()
    }
    everybody = str(Judging(EVERYTHING).select(exp.Star()).sql(dialect="spark"))

    def ask(sql: str) -> list[dict[str, object]]:
        return list(lake.sql(sql, pins, {"business_date": TODAY}).toArrow().to_pylist())

    some = EVERYTHING.model_copy(update={"rules": Rule(all=EVERYTHING.rules.rules[-3::2])})
    judged, chosen = lake.sessions.run(lambda: (ask(everybody), ask(segment_sql(some))))
    rows = {name: table.to_pylist() for name, table in made.items()}
    wrong = [
        (rule.attribute, rule.operator, rule.given)
        for row in judged
        for number, rule in enumerate(EVERYTHING.rules.conditions(), 1)
        if row[f"condition_{number}"] != applies(rule, str(row["amperity_id"]), rows, TODAY)
    ]
    assert (len(judged), wrong) == (80, [])
    assert {row["amperity_id"] for row in chosen} == members(some, made) != set()
