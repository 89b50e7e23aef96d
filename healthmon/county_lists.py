"""The lists that counties get: every difference between departments, with the rows that show it.

They name no person, but lead to one: they lie in ``data/private/``, readable by the owner alone.
"""

from pathlib import Path

import pandas as pd

from healthmon.consistency.terms import load_consistency_terms
from healthmon.month import Month
from healthmon.private_files import make_private_folder, write_private
from healthmon.project import Project

_COLUMNS = {
    "label": "比对", "clause": "依据", "person_id": "人员编号", "disease": "病种",
    "left_file": "报送文件", "left_sheet": "报送工作表", "left_row": "报送行号",
    "right_file": "对照文件", "right_sheet": "对照工作表", "right_row": "对照行号",
}  # fmt: skip


def list_folder(project: Project, month: str) -> Path:
    """Return where a month's lists lie."""
    return project.root / "data" / "private" / "differences" / month


def write_county_lists(month: Month) -> list[Path]:
    """Write one CSV a county with its differences between departments.

    Persons whose county no department states stand in a file of their prefecture.

    Parameters
    ----------
    month : Month

    Returns
    -------
    list of Path
        Files named by division code, in UTF-8 with a byte order mark as spreadsheets want it;
        lists of an earlier run are replaced.

    References
    ----------
    JL-3.
    """
    items = load_consistency_terms(month.project.params).comparisons
    rows = month.differences
    rows = rows.assign(
        label=rows["comparison"].map({name: item.label.zh for name, item in items.items()}),
        clause=rows["comparison"].map({name: item.source for name, item in items.items()}),
        place=rows["county_code"].fillna(rows["prefecture_code"]).fillna("unknown"),
    )
    folder = list_folder(month.project, month.month)
    make_private_folder(folder)
    for old in folder.glob("*.csv"):
        old.unlink()
    return [_write(part, folder / f"{place}.csv") for place, part in rows.groupby("place")]


def _write(rows: pd.DataFrame, path: Path) -> Path:
    named = rows[list(_COLUMNS)].rename(columns=_COLUMNS)
    write_private(path, named.to_csv(index=False).encode("utf-8-sig"))
    return path
