"""Spark itself takes the SQL that plans are told to let be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException

from tests.unit.environments.valid_sql import TABLES, VALID_SPARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_spark_takes_what_plans_let_be(spark: SparkSession) -> None:
    """Their tables are of the layer `d`; here they are views."""
    for name, columns in TABLES.items():
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in columns.items())
        spark.sql(f"SELECT {nothing} LIMIT 0").createOrReplaceTempView(name)
    refused = [f"{text}: {found}" for text in VALID_SPARK if (found := refusal(spark, text))]
    assert not refused, "\n".join(refused)


def refusal(spark: SparkSession, text: str) -> str:
    """Give why Spark refuses a text; nothing where it does not."""
    shown = text.replace("d.t", "t").replace("d.u", "u").replace(":business_date", "DATE '2026-11-20'")
    try:
        return "" if spark.sql(shown).columns else "no columns"
    except AnalysisException as error:
        return str(error).splitlines()[0]
