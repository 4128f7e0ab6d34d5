"""Runs a golden set by the platform's own way, and tells for each case how it went."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.presto.compare import difference
from benchmarks.presto.golden import Case, Golden
from cdp_assets.audiences.spark import frame
from cdp_assets.audiences.translate import translate
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.errors import LakeError, QueryError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName

DATABASE = "database__golden"
SCOPE = TableName(DATABASE, "")
AGREE, REFUSED, FAILED, WRONG = "agree", "refused", "failed", "wrong"
RIGHTLY, ANSWERED = "refused", "answered"
"""How the cases went that Trino refuses."""
THREADS = 2
TODAY = dt.datetime.now(dt.UTC).date()
TRINO_TYPES = {"string": "varchar", "timestamp": "timestamp(3)"}

Answer = Callable[[Case], pa.Table]
"""Raises QueryError for what is refused, LakeError for what fails while it runs."""


@dataclass(frozen=True)
class Outcome:
    """How one case went, and why."""

    case: Case
    verdict: str
    reason: str = ""


def on_spark(golden: Golden, lake: Lake) -> Answer:
    """Write the tables into the lake, and give what answers a case there: translated, pinned, run."""
    columns, versions = {}, {}
    for name, (types, rows) in golden.tables().items():
        table = TableName(DATABASE, name)
        version = delta.overwrite(lake.absolute(f"golden/{name}"), rows, f"golden:{name}")
        columns[table], versions[table] = types, TableVersion(f"golden/{name}", version)

    def answer(case: Case) -> pa.Table:
        query = translate(case["sql"], columns, SCOPE, where=case["name"], today=TODAY)
        inputs = {table: versions[table] for table in query.references}
        return lake.sessions.run(lambda: frame(lake, query, inputs).toArrow())

    return answer


def on_trino(golden: Golden, client: TrinoClient) -> Answer:
    """Make the tables in the client's own schema, unless they are there, and let Trino answer each case itself."""
    for name, (types, rows) in golden.tables().items():
        kinds = [TRINO_TYPES.get(kind, kind) for kind in types.values()]
        listed = ", ".join(f"({', '.join(map(_cast, row.values(), kinds))})" for row in rows.to_pylist())
        columns = ", ".join(types)
        client.answer(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM (VALUES {listed}) t({columns})", name)
    return lambda case: client.answer(case["sql"], case["name"])


def _cast(value: object, kind: str) -> str:
    """Spell a value as Trino reads it."""
    if value is None:
        return f"CAST(NULL AS {kind})"
    plain = str(value).removesuffix("+00:00").replace("'", "''") if not isinstance(value, bool) else str(value).lower()
    return f"CAST('{plain}' AS {kind})"


def outcomes(cases: Sequence[Case], answer: Answer) -> Iterator[Outcome]:
    """Give how each case went, in the order of the cases."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(lambda case: _outcome(case, answer), cases)


def _outcome(case: Case, answer: Answer) -> Outcome:
    may_answer = "error" not in case
    try:
        found = answer(case)
    except QueryError as error:
        return Outcome(case, REFUSED if may_answer else RIGHTLY, str(error))
    except LakeError as error:
        return Outcome(case, FAILED if may_answer else RIGHTLY, str(error))
    except Exception as error:  # noqa: BLE001 - a crash is a failure of the case, not of the benchmark
        return Outcome(case, FAILED, f"{type(error).__name__}: {error}")
    if not may_answer:
        return Outcome(case, ANSWERED, f"Trino says {case['error']}")
    problem = difference(case, found)
    return Outcome(case, WRONG if problem else AGREE, problem or "")


def counts(found: Sequence[Outcome]) -> dict[str, int | dict[str, int]]:
    """Count the verdicts: those of cases with an answer, and apart those of cases that Trino refuses."""
    answers = Counter(one.verdict for one in found if "error" not in one.case)
    refusals = Counter(one.verdict for one in found if "error" in one.case)
    verdicts = {verdict: answers[verdict] for verdict in (AGREE, REFUSED, FAILED, WRONG)}
    apart = {verdict: refusals[verdict] for verdict in (RIGHTLY, ANSWERED, FAILED)}
    return {"cases": answers.total(), **verdicts, "refusals": {"cases": refusals.total(), **apart}}
