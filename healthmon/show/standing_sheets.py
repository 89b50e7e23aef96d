"""Where places stand in every indicator, as sheets: what pages show, for all places at once."""

import pandas as pd

from healthmon.list_workbook import Sheet
from healthmon.month import Month
from healthmon.show.disclosure import MISSING
from healthmon.show.sheet_cells import read_shown
from healthmon.show.standing_rows import (
    indicators_of,
    name_indicator,
    rows_of,
    standing_terms,
)
from healthmon.show.standing_words import STATES

_TITLES = {"province": "指标_全省", "prefecture": "指标_市州", "county": "指标_县"}
_COUNTS = {
    "denominator_shown": "应办", "numerator_shown": "已办", "undetermined_shown": "待定",
    "backlog_shown": "工作存量", "needed_shown": "达标还需",
}  # fmt: skip
_SHARES = {"rate_shown": "完成率（%）", "target_points_shown": "距目标（百分点）"}


def list_standing_sheets(month: Month) -> list[Sheet]:
    """Make a sheet for each level: every indicator in every place; parts for the province.

    Of indicators that add up amounts the rates alone.
    """
    if month.standing.empty:
        return []
    return [Sheet(title, _list_level(month, level)) for level, title in _TITLES.items()]


def _hide_nested(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave counts only to indicators whose persons are not nearly those of another one.

    Who is treated is who must be reported: two such counts of one place tell the few in between.
    The others keep their rate in full percents, where it is shown at all.
    """
    open_ones = standing_terms(month).counted_by_place
    is_nested = ~rows["indicator"].isin(open_ones)
    rates = (100 * rows["rate"]).round().map("{:.0f}%".format, na_action="ignore")
    hidden = dict.fromkeys([*_COUNTS, "target_points_shown"], MISSING)
    return rows.assign(
        **{name: rows[name].mask(is_nested, text) for name, text in hidden.items()},
        rate_shown=rows["rate_shown"].mask(is_nested, rates.where(rows["is_open"], MISSING)),
    )


def _list_level(month: Month, level: str) -> pd.DataFrame:
    chosen = indicators_of(month)
    parts = {
        (name, part): label.zh
        for name, one in chosen.items()
        if one.parts
        for part, label in one.parts.labels.items()
    }
    rows = rows_of(month, list(chosen), level, with_parts=level == "province")
    if level != "province":
        rows = _hide_nested(month, rows)
    keys = list(zip(rows["indicator"], rows["part"], strict=True))
    # a part without a label stands on no page
    rows = rows[[not part or (name, part) in parts for name, part in keys]]
    is_amount = rows["indicator"].map(lambda name: chosen[name].sums is not None)
    about = {
        "指标": rows["indicator"].map({name: name_indicator(one) for name, one in chosen.items()}),
        "施行日期": rows["indicator"].map(
            {name: f"{one.effective_from:%Y-%m-%d}" for name, one in chosen.items()}
        ),
        "地方": rows["name"],
        "区划代码": rows["code"],
    }
    if level == "province":
        labels = [parts.get(key, "") for key in zip(rows["indicator"], rows["part"], strict=True)]
        about["分类"] = pd.Series(labels, rows.index)
    counts = rows[list(_COUNTS)].astype(object).mask(is_amount, None).rename(columns=_COUNTS)
    shares = rows[list(_SHARES)].rename(columns=_SHARES)
    cells = pd.concat([pd.DataFrame(about), read_shown(counts), read_shown(shares)], axis=1)
    return cells.assign(状态=rows["state_known"].map(STATES))
