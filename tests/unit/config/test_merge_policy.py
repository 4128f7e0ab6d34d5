"""A merge policy ranks the sources that Merged Customers reads, and moves nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.merge_policy import MergePolicy
from cdp_assets.config.people_tables import EMAILS, HOUSEHOLDS, MERGED, PROFILES
from cdp_assets.config.resources import documents, tenant_of
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.tenant_files import usual_path
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY
from cdp_assets.unified.merged import brand, priority

TENANT = load_tenant(REPOSITORY / "tenant_config")


def ranked(**policy: Any) -> Tenant:
    """Give the demo tenant with another policy."""
    return TENANT.model_copy(update={"merge_policy": MergePolicy(**policy)})


def test_a_groups_own_rank_beats_the_sources() -> None:
    """A group that no policy can rank has the source's."""
    policy = MergePolicy(sources={"ecom_customers": 3, "pos_shoppers": 2}, email={"ecom_customers": 1})
    assert policy.priorities("email") == {"ecom_customers": 1, "pos_shoppers": 2}
    assert policy.priorities("company") == {"ecom_customers": 3, "pos_shoppers": 2}


def test_a_rank_is_spelled_by_the_sources_documented_name() -> None:
    """A source that is not ranked has 999, and no brand but the default one."""
    tenant = ranked(email={"ecom_customers": 1}, brands={"pos_shoppers": "Ann's"})
    assert priority(tenant, "email") == "CASE datasource WHEN 'ecom:customers' THEN 1 ELSE 999 END"
    assert priority(tenant, "phone") == "999"
    assert brand(tenant) == "CASE datasource WHEN 'pos:shoppers' THEN 'Ann\\'s' ELSE 'default' END"


def test_a_source_that_is_not_stitched_is_a_mistake() -> None:
    """A slip of the pen would rank nothing; the nearest name is offered."""
    found = [str(one) for one in tenant_mistakes(ranked(email={"ecom_customer": 1}), lambda *_: None)]
    assert found == [
        "merge_policy/merge_policy.yaml, email.ecom_customer: ecom_customer: not stitched. Expected ecom_customers."
    ]
    assert not tenant_mistakes(ranked(brands={"pos_shoppers": "outlet"}), lambda *_: None)


def written(folder: Path, text: str) -> Path:
    """Give the demo tenant's files with a merge policy beside them."""
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    (folder / "merge_policy.yaml").write_text(text)
    return folder


def test_the_policy_stands_in_a_file_of_its_own(tmp_path: Path) -> None:
    """It is a resource with an address; a tenant without the file ranks nothing."""
    tenant = load_tenant(written(tmp_path / "acme", "email: {ecom_customers: 1}\n"))
    assert tenant.merge_policy == MergePolicy(email={"ecom_customers": 1})
    assert documents(tenant)["merge_policy"]["email"] == {"ecom_customers": 1}
    assert tenant_of(documents(tenant)) == tenant
    assert usual_path("merge_policy") == "merge_policy.yaml"
    assert TENANT.merge_policy == MergePolicy()


def test_mistakes_of_the_file_are_told_with_their_line(tmp_path: Path) -> None:
    """A group that cannot be ranked, and a feed that is not stitched."""
    with pytest.raises(ConfigErrors) as wrong:
        load_tenant(written(tmp_path / "one", "phone: {}\nemials: {ecom_customers: 1}\n"))
    assert "merge_policy.yaml, line 2, emials: an unknown field. Expected email." in str(wrong.value)
    with pytest.raises(ConfigErrors) as absent:
        load_tenant(written(tmp_path / "other", "phone:\n  ecom_customer: 1\n"))
    assert "merge_policy.yaml, line 2, phone.ecom_customer" in str(absent.value)


@pytest.mark.parametrize("rank", [0, 1000])
def test_a_rank_is_between_the_best_and_the_default(rank: int) -> None:
    """A rank beyond 999 would be worse than none."""
    with pytest.raises(ValidationError):
        MergePolicy(phone={"ecom_customers": rank})


def test_a_policy_moves_what_it_decides_on() -> None:
    """Stitch, orders and every record stay as they are."""
    before, after = fingerprints(TENANT), fingerprints(ranked(phone={"pos_shoppers": 7}))
    moved = {name for name in before if before[name] != after[name]}
    assert {EMAILS, MERGED, PROFILES} < moved
    assert not {name.layer for name in moved} & {"domain", "custom", "stitch"}
    assert {name for name in moved if name.layer == "unified"} == {EMAILS, MERGED, PROFILES, HOUSEHOLDS}
