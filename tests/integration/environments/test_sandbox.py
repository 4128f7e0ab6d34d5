"""`cdp sandbox` as an engineer uses it: made, beside production as that moves on, and taken away."""

from __future__ import annotations

import json

import pytest

from tests.integration.environments.sandboxed import FEED, STITCH, Sandboxed, promoted


def test_a_new_sandbox_has_nothing_to_change(engineer: Sandboxed) -> None:
    assert engineer.run("plan", "--sandbox", "s").exit_code == 0
    assert engineer.run("plan", "--promote", "s").exit_code == 0
    assert (engineer.folder / FEED).read_text() == engineer.text(FEED)
    assert json.loads(engineer.run("sandbox", "list", "--json").output)[0]["updates"] == 0


def test_a_conflict_stops_the_promotion_until_it_is_resolved_and_pulled(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(STITCH, "threshold: 3", "threshold: 2")
    engineer.run("apply", "--yes")
    planned = engineer.run("plan", "--promote", "s", "--json")
    assert planned.exit_code == 3
    (conflict,) = json.loads(planned.output)["conflicts"]
    assert (conflict["place"], conflict["base"], conflict["production"], conflict["sandbox"]) == (
        "stitch:threshold",
        3.0,
        2.0,
        4.0,
    )
    assert "stitch:threshold" in engineer.run("sandbox", "pull", "s").output
    assert engineer.run("sandbox", "resolve", "s", "stitch:threshold", "--take", "sandbox").exit_code == 0
    assert engineer.run("sandbox", "pull", "s").exit_code == 0
    assert "threshold: 4" in (engineer.folder / STITCH).read_text()
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert promoted(engineer) == 0
    assert "threshold: 4" in engineer.text(STITCH)


def test_of_two_sandboxes_that_touch_one_feed_the_second_is_stopped_until_it_has_pulled(engineer: Sandboxed) -> None:
    """The conflict is the one field that both changed; what only one of them changed is merged by itself."""
    assert engineer.run("sandbox", "create", "t").exit_code == 0
    second = engineer.folder.parent / "t" / FEED
    engineer.change(
        FEED, "{name: gender, type: string,", "{name: gender, type: string, description: as said,", sandbox=True
    )
    engineer.change(FEED, "description: Customer accounts", "description: All accounts", sandbox=True)
    text = second.read_text()
    text = text.replace("{name: gender, type: string,", "{name: gender, type: string, description: as guessed,")
    second.write_text(text.replace("{name: phone, type: string,", "{name: phone, type: string, description: any,"))
    for name in ("s", "t"):
        assert engineer.run("apply", "--sandbox", name, "--yes").exit_code == 0
    assert promoted(engineer) == 0

    stopped = engineer.run("plan", "--promote", "t", "--json")
    assert stopped.exit_code == 3
    (conflict,) = json.loads(stopped.output)["conflicts"]
    assert conflict == {
        "place": "feed.ecom_customers:fields.gender.description",
        "kind": "modify/modify",
        "base": "",
        "production": "as said",
        "sandbox": "as guessed",
        "taken": None,
    }
    saved = engineer.config.parent / "t.json"
    assert engineer.run("plan", "--promote", "t", "-o", str(saved)).exit_code == 3
    before = engineer.serial()
    refused = engineer.run("apply", str(saved))
    assert refused.exit_code == 3
    assert conflict["place"] in refused.output
    assert engineer.serial() == before
    assert engineer.run("sandbox", "pull", "t").exit_code == 3

    assert engineer.run("sandbox", "resolve", "t", conflict["place"], "--take", "sandbox").exit_code == 0
    assert engineer.run("sandbox", "pull", "t").exit_code == 0
    assert engineer.run("apply", "--sandbox", "t", "--yes").exit_code == 0
    assert engineer.run("plan", "--promote", "t", "-o", str(saved)).exit_code == 2
    assert engineer.run("apply", str(saved)).exit_code == 0
    promoted_text = engineer.text(FEED)
    for part in ("description: as guessed", "description: any", "description: All accounts"):
        assert part in promoted_text
    assert engineer.run("plan", "--promote", "t").exit_code == 0


def test_a_resolution_expires_when_production_moves_again(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(STITCH, "threshold: 3", "threshold: 2")
    engineer.run("apply", "--yes")
    engineer.run("sandbox", "resolve", "s", "stitch:threshold", "--take", "sandbox")
    assert engineer.run("plan", "--promote", "s").exit_code == 2
    engineer.change(STITCH, "threshold: 2", "threshold: 1")
    engineer.run("apply", "--yes")
    assert engineer.run("plan", "--promote", "s").exit_code == 3


def test_pull_brings_production_into_the_sandbox_and_keeps_its_comments(engineer: Sandboxed) -> None:
    engineer.change(FEED, "source: ecom", "source: ecom  # the sandbox's", sandbox=True)
    engineer.change(FEED, "description: Cust", "description: Our cust")
    engineer.run("apply", "--yes")
    assert engineer.run("sandbox", "pull", "s").exit_code == 0
    text = (engineer.folder / FEED).read_text()
    assert "source: ecom  # the sandbox's" in text
    assert "description: Our cust" in text
    assert json.loads(engineer.run("sandbox", "show", "s", "--json").output)["updates"] == 0


def test_delete_with_the_promotion_leaves_no_sandbox(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert promoted(engineer, "--delete-sandbox") == 0
    assert not engineer.folder.exists()
    assert "No sandboxes" in engineer.run("sandbox", "list").output
    assert engineer.run("sandbox", "create", "s").exit_code == 0


def test_deleting_asks_for_the_name(engineer: Sandboxed) -> None:
    assert engineer.run("sandbox", "delete", "s", keys="t\n").exit_code != 0
    assert engineer.folder.exists()
    assert engineer.run("sandbox", "delete", "s", keys="s\n").exit_code == 0
    assert not engineer.folder.exists()


@pytest.mark.parametrize("name", ["S", "1a", "a b", "../x", "", "a" * 65])
def test_a_bad_name_is_refused(engineer: Sandboxed, name: str) -> None:
    assert engineer.run("sandbox", "create", name).exit_code == 1
