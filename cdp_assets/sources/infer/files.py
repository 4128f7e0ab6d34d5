"""The files that a proposal becomes in a tenant's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.config.yaml_edit import edited, fresh
from cdp_assets.errors import ConfigError
from cdp_assets.sources.infer.proposal import Proposal


def written(proposal: Proposal, folder: Path) -> dict[str, str]:
    """Give path -> text of the feed's file and the courier's; a courier that is there already gets one file more.

    Raises ConfigError for a feed, or a tag of the courier, that is there already.
    """
    feed, courier = proposal.feed, proposal.courier
    feed_file, courier_file = f"feeds/{feed.key}.yaml", f"couriers/{courier.name}.yaml"
    if (folder / feed_file).exists():
        raise ConfigError(feed_file, "is there already", "another --name, or a plan of your own changes to it")
    return {feed_file: fresh(feed_document(feed)), courier_file: _courier_text(courier, folder / courier_file)}


def feed_document(feed: Feed) -> dict[str, Any]:
    """Give a feed as its author would write it: without what is as it would be anyway."""
    document = _without_nothing(feed.model_dump(mode="json", by_alias=True, exclude_unset=True))
    return document | {"fields": [_without_nothing(one) for one in document["fields"]]}


def courier_document(courier: Courier) -> dict[str, Any]:
    """Give a courier as its author would write it; its name is its file's."""
    return {
        "location": courier.location.model_dump(mode="json", exclude_unset=True),
        "files": [_file(one.model_dump(mode="json", exclude_defaults=True), one.format.kind) for one in courier.files],
        "load": [one.model_dump(mode="json", exclude_defaults=True) for one in courier.load],
    }


def _file(document: dict[str, Any], kind: str) -> dict[str, Any]:
    return document | {"format": {"kind": kind, **{k: v for k, v in document["format"].items() if k != "kind"}}}


def _without_nothing(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _courier_text(courier: Courier, path: Path) -> str:
    made = courier_document(courier)
    if not path.exists():
        return fresh(made)
    text = path.read_text(encoding="utf-8")
    there = yaml.safe_load(text)
    if courier.files[0].tag in {one["tag"] for one in there["files"]}:
        raise ConfigError(path.name, f"has a file `{courier.files[0].tag}` already", "another --name")
    both = {"files": [*there["files"], *made["files"]], "load": [*there.get("load", ()), *made["load"]]}
    return edited(text, there | both)
