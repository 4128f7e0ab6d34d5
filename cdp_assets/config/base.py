"""What every configuration model shares: frozen, no unknown keys, every field says what it affects."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Affects = Literal["data", "schema", "metadata", "runtime", "secret"]


class ConfigModel(BaseModel):
    """A piece of a tenant's configuration. Its errors never show the offending value."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )


def affects(what: Affects, default: Any = ..., **options: Any) -> Any:
    """Declare a field and what changing it affects.

    data: the rows of the table. schema: its columns only. metadata: what people read about it.
    runtime: when and how it runs. secret: a reference to a secret.
    Only `data` and `schema` fields move a fingerprint.
    """
    return Field(default, json_schema_extra={"affects": what}, **options)


def affected_by(model: type[BaseModel], field: str) -> Affects:
    """Give what a field affects; raises KeyError for a field that does not say."""
    extra = model.model_fields[field].json_schema_extra
    if not isinstance(extra, dict) or "affects" not in extra:
        msg = f"{model.__name__}.{field} does not say what it affects"
        raise KeyError(msg)
    return extra["affects"]  # type: ignore[return-value]  # checked by a test over every model


class Resource(ConfigModel):
    """A resource with an address of its own, such as `feed.ecom_customers`."""

    prevent_destroy: bool = affects("metadata", False)
    """Whether removing it takes two applies: one that clears this, then one that removes it."""
