"""`cdp stitch file`: who the records of a bare file are, without a tenant, a state or a lake."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.guard import end_with_parent
from cdp_assets.errors import CdpError, SourceError
from cdp_assets.home import Home
from cdp_assets.output import check_writable
from cdp_assets.stitch.limits import limited

if TYPE_CHECKING:
    from polars import DataFrame

    from cdp_assets.config.stitch import Stitch
    from cdp_assets.stitch.resolved import Resolved

KEY = b"cdp stitch file"
"""No secret: the ids of a bare file can be made again by anybody."""
FILE = click.Path(dir_okay=False, path_type=Path)
UNITS = {"M": 2**20, "G": 2**30}
LEAST_LIMIT = 2**30
"""Below it the libraries that resolve do not all start, and one of them waits for ever for a thread that it has not."""


class Bytes(click.ParamType[int]):
    """A size such as 1500M or 6G, LEAST_LIMIT at least."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Give it in bytes."""
        found = re.fullmatch(r"([0-9]+)([MG])B?", str(value).upper())
        size = int(found[1]) * UNITS[found[2]] if found else 0
        if size < LEAST_LIMIT:
            self.fail("Expected a size such as 1500M or 6G, 1G at least.", param, ctx)
        return size


@click.command()
@click.argument("source", metavar="IN", type=FILE)
@click.argument("target", metavar="OUT", type=FILE)
@click.option("--settings", type=FILE, help="A stitch.yaml; without it every setting has its default.")
@click.option("--scores", type=FILE, help="Also write how well records agree, pair by pair.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option("--memory-limit", type=Bytes(), help="Fail rather than use more, such as 6G.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def file(
    source: Path,
    target: Path,
    settings: Path | None,
    scores: Path | None,
    overwrite: bool,
    memory_limit: int | None,
    as_json: bool,
) -> None:
    """Give every record of IN an amperity_id, and write them to OUT; each is .parquet or .csv.

    IN has a column `record_id`, unique within `source` where that column is there, and any of given_name,
    middle_name, surname, full_name, title, generational_suffix, email, phone, address, address2, city, state, postal,
    country, birthdate, gender, company, loyalty_id, ck, fk_…, sk_…, bk_…, in any letter case; `Given Name` will do.
    Of email, email_1, email_2 … (so of each that is compared, but middle_name) the first that says something is read.
    Other columns are ignored.
    OUT has `source`, `record_id` and `amperity_id`, in the order of IN.

    \b
    Examples:
      ./cdp stitch file people.parquet ids.parquet
      ./cdp stitch file people.csv ids.csv --scores scores.csv --memory-limit 6G
    """
    _check_target(target, source, overwrite)
    if scores is not None:
        _check_target(scores, source, overwrite)
        if scores.resolve() == target.resolve():
            raise SourceError(scores.name, "the scores would take the place of OUT", "a file of their own")
    if memory_limit is not None:
        named = {"--settings": settings, "--scores": scores}
        given = [str(word) for pair in named.items() if pair[1] for word in pair]
        flags = [name for name, is_set in {"--overwrite": overwrite, "--json": as_json}.items() if is_set]
        _limited(memory_limit, [*given, *flags, "--", str(source), str(target)])
    try:
        summary = _resolve(source, target, _settings(settings), scores)
    except MemoryError:
        raise CdpError(f"{source.name}: the memory is used up. Expected a higher limit, or a smaller file.") from None
    click.echo(json.dumps(summary, indent=2) if as_json else _shown(summary))


def _check_target(path: Path, source: Path, overwrite: bool) -> None:
    from cdp_assets.stitch.bare_file import WRITERS

    if path.suffix.lower() not in WRITERS:
        raise SourceError(path.name, f"the ending {path.suffix or 'is missing'}", " or ".join(WRITERS))
    if not path.parent.is_dir():
        raise SourceError(path.name, "its folder is not there", "a folder that is")
    check_writable(path)
    if path.exists() and source.exists() and path.samefile(source):
        raise SourceError(path.name, "it is the file that is read", "another file")
    if path.exists() and not overwrite:
        raise SourceError(path.name, "the file is there already", "a new name, or --overwrite")


def _limited(size: int, words: list[str]) -> None:
    """Run the command in a process that may not use more memory, and leave with its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "cdp_assets.cli.main", "stitch", "file", *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        preexec_fn=partial(_confined, size),
        check=False,
    )
    if done.returncode < 0:
        raise CdpError(f"Ended by signal {-done.returncode}. Expected a higher --memory-limit, or a smaller file.")
    sys.exit(done.returncode)


def _confined(size: int) -> None:
    """Let this process use no more memory, and not outlive the one that started it."""
    limited(size)
    end_with_parent(signal.SIGKILL)


def _settings(path: Path | None) -> Stitch:
    from cdp_assets.config.loader import load_stitch
    from cdp_assets.config.stitch import Stitch

    return Stitch() if path is None else load_stitch(path)


def _resolve(source: Path, target: Path, settings: Stitch, scores: Path | None) -> dict[str, Any]:
    from cdp_assets.stitch import bare_file
    from cdp_assets.stitch.assign_ids import KEYS

    started = time.monotonic()
    read = bare_file.read(source)
    click.echo(f"Read {read.records.height:,} records; columns ignored: {', '.join(read.ignored) or 'none'}", err=True)
    if read.records.columns == KEYS:
        click.echo("No column says who somebody is: every record is somebody of their own. See --help.", err=True)
    ids, pairs = _found(read.records, settings, scores)
    click.echo(f"Resolved {pairs:,} pairs in {time.monotonic() - started:.1f} s", err=True)
    bare_file.write(target, bare_file.with_ids(read, ids))
    return {
        "records": read.records.height,
        "people": ids["amperity_id"].n_unique(),
        "pairs": pairs,
        "ignored": read.ignored,
        "seconds": round(time.monotonic() - started, 3),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _found(records: DataFrame, settings: Stitch, scores: Path | None) -> tuple[DataFrame, int]:
    """Give who is who, and how many pairs were weighed; write what they scored where that is asked for."""
    from cdp_assets.stitch.estimate import engine_of
    from cdp_assets.stitch.given import Given
    from cdp_assets.stitch.kernel import resolve, stitch

    given = Given(key=KEY)
    if settings.is_one_to_one:
        if scores is not None:
            raise CdpError("--scores: one-to-one Stitch weighs no pair. Expected no one_to_one, or no --scores.")
        return stitch(records, settings, given).frames["stitch_ids"], 0
    if engine_of(records.height, settings) == "spark":
        return _found_in_spark(records, settings, scores)
    run = resolve(records, settings, given)
    if scores is not None:
        _write_run_scores(run, scores)
    return run.assigned.ids, len(run.pairs.left)


def _found_in_spark(records: DataFrame, settings: Stitch, scores: Path | None) -> tuple[DataFrame, int]:
    from cdp_assets.defs.engine import spark_server
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.lakehouse.session import SparkSessions
    from cdp_assets.stitch.spark.ids import ids_in_spark
    from cdp_assets.stitch.spark.with_scores import ids_and_scores_in_spark

    home = Home.locate()
    with spark_server(home):
        lake = Lake(home.lake, SparkSessions.for_home(home.root))
        if scores is None:
            return ids_in_spark(lake, records, settings, KEY)
        return ids_and_scores_in_spark(lake, records, settings, KEY, partial(_write_scores, scores))


def _write_run_scores(run: Resolved, path: Path) -> None:
    from cdp_assets.stitch.outputs.scores import stitch_scores

    _write_scores(path, stitch_scores(run).to_arrow())


def _write_scores(path: Path, scores: Any) -> None:
    """Write a table of pairs, or a reader of one, whose records are named as those of the file are."""
    from cdp_assets.stitch import bare_file

    bare_file.write(path, bare_file.renamed(scores, {"pk1": "record_id1", "pk2": "record_id2"}))


def _shown(summary: dict[str, Any]) -> str:
    return "{records:,} records are {people:,} people ({seconds:.1f} s, {memory_mb:,} MB)".format(**summary)
