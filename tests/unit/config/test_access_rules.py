"""Mistakes in users, policies and resource groups, each with its place and what would be right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY

ANN = "full_name: Ann Lee\npolicies: [DataGrid Administrator]\n"
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unknown policy": (
        "users/bob.yaml",
        "full_name: Bob\npolicies:\n  - DataGrid Operater\n",
        ("users/bob.yaml, line 3, policies.0", "DataGrid Operater is absent", "Expected DataGrid Operator"),
    ),
    "unknown option": (
        "users/bob.yaml",
        "full_name: Bob\npolicies: [AmpIQ User]\noptions: [Restrict PII acess]\n",
        ("users/bob.yaml, line 3, options.0", "Expected Restrict PII access"),
    ),
    "option without its policy": (
        "users/bob.yaml",
        "full_name: Bob\npolicies: [AmpIQ User]\noptions: [Allow sandbox administration]\n",
        ("users/bob.yaml, line 3", "nothing to widen", "DataGrid Operator"),
    ),
    "unknown resource group": (
        "users/bob.yaml",
        "full_name: Bob\npolicies: [AmpIQ User]\nresource_groups: [sales]\n",
        ("users/bob.yaml, line 3, resource_groups.0", "sales is absent"),
    ),
    "no policy": ("users/bob.yaml", "full_name: Bob\npolicies: []\n", ("users/bob.yaml, line 2", "at least 1")),
    "bad login": ("users/b b.yaml", "full_name: Bob\npolicies: [AmpIQ User]\n", ("users/b b.yaml", "a login")),
    "unknown database": (
        "resource_groups/sales.yaml",
        "databases: [customer_36]\n",
        ("resource_groups/sales.yaml, line 1, databases.0", "customer_36 is absent", "Expected customer_360"),
    ),
    "standard policy again": (
        "policies/datagrid_operator.yaml",
        "statements: []\n",
        ("policies/datagrid_operator.yaml", "DataGrid Operator is a standard policy"),
    ),
    "not an action": (
        "policies/looker.yaml",
        "statements:\n  - {effect: allow, actions: [query]}\n",
        ("policies/looker.yaml, line 2", "resource:verb"),
    ),
    "unknown action": (
        "policies/looker.yaml",
        "statements:\n  - {effect: deny, actions: ['pii:veiw']}\n",
        ("policies/looker.yaml, line 2", "pii:veiw: no such action", "Expected pii:view"),
    ),
    "unknown effect": (
        "policies/looker.yaml",
        "statements:\n  - {effect: permit, actions: ['pii:view']}\n",
        ("policies/looker.yaml, line 2", "statements.0.effect", "allow"),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo tenant with one administrator."""
    shutil.copytree(REPOSITORY / "tenant_config", tmp_path / "tenant_config")
    write(tmp_path / "tenant_config" / "users" / "ann.lee@acme.com.yaml", ANN)
    return tmp_path / "tenant_config"


def write(path: Path, text: str) -> None:
    """Write a file, its folder too."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_the_demo_has_no_users() -> None:
    """So that everybody may try it."""
    assert load_tenant(REPOSITORY / "tenant_config").users == {}


def test_a_user_is_named_as_they_log_in(folder: Path) -> None:
    """An e-mail address will do; own policies and groups go by their files' names."""
    write(folder / "policies" / "looker.yaml", "statements:\n  - {effect: allow, actions: ['query:*', 'pii:view']}\n")
    write(folder / "resource_groups" / "people.yaml", "databases: [customer_360]\n")
    text = "full_name: Bob\npolicies: [looker, AmpIQ User]\noptions: [Restrict PII access]\nresource_groups: [people]\n"
    write(folder / "users" / "bob.yaml", text)
    tenant = load_tenant(folder)
    assert sorted(tenant.users) == ["ann.lee@acme.com", "bob"]
    assert tenant.policies["looker"].statements[0].resources == ("*",)
    assert type(tenant).model_validate_json(tenant.model_dump_json(by_alias=True)) == tenant


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_is_right(name: str, folder: Path) -> None:
    """One mistake each."""
    file, text, wanted = MISTAKES[name]
    write(folder / file, text)
    with pytest.raises(ConfigErrors) as error:
        load_tenant(folder)
    (found,) = [str(one) for one in error.value.errors]
    assert all(part in found for part in wanted), found


@pytest.mark.parametrize("denied", [False, True])
def test_a_tenant_cannot_lock_itself_out(folder: Path, denied: bool) -> None:
    """The last administrator stays, and stays able."""
    user = folder / "users" / "ann.lee@acme.com.yaml"
    policies = "DataGrid Administrator, calm" if denied else "DataGrid Operator"
    write(user, f"full_name: Ann\npolicies: [{policies}]\n")
    write(folder / "policies" / "calm.yaml", "statements:\n  - {effect: deny, actions: ['user:*']}\n")
    with pytest.raises(ConfigErrors, match="users/: nobody could administer users"):
        load_tenant(folder)
