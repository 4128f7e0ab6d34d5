"""What answers analysts' queries: Spark, by translation, or a Trino cluster that reads the same tables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from cdp_assets.config.base import ConfigModel, affects
from cdp_assets.secrets import is_reference

LARGEST_PORT = 65535


class SparkEngine(ConfigModel):
    """The platform's own Spark; queries are translated."""

    kind: Literal["spark"] = affects("runtime", "spark")


class TrinoEngine(ConfigModel):
    """A Trino cluster whose catalog has a schema per layer, with the lake's Delta tables by their names."""

    kind: Literal["trino"] = affects("runtime")
    host: str = affects("runtime")
    port: Annotated[int, Field(ge=1, le=LARGEST_PORT)] = affects("runtime", 443)
    catalog: str = affects("runtime")
    user: str = affects("runtime")
    password: str | None = affects("secret", None)
    """A reference such as `secret://env/TRINO_PASSWORD`; it is only sent over TLS."""
    tls: bool = affects("runtime", True)
    timeout_s: Annotated[float, Field(gt=0)] = affects("runtime", 60.0)
    """Seconds to wait for one answer of the cluster; a query takes many."""

    @field_validator("password")
    @classmethod
    def _only_a_reference(cls, password: str | None) -> str | None:
        if password is not None and not is_reference(password):
            msg = "must be a reference such as secret://env/NAME, not the secret itself"
            raise ValueError(msg)
        return password


QueryEngine = Annotated[SparkEngine | TrinoEngine, Field(discriminator="kind")]
