"""The figures behind the page on costs and caps, as sheets: what the page shows, and no more."""

import pandas as pd

from healthmon.list_workbook import Sheet
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.cap_frames import list_caps
from healthmon.show.cost_frames import (
    REACH,
    compare_parts,
    compare_places,
    count_outside,
    list_pairs,
)
from healthmon.show.share_tables import count_county_shares, count_month_shares, list_form_shares
from healthmon.show.sheet_cells import lay_out

_AMOUNTS = {
    "total_fen": "总费用（元）", "out_of_pocket_fen": "自付（元）", "mean_fen": "次均费用（元）",
    "median_fen": "中位数（元）", "mean_days": "平均住院（天）",
}  # fmt: skip
_CHANGES = {"stay_change_pct": "人次同比（%）", "mean_change_pct": "次均费用同比（%）"}
_CAPS = {
    "stay_count": "住院人次", "over_stay_count": "超过上限（人次）", "over_pct": "占比（%）",
    "excess_least_fen": "医院应承担（元，至少）", "excess_most_fen": "医院应承担（元，至多）",
    "out_of_scope_fen": "目录外费用（元）", "total_fen": "总费用（元）",
}  # fmt: skip
_UNITS = {"county": "县域内就诊率", "township": "乡村两级占比"}


def list_cost_sheets(month: Month) -> list[Sheet]:
    """Make the sheets of costs, referrals, stated rates and caps.

    Returns
    -------
    list of Sheet
        Withheld counts are texts as on the page, everything else numbers.
    """
    pairs = list_pairs(month)
    counts = {"stay_count": "住院人次", "patient_count": "人数", "late_stay_count": "迟报（人次）"}
    columns = {"pair_zh": "期间", **counts, **_AMOUNTS, "in_county_pct": "县内占比（%）"}
    return [
        Sheet("双月通报", lay_out(pairs, columns)),
        *(_parts(month, division, title) for division, title in
          (("facility_level", "按机构级别"), ("treated_in", "按就诊地"))),
        *(_places(month, level, title) for level, title in
          (("prefecture", "住院费用_市州"), ("county", "住院费用_县"))),
        _outside(month),
        *_shares(month),
        *_caps(month),
    ]  # fmt: skip


def _parts(month: Month, division: str, title: str) -> Sheet:
    head = "机构级别" if division == "facility_level" else "就诊地"
    columns = {"name": head, "stay_count": "住院人次", "stay_pct": "占比（%）"}
    return Sheet(title, lay_out(compare_parts(month, division), columns | _AMOUNTS | _CHANGES))


def _places(month: Month, level: str, title: str) -> Sheet:
    rows = compare_places(month, level)
    if rows.empty:
        return Sheet(title, pd.DataFrame({"说明": ["本期没有住院结算"]}))
    rows = _above(rows)
    reach = {f"{key}_pct": f"{name}（%）" for key, name in REACH.items() if f"{key}_pct" in rows}
    place = {"prefecture": "市州", "name": "县"} if level == "county" else {"name": "市州"}
    columns = place | {"code": "区划代码", "stay_count": "住院人次"}
    return Sheet(title, lay_out(rows, columns | _AMOUNTS | reach | _CHANGES))


def _outside(month: Month) -> Sheet:
    columns = {
        "name": "市州", "code": "区划代码", "stay_count": "县外住院（人次）",
        "referred_stay_count": "有转诊", "unreferred_stay_count": "无转诊",
        "open_stay_count": "不能判断", "referred_pct": "有转诊占比（%）",
    }  # fmt: skip
    return Sheet("县外住院与转诊", lay_out(count_outside(month), columns))


def _shares(month: Month) -> list[Sheet]:
    monthly = {
        "month": "月份", "in_county_pct": "县域内就诊率（%）", "grassroots_pct": "乡村两级占比（%）"
    }  # fmt: skip
    counties = {
        "prefecture": "市州", "name": "县", "code": "区划代码",
        "in_county_year_pct": "县域内就诊率，上年（%）",
        "in_county_recent_pct": "县域内就诊率，近12个月（%）",
        "grassroots_year_pct": "乡村两级占比，上年（%）",
        "grassroots_recent_pct": "乡村两级占比，近12个月（%）",
    }  # fmt: skip
    stated = {
        "county_name": "县", "facility_name": "机构", "facility_code": "机构编码",
        "unit_zh": "指标", "stated_bp": "表报（%）", "counted_bp": "结算（%）",
        "difference_bp": "相差（百分点）", "state_zh": "比对",
    }  # fmt: skip
    forms = list_form_shares(month)
    forms = forms.assign(unit_zh=forms["unit"].map(_UNITS))
    return [
        Sheet("就诊率_逐月", lay_out(count_month_shares(month), monthly)),
        Sheet("就诊率_县", lay_out(_above(count_county_shares(month)), counties)),
        Sheet("就诊率_表报与结算", lay_out(forms, stated)),
    ]


def _caps(month: Month) -> list[Sheet]:
    places = {"prefecture": "市州", "county_name": "县", "facility_county_code": "区划代码"}
    level = {"level_name": "级别"}
    hospital = {"hospital_name": "医院", "facility_code": "机构编码"}
    interval = {"share_lower_pct": "占比下限（%）", "share_upper_pct": "占比上限（%）"}
    sheets = []
    for title, grouping, columns in (
        ("上限_级别", "facility_level", level | _CAPS),
        ("上限_逐月", "month", {"settled_month": "结算月份"} | _CAPS),
        ("上限_县", "county", places | _CAPS),
        ("上限_医院", "hospital", places | hospital | level | _CAPS | interval),
    ):
        rows = _above(list_caps(month, grouping))
        ends = {f"share_{end}_pct": 100 * rows[f"share_{end}"] for end in ("lower", "upper")}
        sheets.append(Sheet(title, lay_out(rows.assign(**ends), columns)))
    return sheets


def _above(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the prefecture's name."""
    names = rows["prefecture_code"].map(place_names("prefectures"))
    return rows.assign(prefecture=names.fillna(rows["prefecture_code"]))
