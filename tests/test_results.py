"""Results computed ahead of the notebooks: the same in one process and in two."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from healthmon import results
from healthmon.errors import UserError
from healthmon.month import Month
from healthmon.project import Project

FEW = (("register_counts",), ("village_flags",))


@pytest.fixture
def copy(sample: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The sample without results, of which only a few are asked for."""
    monkeypatch.setattr(results, "GROUPS", FEW)
    ignored = shutil.ignore_patterns("results", "raw", "private")
    shutil.copytree(sample.root, tmp_path / "copy", ignore=ignored)
    return Project(tmp_path / "copy")


def test_two_processes_keep_what_one_computes(copy: Project, month: Month) -> None:
    told: list[tuple[str, float]] = []
    results.compute_results(
        Month(copy, month.month), lambda what, share: told.append((what, share)), 2
    )
    assert told[0][1] == 0 and told[-1][1] == 1
    for name in (name for names in FEW for name in names):
        (kept,) = (copy.processed / "results" / month.month).glob(f"{name}-*/frame.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(kept), getattr(month, name), obj=name)


def test_what_a_process_refuses_is_told_as_it_was(copy: Project) -> None:
    early = Month(copy, "2019-06")  # before the standards are in force
    with pytest.raises(UserError, match="not yet in 2019-06"):
        results.compute_results(early, lambda *_: None, 2)
