"""Merged configurations become files: what is written means the merge, and differs only where it must."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.resources import documents, tenant_of
from cdp_assets.config.tenant_files import Sides, changed_files, files_of, texts_of
from cdp_assets.environments.merge import merge
from cdp_assets.home import REPOSITORY

FEED, SUMMARY = "feeds/ecom_customers.yaml", "queries/lifecycle_summary.sql"


class Three:
    """Base, ours and theirs as folders."""

    def __init__(self, root: Path) -> None:
        self.base, self.ours, self.theirs = (root / name for name in ("base", "ours", "theirs"))
        for folder in (self.base, self.ours, self.theirs):
            shutil.copytree(REPOSITORY / "tenant_config", folder)

    def merge(self) -> dict[str, str | None]:
        """Merge theirs into ours on disk; give what was written."""
        found = [documents(load_tenant(folder)) for folder in (self.base, self.ours, self.theirs)]
        merged = merge(*found)
        assert not merged.conflicts
        sides = [
            Sides(said, files_of(texts_of(folder)))
            for said, folder in zip(found[1:], (self.ours, self.theirs), strict=True)
        ]
        written = changed_files(sides[0], sides[1], merged.documents)
        for name, text in written.items():
            path = self.ours / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(exist_ok=True, parents=True)
                path.write_text(text)
        assert documents(load_tenant(self.ours)) == merged.documents
        return written


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def three(tmp_path: Path) -> Three:
    return Three(tmp_path)


def test_documents_and_back_is_the_same_tenant() -> None:
    tenant = load_tenant(REPOSITORY / "tenant_config")
    assert tenant_of(documents(tenant)) == tenant


def test_both_edit_one_feed_and_only_the_changed_lines_move(three: Three) -> None:
    edit(three.ours / FEED, "description: Cust", "# about\ndescription: Our cust")
    edit(three.ours / FEED, "  - {name: dob,", "  - {name: ours, type: date}\n  - {name: dob,")
    edit(three.theirs / FEED, "{name: zip, type: string,", "{name: zip, type: string, required: true,")
    edit(three.theirs / FEED, "primary_key", "  - {name: theirs, type: integer}\nprimary_key")
    before = (three.ours / FEED).read_text()
    assert set(three.merge()) == {FEED}
    after = (three.ours / FEED).read_text()
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert sorted(changed) == sorted(
        [
            "-   - {name: zip, type: string, tags: [postal]}",
            "+   - {name: zip, type: string, required: true, tags: [postal]}",
            "+   - {name: theirs, type: integer}",
        ]
    )


def test_a_field_that_their_file_leaves_to_the_default_goes_from_ours(three: Three) -> None:
    """Or is set, where ours speaks of it for a reason."""
    edit(three.theirs / FEED, "available_to_stitch: true\n", "")
    edit(three.theirs / "stitch.yaml", "  - ecom_customers\n", "")
    three.merge()
    assert not load_tenant(three.ours).feeds["ecom_customers"].available_to_stitch


def test_new_and_removed_resources_are_new_and_removed_files(three: Three) -> None:
    (three.theirs / "queries/new.yaml").write_text("# new\ndescription: x\ndatabase: customer_360\n")
    (three.theirs / "queries/new.sql").write_text("SELECT amperity_id FROM customer_360\n")
    (three.theirs / "orchestrations/send_lifecycle_summary.yaml").unlink()
    for name in ("lifecycle_summary.yaml", "lifecycle_summary.sql"):
        (three.theirs / "queries" / name).unlink()
    written = three.merge()
    assert written["queries/new.yaml"] == "# new\ndescription: x\ndatabase: customer_360\n"
    assert written["queries/lifecycle_summary.sql"] is None
    assert not (three.ours / SUMMARY).exists()


def test_a_feed_file_of_another_name_is_found(three: Three) -> None:
    for folder in (three.base, three.ours, three.theirs):
        (folder / FEED).rename(folder / "feeds/shop.yaml")
    edit(three.theirs / "feeds/shop.yaml", "description: Cust", "description: Their cust")
    assert set(three.merge()) == {"feeds/shop.yaml"}


def test_sql_is_taken_as_it_is_written(three: Three) -> None:
    (three.theirs / SUMMARY).write_text((three.theirs / SUMMARY).read_text() + "-- theirs\n")
    assert three.merge() == {SUMMARY: (three.theirs / SUMMARY).read_text()}


def test_a_feeds_file_is_found_whatever_it_is_called() -> None:
    feed = "source: shop\nname: {name}\n"
    files = files_of(
        {
            "tenant.yaml": "id: x\nname: X\n",
            "feeds/shop_a.yaml": feed.format(name="b"),
            "feeds/shop_b.yaml": feed.format(name="a"),
            "queries/q.yaml": "description: x\n",
            "queries/q.sql": "SELECT 1",
        }
    )
    assert files["feed.shop_a"].path == "feeds/shop_b.yaml"
    assert files["feed.shop_b"].path == "feeds/shop_a.yaml"
    assert files["query.q"].sql == "SELECT 1"
    assert files.get("feed.shop_c") is None
    assert sorted(files) == ["feed.shop_a", "feed.shop_b", "query.q", "tenant"]
    assert len(files) == 4
