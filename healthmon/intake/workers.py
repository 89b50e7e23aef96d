"""Read several months at a time, one process each."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pyarrow as pa

from healthmon.intake.finding import list_files
from healthmon.intake.identity import Pseudonyms
from healthmon.intake.month import StagedMonth, read_month
from healthmon.processes import end_with_parent
from healthmon.project import Project

_WORTH_IT = 64 * 2**20
"""Bytes of raw files from which on starting processes pays."""
_MOST_WORKERS = 4
"""Each needs up to 1 GB for a month with the whole register."""

_pseudonyms: Pseudonyms | None = None


def stage_months(
    project: Project,
    months: list[str],
    key: bytes,
    staging: Path,
    progress: Callable[[str, float], None],
) -> list[StagedMonth]:
    """Read months into the staging folder.

    Parameters
    ----------
    project : Project
    months : list of str
        Months to read.
    key : bytes
        Of the pseudonyms.
    staging : Path
        Gets a folder for each month.
    progress : callable
        Called with what is being done and the share done, 0 to 0.95.

    Returns
    -------
    list of StagedMonth
        In the order of `months`.

    Raises
    ------
    UserError
        When two identity numbers get the same id.
    """
    sizes = {month: _raw_size(project, month) for month in months}
    workers = min(_cpu_count(), _MOST_WORKERS, len(months))
    if workers < 2 or sum(sizes.values()) < _WORTH_IT:
        found = _stage_here(project, months, key, staging, progress)
    else:
        found = _stage_in_processes(project, sizes, key, staging, progress, workers)
    return sorted(found, key=lambda staged: staged.month)


def _stage_here(
    project: Project,
    months: list[str],
    key: bytes,
    staging: Path,
    progress: Callable[[str, float], None],
) -> list[StagedMonth]:
    pseudonyms, found = Pseudonyms(key, project.is_simulated), []
    for done, month in enumerate(months):
        progress(month, 0.95 * done / len(months))
        found.append(read_month(project, month, pseudonyms, staging / month))
    return found


def _stage_in_processes(
    project: Project,
    sizes: dict[str, int],
    key: bytes,
    staging: Path,
    progress: Callable[[str, float], None],
    workers: int,
) -> list[StagedMonth]:
    # the largest first, so that no long one is left alone at the end
    order = sorted(sizes, key=lambda month: (-sizes[month], month))
    total, done, found = sum(sizes.values()), 0, []
    progress(f"{len(order)} months", 0.0)
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(key, project.is_simulated),
    ) as pool:
        futures = {pool.submit(_stage, project, month, staging / month): month for month in order}
        try:
            for future in as_completed(futures):
                found.append(future.result())
                done += sizes[futures[future]]
                progress(f"{len(found)} of {len(order)} months", 0.95 * done / total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def _start(key: bytes, simulated: bool) -> None:
    """Set up a process: its own ids, remembered from month to month, and one thread."""
    global _pseudonyms
    end_with_parent()
    _pseudonyms = Pseudonyms(key, simulated)
    pa.set_cpu_count(1)


def _stage(project: Project, month: str, folder: Path) -> StagedMonth:
    return read_month(project, month, _pseudonyms, folder)


def _raw_size(project: Project, month: str) -> int:
    return sum((project.raw / file).stat().st_size for file in list_files(project.raw, month))


def _cpu_count() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
