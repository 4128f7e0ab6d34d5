"""A key that files are to be encrypted to is looked at before a plan is applied, and on demand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.home import REPOSITORY
from tests.pgp import GpgTool, Key

WRONG, CHANGES, DONE = 1, 2, 0
REFUSED = (
    "Destination failed validation: PGP public key is a primary key. "
    "Please provide a subkey or a keyring with exactly one subkey"
)
TEMPLATE = {
    "destination": "warehouse_folder",
    "format": {"kind": "csv"},
    "filename": "{{list_name}}.csv.pgp",
    "pgp_credential": "partner",
}


class Engineer:
    """Somebody whose partner wants encrypted files."""

    def __init__(self, root: Path, key: str) -> None:
        self.config = root / "tenant_config"
        shutil.copytree(REPOSITORY / "tenant_config", self.config)
        self.environment = {"PARTNER_KEY": key, "CDP_USER": "ann", "CDP_HOME": str(root / "home")}
        self.environment["CDP_TENANT_CONFIG"] = str(self.config)
        secrets = {"public_key": "secret://env/PARTNER_KEY"}
        self.write("credentials/partner", {"type": "pgp", "secrets": secrets})
        self.write("data_templates/partner_csv", TEMPLATE)

    def write(self, name: str, values: Mapping[str, object]) -> None:
        path = self.config / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(dict(values)))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cdp, arguments, env=self.environment)


@pytest.fixture
def engineer(tmp_path: Path, our_key: Key) -> Engineer:
    """An engineer before the first apply, with a right key."""
    return Engineer(tmp_path, our_key.public)


def test_a_key_that_can_be_used_says_which_subkey_it_is(engineer: Engineer) -> None:
    done = engineer.run("credential", "test", "partner", "--json")
    (one,) = json.loads(done.stdout)
    assert (done.exit_code, one["address"], one["works"]) == (DONE, "data_template.partner_csv", True)
    assert one["said"].startswith("files are encrypted to the subkey ")
    (listed,) = json.loads(engineer.run("credential", "list", "--json").stdout)
    assert listed["used_by"] == ["data_template.partner_csv"]


def test_a_plan_with_a_key_that_cannot_be_used_is_refused_in_the_documented_words(
    engineer: Engineer, gpg_tool: GpgTool
) -> None:
    """Until there is another; what does not change is not tried again."""
    right, wrong = engineer.environment["PARTNER_KEY"], gpg_tool.key("Primary <p@acme.example>").public
    engineer.environment["PARTNER_KEY"] = wrong
    plan = engineer.run("plan")
    assert plan.exit_code == WRONG
    assert "data_template.partner_csv" in plan.output
    assert REFUSED in " ".join(plan.output.split())
    tried = engineer.run("credential", "test", "partner")
    assert (tried.exit_code, REFUSED in tried.output) == (WRONG, True)
    engineer.environment["PARTNER_KEY"] = right
    assert engineer.run("apply", "--yes").exit_code == DONE
    engineer.environment["PARTNER_KEY"] = wrong
    engineer.write("data_templates/partner_csv", TEMPLATE | {"description": "Encrypted."})
    assert engineer.run("plan").exit_code == CHANGES
