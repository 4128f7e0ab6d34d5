"""Functions of this package run on workers whose Python does not have it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import ABANDONED_S, FOLDER, stages_of


def test_workers_read_the_package_from_what_was_sent(lake: Lake, tmp_path: Path) -> None:
    """The workers' own Python cannot import it; the archive that they are sent can."""
    alone = [sys.executable, "-c", "import cdp_assets"]
    assert subprocess.run(alone, cwd=tmp_path, env={}, capture_output=True, check=False).returncode != 0

    def where(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Use the package, then say where it came from; a function of this test, so it is sent by its code."""
        import cdp_assets.stitch
        from cdp_assets.lakehouse.arrow import plain_type

        assert plain_type(pa.large_string()) == pa.string()
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"file": [str(cdp_assets.stitch.__file__)]})

    with stages_of(lake) as stages:
        found = stages.answer(lambda: stages.session().range(1).mapInArrow(where, "file string"))
    assert all(".zip/cdp_assets/stitch/__init__.py" in file for file in found["file"].to_pylist())
    assert found.num_rows


def test_sending_leaves_the_import_path_as_it_was(lake: Lake) -> None:
    """What is imported here goes on coming from here."""
    before = list(sys.path)
    with stages_of(lake) as stages:
        stages.answer(lambda: stages.session().range(1))
    assert sys.path == before


@pytest.mark.parametrize("fails", [False, True])
def test_stages_end_with_the_work(lake: Lake, fails: bool) -> None:
    """Nothing of them stays in the lake, whether the work succeeds or not."""
    try:
        with stages_of(lake) as stages:
            stages.keep("numbers", lambda: stages.session().range(5))
            assert stages.answer(lambda: stages.read("numbers")).num_rows == 5
            assert stages.measures["numbers"].size_bytes > 0
            if fails:
                raise KeyError
    except KeyError:
        assert fails
    assert list((lake.root / FOLDER).iterdir()) == []


def test_what_a_killed_run_left_is_removed_after_days(lake: Lake) -> None:
    """And nothing that a run may still be working on."""
    for name, age_s in (("old", ABANDONED_S + 60), ("young", 60.0)):
        folder = lake.root / FOLDER / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - age_s,) * 2)
    with stages_of(lake):
        assert (lake.root / FOLDER / "young").exists()
        assert not (lake.root / FOLDER / "old").exists()
