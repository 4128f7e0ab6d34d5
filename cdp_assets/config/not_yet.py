"""Settings that are documented and modelled, and that nothing carries out yet: using one is a mistake, not silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.stitch import Stitch
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]
NOT_YET: dict[type[Stitch | CourierGroup], tuple[str, ...]] = {
    Stitch: (),
    CourierGroup: (),
}
"""Model -> fields that must keep their default."""


def not_yet_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for every setting that would be ignored, with its place in the files."""
    yield from _of(tenant.stitch, where, "stitch", "stitch")
    for name, group in tenant.courier_groups.items():
        yield from _of(group, where, "courier_groups", name)


def _of(model: Stitch | CourierGroup, where: Place, kind: str, name: str) -> Iterator[ConfigError]:
    for field in NOT_YET[type(model)]:
        default: Any = type(model).model_fields[field].default
        if getattr(model, field) != default:
            yield ConfigError(
                where(kind, name, field), "this setting is not carried out yet", f"its default, {default}"
            )
