"""Filename templates: what they give, and where exactly they are wrong."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.filename_template import FilenameTemplate, TemplateError, with_date

NOW = dt.datetime(2026, 11, 20, 3, 4, 5, 678000, tzinfo=dt.UTC)
WORDS = {"campaign_name": "win_back", "group_name": "offer", "list_name": "buyers"}
NAMES = {
    "plain.csv": "plain.csv",
    "a b.csv": "a b.csv",
    "a_{{now|format:'yyyy_MM_dd'}}.csv": "a_2026_11_20.csv",
    "a_{{  now  |  format  :  'yyyyMMdd-HHmmss'  }}": "a_20261120-030405",
    "a_{{now}}": "a_2026-11-20",
    "{{now|local:'America/Los_Angeles'|format:'MM-dd-yyyy'}}": "11-19-2026",
    "{{now|local:'America/Los_Angeles'|next_day|format:'MM-dd-yyyy'}}": "11-20-2026",
    "{{now|local:'America/Los_Angeles'|next_day|format:'MM-dd-YYYY'}}": "11-20-2026",
    "{{now|previous_day|format:'d MMM yy, h a'}}": "19 Nov 26, 3 AM",
    "{{now|format:'EEEE, MMMM d, DDD'}}": "Friday, November 20, 324",
    "{{now|format:'yyyy-SSS'}}": "2026-678",
    "part_{{file_number}}.csv": "part_0000003.csv",
    "{{ campaign_name }}-{{group_name}}-{{ list_name}}": "win_back-offer-buyers",
}
WRONG = {
    "a_{{today}}.csv": (5, "`today` is not known", "campaign_name"),
    "a_{{now|format'yyyy-mm-dd'}}": (9, "is not a filter", "format:'yyyy-MM-dd'"),
    "a_{{now|format:'yyyy-mm-dd'}}": (22, "`mm` is the minute", "MM"),
    "a_{{now|format:yyyy}}": (9, "is not a filter", "format:'"),
    "{{now|format:‘yyyy’}}": (7, "is not a filter", "format:'"),
    "a_{now}.csv": (3, "brace", "{{now}}"),
    "{next_day}": (1, "brace", "{{now|next_day}}"),
    "{{next_day}}": (3, "not known", "{{now|next_day}}"),
    "a}}": (2, "brace", "{{now"),
    "{{now": (1, "not closed", "}}"),
    "{{}}": (3, "not known", "now"),
    "{{now||next_day}}": (7, "is not a filter", "next_day"),
    "{{now|next_day:'2'}}": (7, "is not a filter", "next_day"),
    "{{now|format:'yyyy'|next_day}}": (21, "after `format`", "last"),
    "{{now next_day}}": (6, "takes no argument", "|"),
    "{{file_number|next_day}}": (15, "takes no filter", "{{file_number}}"),
    "{{now|local:'Europe/Berln'}}": (14, "no time zone", "Europe/Berlin"),
    "{{now|format:'yyyy ww'}}": (20, "no part of a date", "yyyy"),
    "{{now|format:'yyyy/MM'}}": (19, "slash", "_"),
    "../a.csv": (3, "slash", "plain"),
    "": (1, "empty", "plain"),
}  # fmt: skip


@pytest.mark.parametrize("template", NAMES)
def test_a_template_gives_its_name(template: str) -> None:
    """At one moment, as the third file."""
    assert FilenameTemplate.parse(template).name(NOW, WORDS, 3) == NAMES[template]


@pytest.mark.parametrize("template", WRONG)
def test_a_wrong_template_says_where_and_what_would_be_right(template: str) -> None:
    """Also the malformed samples of the documents."""
    position, problem, expected = WRONG[template]
    with pytest.raises(TemplateError) as error:
        FilenameTemplate.parse(template)
    assert error.value.position == position
    assert problem in error.value.problem
    assert expected in error.value.expected


def test_a_word_without_a_value_is_a_key_error_that_names_it() -> None:
    """Whoever knows what is sent says it better."""
    with pytest.raises(KeyError, match="campaign_name"):
        FilenameTemplate.parse("{{campaign_name}}").name(NOW, {})


@pytest.mark.parametrize("value", ["../up", "a/b", "a\nb"])
def test_no_value_leads_out_of_the_folder(value: str) -> None:
    """A segment's or campaign's name is somebody's text."""
    with pytest.raises(ValueError, match="slash"):
        FilenameTemplate.parse("{{list_name}}.csv").name(NOW, {"list_name": value})


def test_the_next_day_is_the_next_date_on_the_day_the_clocks_change() -> None:
    """24 hours later it is still, or already, another date there."""
    berlin = FilenameTemplate.parse("{{now|local:'Europe/Berlin'|next_day|format:'yyyy-MM-dd HHmm'}}")
    assert berlin.name(dt.datetime(2026, 10, 24, 22, 30, tzinfo=dt.UTC), {}) == "2026-10-26 0030"
    assert berlin.name(dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC), {}) == "2026-03-29 2330"


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("{{campaign_name}}_{{group_name}}.csv.gz", "win_back_offer_2026-11-20.csv.gz"),
        ("mail", "mail_2026-11-20"),
        ("v1.2/{{group_name}}".replace("/", "_"), "v1.2_offer_2026-11-20"),
        ("{{now|format:'yyyy'}}.csv", "2026.csv"),
    ],
)
def test_a_date_is_appended_once(text: str, dated: str) -> None:
    """Before the endings, and only where the name has none."""
    assert FilenameTemplate.parse(with_date(text)).name(NOW, WORDS) == dated


@given(st.text(st.sampled_from("{}|:'now formatlcd_yM/.a ‘\\"), max_size=40))
def test_any_text_is_a_template_or_a_mistake_with_a_position_in_it(text: str) -> None:
    """Nothing else is raised, and what is read gives a name."""
    mistake = None
    try:
        assert FilenameTemplate.parse(text).name(NOW, WORDS)
    except TemplateError as error:
        mistake = error
    assert mistake is None or 1 <= mistake.position <= len(text) + 1
