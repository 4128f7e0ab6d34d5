"""No setting is accepted and then ignored."""

from __future__ import annotations

import re

import pytest

from cdp_assets.config.base import Resource
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.not_yet import NOT_YET
from cdp_assets.config.stitch import Stitch
from cdp_assets.home import REPOSITORY


@pytest.mark.parametrize("model", [Stitch, CourierGroup])
def test_every_setting_is_read_by_some_code_or_refused(model: type[Stitch | CourierGroup]) -> None:
    """What is refused is read by nobody: once it is, it must leave the list."""
    sources = [path for path in (REPOSITORY / "cdp_assets").rglob("*.py") if path.name != "not_yet.py"]
    read = set(re.findall(r"\.([a-z_]+)\b", "\n".join(path.read_text() for path in sources)))
    own = set(model.model_fields) - set(Resource.model_fields)
    assert own - read == set(NOT_YET[model])
