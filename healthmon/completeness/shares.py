"""The bulletin of completeness (通报): what was due, came, came late and is missing, by place."""

import pandas as pd

from healthmon.completeness.grid import CAME, LOST
from healthmon.intake.manifest import read_manifest
from healthmon.project import Project
from healthmon.source_places import place_of_file
from healthmon.standing.intervals import rank_ranges, wilson_interval


def share_complete(grid: pd.DataFrame, month: str, by: str, interval_pct: float) -> pd.DataFrame:
    """Add the grid up by place, for the month and pooled over its months.

    Parameters
    ----------
    grid : DataFrame
        As :func:`healthmon.completeness.grid.fill_grid`.
    month : str
        The month of the bulletin.
    by : {"county_code", "prefecture_code"}
    interval_pct : float
        Confidence of the interval of the pooled share, in percent.

    Returns
    -------
    DataFrame
        One row a place, in order of code: `by`, ``due_count``, ``came_count``, ``late_count``,
        ``missing_count``, ``odd_count`` (same or small) of the month, counted in tables and
        counties; ``complete_share``; over all months of the grid ``pooled_due_count``,
        ``pooled_share``, ``lower``, ``upper`` (Wilson) and the ranks that the place can have,
        ``rank_best`` to ``rank_worst``: places whose intervals lie wholly above stand before it.

    References
    ----------
    JL-5; Wilson (1927) for the interval.
    """
    now = _add_up(grid[grid["delivered_month"] == month], by)
    pooled = _add_up(grid, by)
    share = pooled["came_count"] / pooled["due_count"]
    lower, upper = wilson_interval(pooled["came_count"], pooled["due_count"], interval_pct)
    best, worst = rank_ranges(lower, upper)
    now = now.assign(
        complete_share=now["came_count"] / now["due_count"],
        pooled_due_count=pooled["due_count"],
        pooled_share=share,
        lower=lower,
        upper=upper,
        rank_best=best.astype(int),
        rank_worst=worst.astype(int),
    )
    return now.reset_index()


def count_set_aside(project: Project, month: str) -> pd.DataFrame:
    """Count the rows of a month's files that were read and set aside, file by file.

    Returns
    -------
    DataFrame
        ``file``, ``place`` (code in the file's name, missing for files of the province),
        ``table``, ``rows_read``, ``rows_taken``, ``rows_set_aside``.
    """
    entry = read_manifest(project)["months"].get(month, {"files": {}})
    rows = [
        {"file": file, "place": place_of_file(file), "table": table, **counts}
        for file, about in entry["files"].items()
        for table, counts in about["tables"].items()
    ]
    columns = ["file", "place", "table", "rows_read", "rows_taken", "rows_set_aside"]
    return pd.DataFrame(rows, columns=columns)


def _add_up(grid: pd.DataFrame, by: str) -> pd.DataFrame:
    flags = pd.DataFrame(
        {
            "due_count": 1,
            "came_count": grid["state"].isin(CAME).astype(int),
            "late_count": grid["is_late"].fillna(False).astype(int),
            "missing_count": grid["state"].isin(LOST).astype(int),
            "odd_count": grid["state"].isin(["same", "small"]).astype(int),
        },
        index=grid.index,
    )
    return flags.groupby(grid[by]).sum()
