"""Stays above the cap of KF-3 as they may be shown: by hospital, county, level and month."""

import pandas as pd

from healthmon.costs.caps import rank_hospitals
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import terms_of
from healthmon.show.cost_frames import name_levels
from healthmon.show.crossed import withhold_split
from healthmon.show.disclosure import withhold_counts

OUTSIDE = "省外"
UNKNOWN = "不明"
_ALONG = ["over_pct", "excess_least_fen", "excess_most_fen", "out_of_scope_fen", "total_fen"]
_TOTALS = {
    "all": ["grouping"],
    "month": ["grouping"],
    "facility_level": ["grouping"],
    "county": ["prefecture_code"],
    "county_level": ["facility_county_code", ["prefecture_code", "facility_level"]],
    "hospital": [["facility_county_code", "facility_level"], "facility_county_code"],
}
"""Groups of rows whose totals are shown in another table, by grouping."""


def list_caps(month: Month, grouping: str) -> pd.DataFrame:
    """List stays above and within the cap in one grouping.

    Parameters
    ----------
    grouping : str
        One of :data:`healthmon.costs.caps.GROUPINGS`.

    Returns
    -------
    DataFrame
        As :func:`healthmon.costs.caps.count_caps` with ``prefecture_code``, ``county_name``,
        ``level_name``, ``hospital_name`` (its code where no form names it), ``over_pct`` (of all
        stays of entitled persons), ``stay_count_shown`` and ``over_stay_count_shown``; what is
        withheld is missing. ``share_lower`` and ``share_upper`` go with ``over_pct``.
    """
    counted = month.cap_counts
    rows = _named(month, counted[counted["grouping"] == grouping])
    rows = rows.assign(
        rest_stay_count=rows["stay_count"] - rows["over_stay_count"],
        over_pct=(
            100 * rows["over_stay_count"] / rows["stay_count"].mask(rows["stay_count"] == 0)
        ).astype("Float64"),
    )
    threshold = terms_of(month).disclosure.threshold
    along = [*_ALONG, "open_stay_count", "share_lower", "share_upper"]
    split = withhold_split(
        rows, "over_stay_count", "rest_stay_count", _TOTALS[grouping], threshold, along
    )
    in_force = ["in_force_stay_count", "in_force_over_stay_count", "in_force_excess_fen"]
    gated = withhold_counts(
        split.drop(columns=["rest_stay_count", *in_force]), ["stay_count"], threshold,
        by=_TOTALS[grouping][-1], rates=dict.fromkeys(_ALONG, "stay_count"),
    )  # fmt: skip
    order = ["settled_month", "facility_county_code", "facility_level", "facility_code"]
    return gated.sort_values(order, ignore_index=True)


def list_top_hospitals(month: Month, by: str, limit: int) -> pd.DataFrame:
    """List the hospitals that must bear most, or with the largest share above the cap.

    Those whose figures are withheld are left out; ranks are over those shown.

    Parameters
    ----------
    by : {"yuan", "share"}
    limit : int
    """
    return rank_hospitals(list_caps(month, "hospital").dropna(subset=["over_pct"]), by, limit)


def _named(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    county = rows["facility_county_code"]
    names = county.map(place_names("counties"))
    is_inside = names.notna()
    # nobody in the province answers for hospitals outside: one place for all of them
    prefecture = (county.str[:4] + "00").where(is_inside | county.isna(), OUTSIDE)
    return rows.assign(
        prefecture_code=prefecture.fillna(UNKNOWN),
        county_name=names.where(is_inside, OUTSIDE + " " + county).fillna(UNKNOWN),
        level_name=rows["facility_level"].map(name_levels(month)).fillna("级别不明"),
        hospital_name=rows["facility_name"].fillna(rows["facility_code"]).fillna(UNKNOWN),
    )
