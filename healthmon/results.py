"""A month's results computed before the notebooks ask for them, two at a time."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed

from healthmon.month import Month
from healthmon.processes import end_with_parent
from healthmon.project import Project
from healthmon.supervision import list_supervision

GROUPS = (
    ("risk",),
    ("supervision",),
    ("difference_trend",),
    ("standing", "restated_indicators"),
    ("burden", "catastrophic", "impoverishment"),
    ("completeness_grid", "outliers"),
    ("deadlines", "team_scores"),
    ("stays", "referral_counts", "cap_counts", "cost_bulletin", "form_shares"),
    ("register_counts", "county_scores", "township_scores", "village_flags"),
)
"""Results that build on each other stand together; what takes longest stands first."""
_WORTH_IT = 32 * 2**20
"""Bytes of clean tables from which on starting processes pays."""
_AT_ONCE = 2
"""Each needs up to 1.5 GB for a province, and two pay on two cores."""


def compute_results(
    month: Month, report: Callable[[str, float], None], at_once: int | None = None
) -> None:
    """Compute and keep what the pages of a month show.

    Parameters
    ----------
    month : Month
    report : callable
        Called with the results that are being worked on or done, and the share done, 0 to 1.
    at_once : int, optional
        Processes side by side; by default one for little data and two for much.

    Raises
    ------
    UserError
        When parameters are refused or a standard is not yet in force.
    """
    if at_once is None:
        at_once = min(_AT_ONCE, os.cpu_count() or 1) if _is_much(month.project) else 1
    if at_once > 1:
        _compute_in_processes(month, report, at_once)
        return
    for done, names in enumerate(GROUPS):
        report(_say(names), done / len(GROUPS))
        _compute(month, names)


def _compute_in_processes(month: Month, report: Callable[[str, float], None], at_once: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    report(_say(GROUPS[0]), 0.0)
    with ProcessPoolExecutor(at_once, mp_context=spawn, initializer=end_with_parent) as pool:
        futures = {
            pool.submit(_compute_afresh, month.project, month.month, names): names
            for names in GROUPS
        }
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                report(_say(futures[future]), done / len(GROUPS))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _compute_afresh(project: Project, month: str, names: tuple[str, ...]) -> None:
    _compute(Month(project, month), names)


def _compute(month: Month, names: tuple[str, ...]) -> None:
    for name in names:
        if name == "supervision":
            list_supervision(month)
        else:
            getattr(month, name)


def _say(names: tuple[str, ...]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _is_much(project: Project) -> bool:
    tables = project.processed.glob("*/????-??.parquet")
    return sum(path.stat().st_size for path in tables) >= _WORTH_IT
