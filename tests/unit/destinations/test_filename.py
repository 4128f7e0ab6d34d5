"""Filename templates."""

from __future__ import annotations

import datetime as dt

import pytest

from cdp_assets.destinations.filename import filename
from cdp_assets.errors import ConfigError

NOW = dt.datetime(2026, 11, 20, 3, 4, 5, 678000, tzinfo=dt.UTC)
NAMES = {
    "plain.csv": "plain.csv",
    "a_{{now|format:'yyyy_MM_dd'}}.csv": "a_2026_11_20.csv",
    "a_{{ now | format:'yyyyMMdd-HHmmss' }}": "a_20261120-030405",
    "a_{{now}}": "a_2026-11-20",
    "{{now|local:'America/Los_Angeles'|format:'MM-dd-yyyy'}}": "11-19-2026",
    "{{now|local:'America/Los_Angeles'|next_day|format:'MM-dd-yyyy'}}": "11-20-2026",
    "{{now|previous_day|format:'d MMM yy'}}": "19 Nov 26",
    "{{now|format:'yyyy-SSS'}}": "2026-678",
    "part_{{file_number}}.csv": "part_0000003.csv",
}
WRONG = {
    "a_{{today}}.csv": "`today` is not known",
    "a_{{now|format'yyyy-mm-dd'}}": "is not a filter",
    "a_{now}.csv": "brace",
    "{{now|local:'Mars'}}": "no time zone",
    "{{now|format:'yyyy ww'}}": "no date part",
    "../a.csv": "slash",
    "{{now|format:'yyyy/MM'}}": "slash",
    "": "empty",
}


@pytest.mark.parametrize("template", NAMES)
def test_a_template_gives_its_name(template: str) -> None:
    """At one moment, as the third file."""
    assert filename(template, now=NOW, file_number=3) == NAMES[template]


@pytest.mark.parametrize("template", WRONG)
def test_a_wrong_template_says_what_would_be_right(template: str) -> None:
    """Also the malformed samples of the documents."""
    with pytest.raises(ConfigError, match=WRONG[template]) as error:
        filename(template, now=NOW, where="data_templates/x.yaml")
    assert str(error.value).startswith("data_templates/x.yaml")
    assert "Expected" in str(error.value)
