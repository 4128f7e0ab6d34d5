"""Which file holds which resource, and what a tenant's files must say to mean another tenant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cdp_assets.config.resources import DATABASE_TABLE, HEAD, SINGLE, Documents, folders
from cdp_assets.config.yaml_edit import edited, fresh
from cdp_assets.config.yaml_file import Loader
from cdp_assets.names import SANDBOX_FILE

SQL = "sql"
"""The field that stands in a file of its own."""
FEED = "feed"
NOT_THE_TENANTS = (SANDBOX_FILE,)
"""Files of a sandbox's folder that say something about the sandbox."""


@dataclass(frozen=True)
class ResourceFile:
    """A resource as its author wrote it. Paths are relative to the tenant's folder."""

    path: str
    text: str
    sql: str | None = None

    @property
    def sql_path(self) -> str:
        """Where its SQL stands."""
        return str(Path(self.path).with_suffix(".sql"))

    @property
    def values(self) -> dict[str, Any]:
        """What the file says; defaults are not in it."""
        return yaml.load(self.text, Loader=Loader) or {}  # noqa: S506 - a safe loader


Files = Mapping[str, ResourceFile]
"""Address -> file."""


def texts_of(folder: Path) -> dict[str, str]:
    """Give the text of every configuration file of a folder, by its path in it."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".sql") and path.is_file()]
    shown = ((path.relative_to(folder), path) for path in found)
    return {
        name.as_posix(): path.read_text(encoding="utf-8")
        for name, path in shown
        if name.as_posix() not in NOT_THE_TENANTS and not any(part.startswith(".") for part in name.parts)
    }


def files_of(texts: Mapping[str, str]) -> Files:
    """Give the file of every resource of a tenant whose files are valid."""
    return _Files(texts)


class _Files(Mapping[str, ResourceFile]):
    """Files by address. A feed's address stands in its file, so of feeds only those that are asked for are read."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        kinds = {folder: kind for kind, folder in folders().items()}
        self._found: dict[str, ResourceFile] = {}
        self._feeds: dict[str, ResourceFile] = {}
        """By path: those whose address is not known yet."""
        for name, text in texts.items():
            path = Path(name)
            if path.suffix != ".yaml":
                continue
            file = ResourceFile(name, text, texts.get(str(path.with_suffix(".sql"))))
            if len(path.parts) > 1 and kinds.get(path.parts[0]) == FEED:
                self._feeds[name] = file
            else:
                self._found[_address(path, kinds)] = file

    def __getitem__(self, address: str) -> ResourceFile:
        if address.startswith(f"{FEED}."):
            likely = [path for path in (usual_path(address),) if path in self._feeds]
            for path in (*likely, *list(self._feeds)):
                if address in self._found:
                    break
                self._read(path)
        return self._found[address]

    def __iter__(self) -> Iterator[str]:
        for path in list(self._feeds):
            self._read(path)
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found) + len(self._feeds)

    def _read(self, path: str) -> None:
        """Find out which feed a file is about."""
        if (file := self._feeds.pop(path, None)) is not None:
            values = file.values
            self._found[f"{FEED}.{values['source']}_{values['name']}"] = file


def _address(path: Path, kinds: Mapping[str, str]) -> str:
    if len(path.parts) == 1:
        return path.stem
    if path.parts[0] == "databases":
        database = path.parent.name
        return f"database.{database}" if path.name == "database.yaml" else f"{DATABASE_TABLE}.{database}.{path.stem}"
    return f"{kinds[path.parts[0]]}.{path.stem}"


def usual_path(address: str) -> str:
    """Give where a resource's file stands when nobody has put it elsewhere.

    >>> usual_path("feed.ecom_customers"), usual_path("database_table.c360.people"), usual_path("database.c360")
    ('feeds/ecom_customers.yaml', 'databases/c360/people.yaml', 'databases/c360/database.yaml')
    """
    kind, _, name = address.partition(".")
    if kind in (HEAD, *SINGLE):
        return f"{kind}.yaml"
    if kind == DATABASE_TABLE:
        return f"databases/{name.replace('.', '/')}.yaml"
    return f"databases/{name}/database.yaml" if kind == "database" else f"{folders()[kind]}/{name}.yaml"


@dataclass(frozen=True)
class Sides:
    """One side of a merge: what it means, and its files."""

    documents: Documents
    files: Files


def changed_files(ours: Sides, theirs: Sides, merged: Documents) -> dict[str, str | None]:
    """Give the new content of each of our files that must change to mean `merged`; None for one that goes.

    Every value of `merged` is one of ours or of theirs, and is spelled as its side's file spells it. A new
    resource comes with the other side's text; a changed one keeps our comments and layout.
    """
    found: dict[str, str | None] = {}
    for address in sorted({*ours.documents, *merged}):
        mine, wanted = ours.documents.get(address), merged.get(address)
        if mine != wanted:
            found |= _change(ours.files.get(address), theirs, address, mine, wanted)
    return found


def _change(
    file: ResourceFile | None, theirs: Sides, address: str, mine: dict[str, Any] | None, wanted: dict[str, Any] | None
) -> dict[str, str | None]:
    if wanted is None:
        gone = [] if file is None else [file.path, *([file.sql_path] if file.sql is not None else [])]
        return dict.fromkeys(gone)
    other = theirs.files.get(address)
    if file is None or mine is None:
        text = other.text if other is not None else fresh(_spelled(None, None, None, None, _without_sql(wanted)))
        path = other.path if other is not None else usual_path(address)
        made = ResourceFile(path, text)
        return {made.path: text} | ({made.sql_path: wanted[SQL]} if wanted.get(SQL) is not None else {})
    result: dict[str, str | None] = {}
    values = _spelled(
        file.values, mine, other.values if other else None, theirs.documents.get(address), _without_sql(wanted)
    )
    text = edited(file.text, values)
    if text != file.text:
        result[file.path] = text
    if wanted.get(SQL) != mine.get(SQL):
        result[file.sql_path] = wanted.get(SQL)
    return result


def _without_sql(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != SQL}


def _spelled(raw: Any, mine: Any, other_raw: Any, other: Any, wanted: Any) -> Any:
    """Spell a value as the file of the side that it comes from does.

    Args:
        raw: Our file's value, with defaults left out.
        mine: What it means.
        other_raw: The other file's value.
        other: What that means.
        wanted: What the result must mean.
    """
    if wanted == mine and raw is not None:
        return raw
    if wanted == other and other_raw is not None:
        return other_raw
    if isinstance(wanted, dict):
        return _spelled_record(raw, mine, other_raw, other, wanted)
    if isinstance(wanted, list) and all(isinstance(value, dict) for value in wanted):
        return [_spelled_element(raw, mine, other_raw, other, value) for value in wanted]
    return wanted


def _spelled_record(raw: Any, mine: Any, other_raw: Any, other: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    raws = [side if isinstance(side, dict) else {} for side in (raw, other_raw)]
    meant = [side if isinstance(side, dict) else {} for side in (mine, other)]
    result = {name: value for name, value in raws[0].items() if name in wanted}
    for name, value in wanted.items():
        if name in meant[0] and value == meant[0][name]:
            continue  # as our file has it, or has not
        is_theirs = name in meant[1] and value == meant[1][name]
        if is_theirs and name not in raws[1]:
            if name in raws[0]:
                result[name] = value  # their file leaves it to the default; ours speaks of it
            else:
                result.pop(name, None)
            continue
        pairs = [(raws[side].get(name), meant[side].get(name)) for side in (0, 1)]
        result[name] = _spelled(*pairs[0], *pairs[1], value)
    return result


def _spelled_element(raw: Any, mine: Any, other_raw: Any, other: Any, wanted: dict[str, Any]) -> Any:
    """Spell a list's element by the element of each side that has its name."""
    pairs: list[tuple[Any, Any]] = []
    for raw_side, side in ((raw, mine), (other_raw, other)):
        elements = zip(raw_side, side, strict=False) if isinstance(raw_side, list) and isinstance(side, list) else ()
        pairs.append(next(((written, value) for written, value in elements if _alike(value, wanted)), (None, None)))
    return _spelled(*pairs[0], *pairs[1], wanted)


def _alike(one: Any, other: dict[str, Any]) -> bool:
    name = next((name for name in ("name", "tag", "feed") if name in other), None)
    return one == other or (name is not None and isinstance(one, dict) and one.get(name) == other[name])
