"""Tenants that differ from another one by an edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.home import REPOSITORY

TENANT = load_tenant(REPOSITORY / "tenant_config")
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit, before: Tenant = TENANT) -> Tenant:
    """Give the tenant whose document an edit has changed."""
    document = before.model_dump(mode="json", by_alias=True)
    edit(document)
    return Tenant.model_validate(document)
