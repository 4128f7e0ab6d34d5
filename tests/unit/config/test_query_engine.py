"""What answers queries is configured in `tenant.yaml`, its password by reference."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cdp_assets.config.query_engine import SparkEngine, TrinoEngine
from cdp_assets.config.tenant import Tenant

TRINO = {"kind": "trino", "host": "trino.example.com", "catalog": "lake", "user": "cdp"}


def test_spark_answers_unless_a_cluster_is_named() -> None:
    assert Tenant(id="a", name="A").query_engine == SparkEngine()


def test_a_cluster_is_asked_over_tls_by_default() -> None:
    engine = Tenant.model_validate({"id": "a", "name": "A", "query_engine": TRINO}).query_engine
    assert isinstance(engine, TrinoEngine)
    assert (engine.port, engine.tls) == (443, True)


@pytest.mark.parametrize("wrong", [{"password": "hunter2"}, {"port": 0}, {"timeout_s": 0}, {"cluster": "x"}])
def test_a_mistake_is_told_without_its_value(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        TrinoEngine.model_validate(TRINO | wrong)
    assert "hunter2" not in str(error.value)
