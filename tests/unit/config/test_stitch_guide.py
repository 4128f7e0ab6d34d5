"""The guide's examples are what the models take."""

from __future__ import annotations

import re
from typing import Any

import yaml

from cdp_assets.config.feed import FeedField
from cdp_assets.config.steering import NEEDED
from cdp_assets.config.stitch import DEFAULT_BAD_VALUES, Stitch
from cdp_assets.home import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "guides" / "steer-stitch.md").read_text()


def examples() -> list[dict[str, Any]]:
    """Give every YAML example."""
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)]


def test_settings_are_valid_and_defaults_are_the_defaults() -> None:
    """Rules, bad values and keys, together."""
    settings = {name: value for one in examples() if "fields" not in one for name, value in one.items()}
    stitch = Stitch.model_validate(settings)
    assert len(stitch.rules) == 4
    assert len(stitch.bad_values) == 2
    assert stitch.badvalues_config == DEFAULT_BAD_VALUES
    assert stitch.remainder == "model"


def test_the_feed_of_labels_has_every_tag() -> None:
    """Those that the loader asks for."""
    (feed,) = (one for one in examples() if "fields" in one)
    fields = [FeedField.model_validate(field) for field in feed["fields"]]
    assert {tag for field in fields for tag in field.tags} == set(NEEDED["sl"])
