"""The lists that counties get: differences, households flagged and why, undone work.

They name no person, but lead to one: they lie in ``data/private/``, readable by the owner alone.
"""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from healthmon.backlog import list_backlog, load_backlog_terms
from healthmon.consistency.terms import load_consistency_terms
from healthmon.list_workbook import Sheet, render_list, render_sheets
from healthmon.month import Month
from healthmon.private_files import make_private_folder, write_private
from healthmon.project import Project
from healthmon.show.reason_words import say_reasons
from healthmon.tables import read_table

_COLUMNS = {
    "label": "比对", "clause": "依据", "person_id": "人员编号", "disease": "病种",
    "left_file": "报送文件", "left_sheet": "报送工作表", "left_row": "报送行号",
    "right_file": "对照文件", "right_sheet": "对照工作表", "right_row": "对照行号",
}  # fmt: skip
_WARNING_COLUMNS = {
    "household_id": "户编号", "source_file": "登记文件", "source_sheet": "登记工作表",
    "source_row": "登记行号", "rule": "规则预警", "spent": "人均自付（元）", "model": "模型预警",
    "risk_pct": "风险（%）",
}  # fmt: skip
_YES = {True: "是", False: "否"}


def list_folder(project: Project, month: str, kind: str = "differences") -> Path:
    """Return where a month's lists lie; `kind` is ``differences``, ``warnings`` or ``backlog``."""
    return project.private / kind / month


def write_county_lists(month: Month) -> list[Path]:
    """Write one workbook a county with its differences between departments.

    Persons whose county no department states stand in a file of their prefecture.

    Parameters
    ----------
    month : Month

    Returns
    -------
    list of Path
        Files named by division code; lists of an earlier run are replaced.

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
    return _replace_lists(month, "differences", rows, _COLUMNS)


def write_warning_lists(month: Month) -> list[Path]:
    """Write one workbook a county with its households that rule or model flag, and why.

    Parameters
    ----------
    month : Month

    Returns
    -------
    list of Path
        As of :func:`write_county_lists`; none in a month without a model. Households by
        descending risk, each with where the register lists it, what it spent per member in the
        years of the rule, and its reasons in Chinese and English.

    References
    ----------
    QH-5.
    """
    scores, reasons = (month.risk.frames.get(name) for name in ("household_scores", "reasons"))
    if scores is None:
        return _replace_lists(month, "warnings", pd.DataFrame({"place": []}), {})
    flagged = scores[scores["is_flagged_by_model"] | scores["is_flagged_by_rule"]]
    rows = flagged.assign(
        place=flagged["county_code"],
        rule=flagged["is_flagged_by_rule"].map(_YES),
        model=flagged["is_flagged_by_model"].map(_YES),
        below=(~flagged["is_above_line"]).map(_YES).where(flagged["is_income_known"], "未知"),
        risk_pct=(100 * flagged["risk"]).round(1),
    ).sort_values(["risk", "household_id"], ascending=[False, True])
    year = month.risk.facts["score_year"]
    columns = _WARNING_COLUMNS | {"below": f"{year}年已低于贫困线"}
    for language, title in (("zh", "理由"), ("en", "reason")):
        said = reasons.assign(said=say_reasons(month.project, reasons, language))
        for place, part in said.groupby("place"):
            name = f"{title}{place}"
            rows = rows.join(part.set_index("household_id")["said"].rename(name), on="household_id")
            columns[name] = name
    rows = rows.merge(_register_rows(month), on="household_id", how="left")
    rows = rows.join(_say_spending(month), on="household_id")
    return _replace_lists(month, "warnings", rows, columns)


def write_backlog_lists(month: Month) -> list[Path]:
    """Write one workbook a county with the work that is surely not done, a sheet a kind.

    Parameters
    ----------
    month : Month

    Returns
    -------
    list of Path
        As of :func:`write_county_lists`. A county without undone work of a kind has no sheet of
        it; what belongs to no county that a register states stands in ``unknown``.

    References
    ----------
    SD-2, KF-2; the sheets are those of ``params/backlog.yml``.
    """
    headers = load_backlog_terms(month.project.params).headers
    books: dict[str, list[Sheet]] = defaultdict(list)
    for title, rows in list_backlog(month):
        for place, part in rows.groupby(rows["county_code"].fillna("unknown")):
            shown = _mark(month, part.drop(columns="county_code")).rename(columns=headers)
            books[place].append(Sheet(title, shown))
    folder = _empty_folder(month, "backlog")
    return [
        _write_list(folder, place, render_sheets(sheets)) for place, sheets in sorted(books.items())
    ]


def _say_spending(month: Month) -> pd.Series:
    """Write what each household spent per member in the years that the rule looks at."""
    burden = month.burden[month.burden["is_rule_year"]].sort_values("year")
    yuan = burden["oop_fen"] / burden["member_count"] / 100
    said = burden["year"].astype(str) + "年 " + yuan.map("{:,.2f}".format)
    return said.groupby(burden["household_id"]).agg("；".join).rename("spent")


def _register_rows(month: Month) -> pd.DataFrame:
    """Return where the register last lists each household."""
    where = ["source_file", "source_sheet", "source_row"]
    columns = ["household_id", *where, "delivered_month"]
    rows = read_table(month.project, "registered_households", month.month, columns=columns)
    rows = rows.sort_values(["delivered_month", "source_row"], kind="stable")
    return rows.drop_duplicates("household_id", keep="last")[["household_id", *where]]


def _replace_lists(
    month: Month, kind: str, rows: pd.DataFrame, columns: dict[str, str]
) -> list[Path]:
    folder = _empty_folder(month, kind)
    written = []
    for place, part in rows.groupby("place"):
        shown = _mark(month, part[list(columns)].rename(columns=columns))
        written.append(_write_list(folder, place, render_list(shown, month.month)))
    return written


def _mark(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    """Put a column before the others that says so where the data is simulated."""
    marked = rows.copy()
    if month.is_simulated:
        marked.insert(0, "数据", "模拟 simulated")
    return marked


def _empty_folder(month: Month, kind: str) -> Path:
    folder = list_folder(month.project, month.month, kind)
    make_private_folder(folder)
    for old in folder.iterdir():
        old.unlink()
    return folder


def _write_list(folder: Path, place: str, data: bytes) -> Path:
    path = folder / f"{place}.xlsx"
    write_private(path, data)
    return path
