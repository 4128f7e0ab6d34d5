"""What the tests of the pitfalls share: plans and applies of a shop, and a builder that looks around."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments.apply import Options, Ports, apply_plan
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.staging import Staged
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments
from tests.integration.environments.shop import Shop, TinyBuilder

CUSTOMER_360 = TableName("database__customer_360", "customer_360")
ATTRIBUTES = TableName("database__customer_360", "customer_attributes")
ONE_OF_EACH = {
    "alerts/ops.yaml": "receiver: {kind: slack, webhook: 'secret://env/SHOP_SLACK'}\nevents: [failure]\n",
    "credentials/sftp.yaml": "type: sftp\nsecrets:\n  username: secret://env/SHOP_SFTP_USER\n"
    "  password: secret://env/SHOP_SFTP_PASSWORD\n",
    "data_exports/all.yaml": "database: customer_360\ntables: [customer_360]\n",
    "orchestration_groups/nightly.yaml": "orchestrations: [send_lifecycle_summary]\nschedule: 30 2 * * *\n",
    "ingest_queries/till.yaml": "description: Cuts lines.\n",
    "ingest_queries/till.sql": "SELECT SUBSTR(_c0, 1, 8) AS id FROM receipts\n",
    "policies/readers.yaml": "statements:\n  - {effect: allow, actions: [database:edit], resources: ['*']}\n",
    "resource_groups/west.yaml": "databases: [customer_360]\n",
    "users/ann.yaml": "full_name: Ann Lee\npolicies: [DataGrid Administrator]\n",
}


def serial(shop: Shop) -> int:
    with shop.state.read() as conn:
        found = environments.get(conn, PRODUCTION)
    assert found is not None
    return found.serial


def files_plan(shop: Shop) -> Plan:
    return make_plan(shop.state, load_tenant(shop.config), PRODUCTION, user="ann", lake=shop.lake)


def apply(shop: Shop, plan: Plan, ports: Ports | None = None) -> None:
    apply_plan(shop.state, plan, "ann", Options(files=texts_of(shop.config)), ports or shop.ports())


def hashes(folder: Path) -> dict[str, str]:
    """Give the hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Watched:
    """A builder that looks around before it builds."""

    def __init__(self, shop: Shop, look: Callable[[str, Staged], None] = lambda *_: None) -> None:
        self._builder, self._look = TinyBuilder(shop), look
        self.calls = 0

    def build(self, apply_id: str, staged: Staged) -> None:
        self.calls += 1
        self._look(apply_id, staged)
        self._builder.build(apply_id, staged)


def watched(shop: Shop, look: Callable[[str, Staged], None] = lambda *_: None) -> tuple[Watched, Ports]:
    builder = Watched(shop, look)
    return builder, replace(shop.ports(), builder=builder)
