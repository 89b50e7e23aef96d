"""Costs of stays as they may be shown: counts of stays withheld, amounts and shares with them.

Stays are counted as persons are: one to nine of them are not shown, nor what would give them
away. Page and workbook take the same frames, so that the one never shows what the other withholds.
"""

import pandas as pd

from healthmon.costs.bulletin import UNKNOWN, beside_year_before
from healthmon.exports import list_tables
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import terms_of
from healthmon.show.crossed import withhold_crossed, withhold_split
from healthmon.show.disclosure import WITHHELD_BESIDE, show_count, withhold_counts

REACH = {
    "county": "县内", "prefecture": "市州内外县", "province": "省内外市州", "beyond": "省外",
    UNKNOWN: "不明",
}  # fmt: skip
LEVELS = ("unrated", "level_1", "level_2", "level_3", UNKNOWN)
_AMOUNTS = ["total_fen", "out_of_pocket_fen", "mean_fen", "median_fen", "mean_days"]
_BEFORE = ["stay_change_pct", "mean_change_pct"]


def list_pairs(month: Month) -> pd.DataFrame:
    """List the pairs of months of the bulletin, for the province.

    Returns
    -------
    DataFrame
        One row a pair: ``pair_zh``, ``stay_count``, ``patient_count`` and ``late_stay_count``
        with ``_shown``, ``total_fen``, ``out_of_pocket_fen``, ``mean_fen``, ``median_fen``,
        ``mean_days``, ``in_county_pct`` (of the stays whose place is known).
    """
    counted = month.cost_bulletin
    whole = counted[counted["level"] == "province"]
    rows = _measure(whole[whole["division"] == "all"])
    inside = whole[whole["division"] == "treated_in"].pivot_table(
        index="pair", columns="part", values="stay_count", aggfunc="sum"
    )
    known = inside.drop(columns=UNKNOWN, errors="ignore").sum(axis=1)
    share = 100 * inside.get("county", 0 * known) / known
    rows = rows.assign(
        pair_zh=[name_pair(first) for first in rows["from_month"]],
        in_county_pct=rows["pair"].map(share).astype("Float64"),
    )
    counts = ["stay_count", "patient_count", "late_stay_count"]
    rates = dict.fromkeys([*_AMOUNTS, "in_county_pct"], "stay_count")
    return withhold_counts(rows, counts, _threshold(month), by="pair", rates=rates)


def compare_parts(month: Month, division: str) -> pd.DataFrame:
    """Divide the stays of the last pair, for the province, beside the year before.

    Parameters
    ----------
    division : {"facility_level", "treated_in"}

    Returns
    -------
    DataFrame
        One row a part: ``name``, ``stay_count``, ``stay_pct`` of all, the amounts of
        :func:`list_pairs`, ``stay_change_pct`` and ``mean_change_pct`` against the same pair of
        the year before, both as recorded in time.
    """
    names = name_levels(month) if division == "facility_level" else REACH
    last = beside_year_before(month.cost_bulletin)
    rows = last[(last["level"] == "province") & (last["division"] == division)]
    rows = _compare(_measure(rows))
    rows["stay_pct"] = 100 * rows["stay_count"] / rows["stay_count"].sum()
    rows = rows.set_index("part").reindex([name for name in names if name in set(rows["part"])])
    rows = rows.reset_index().assign(name=lambda frame: frame["part"].map(names))
    return _withhold(month, rows, by=None, along=["stay_pct"])


def compare_places(month: Month, level: str) -> pd.DataFrame:
    """Compare the stays of the last pair by place of residence, beside the year before.

    Parameters
    ----------
    level : {"prefecture", "county"}

    Returns
    -------
    DataFrame
        One row a place: ``code``, ``prefecture_code``, ``name``, ``stay_count``, the amounts and
        changes of :func:`compare_parts`; of prefectures also ``<reach>_pct`` for each of
        :data:`REACH` that is known, of counties ``county_pct`` alone, with ``_shown``.
    """
    last = beside_year_before(month.cost_bulletin)
    rows = last[(last["level"] == level) & (last["division"] == "all")]
    if rows.empty:
        return pd.DataFrame(columns=["code", "prefecture_code", "name", "stay_count"])
    rows = _compare(_measure(_placed(rows, level)))
    by = "prefecture_code" if level == "county" else None
    shares = _share_reach(month, last, level)
    return _withhold(month, rows, by=by).join(shares, on="code")


def count_outside(month: Month) -> pd.DataFrame:
    """Count stays outside the county by prefecture of residence, referred and not.

    Returns
    -------
    DataFrame
        One row a prefecture: ``code``, ``name``, ``stay_count`` (all outside the county),
        ``referred_stay_count``, ``unreferred_stay_count``, ``open_stay_count``, with ``_shown``,
        and ``referred_pct`` of those that are judged.
    """
    counts = ["stay_count", "referred_stay_count", "unreferred_stay_count", "open_stay_count"]
    rows = month.referral_counts.groupby("prefecture_code", as_index=False)[counts].sum()
    rows = _placed(rows.rename(columns={"prefecture_code": "code"}), "prefecture")
    judged = rows["referred_stay_count"] + rows["unreferred_stay_count"]
    rows["referred_pct"] = _pct(rows["referred_stay_count"], judged)
    threshold = _threshold(month)
    split = withhold_split(
        rows, "referred_stay_count", "unreferred_stay_count", [[]], threshold, ["referred_pct"]
    )
    unreferred = split["unreferred_stay_count"]
    shown = [WITHHELD_BESIDE if pd.isna(n) else show_count(n, threshold) for n in unreferred]
    split["unreferred_stay_count_shown"] = shown
    return withhold_counts(split, ["stay_count", "open_stay_count"], threshold)


def name_levels(month: Month) -> dict[str, str]:
    """Map the levels of facilities to their words in the exports, lowest first."""
    column = list_tables(month.project.params)["settlements"].columns["facility_level"]
    words = {code: word for word, code in column.values.items()}
    return {level: words.get(level, "级别不明") for level in LEVELS}


def name_pair(first: str) -> str:
    """Write the pair of months that begins with `first`, as 2022 年 5–6 月."""
    return f"{first[:4]} 年 {int(first[5:])}–{int(first[5:]) + 1} 月"


def _measure(rows: pd.DataFrame) -> pd.DataFrame:
    """Add means per stay; of the year before, too, where it stands beside."""
    return rows.assign(
        late_stay_count=rows["stay_count"] - rows["timely_stay_count"],
        mean_fen=(rows["total_fen"] / rows["stay_count"]).astype("Float64"),
        mean_days=(
            rows["day_sum"] / rows["dated_stay_count"].mask(rows["dated_stay_count"] == 0)
        ).astype("Float64"),
        median_fen=rows["median_fen"].astype("Float64"),
    )


def _compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the change of stays and of their mean cost, among those recorded in time."""
    now, before = rows["timely_stay_count"], rows["timely_stay_count_before"]
    before = before.mask(before == 0)
    mean, mean_before = rows["timely_fen"] / now.mask(now == 0), rows["timely_fen_before"] / before
    return rows.assign(
        stay_change_pct=(100 * now / before - 100).astype("Float64"),
        mean_change_pct=(100 * mean / mean_before - 100).astype("Float64"),
    )


def _withhold(
    month: Month, rows: pd.DataFrame, by: str | None, along: list[str] | None = None
) -> pd.DataFrame:
    counts = ["stay_count", "timely_stay_count_before"]
    rates = dict.fromkeys([*_AMOUNTS, *(along or [])], "stay_count")
    gated = withhold_counts(
        rows, counts, _threshold(month), by=by, rates=rates | dict.fromkeys(_BEFORE, counts)
    )
    kept = ["code", "prefecture_code", "name", "part", "stay_count", "stay_count_shown", *rates,
            *_BEFORE]  # fmt: skip
    return gated[[name for name in kept if name in gated]]


def _share_reach(month: Month, last: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return by place the percent of stays in each reach; of counties, inside them alone."""
    rows = last[(last["level"] == level) & (last["division"] == "treated_in")]
    rows = rows[rows["part"] != UNKNOWN]
    wide = rows.pivot_table(index="code", columns="part", values="stay_count", fill_value=0)
    wide = wide.reindex(columns=[part for part in REACH if part != UNKNOWN], fill_value=0)
    whole = wide.sum(axis=1)
    if level == "county":
        halves = pd.DataFrame({"county_count": wide["county"], "outside": whole - wide["county"]})
        halves["county_pct"] = _pct(halves["county_count"], whole)
        halves["above"] = halves.index.str[:4]
        gated = withhold_split(
            halves, "county_count", "outside", ["above"], _threshold(month), ["county_pct"]
        )
        shown = gated["county_count_shown"].where(gated["county_pct"].isna())
        return gated[["county_pct"]].assign(county_pct_shown=shown)
    cells = wide.reset_index().melt("code", var_name="part", value_name="stay_count")
    cells["pct"] = _pct(cells["stay_count"], cells["code"].map(whole))
    gated = withhold_crossed(cells, "stay_count", ["code", "part"], _threshold(month), ["pct"])
    gated["pct_shown"] = gated["stay_count_shown"].where(gated["pct"].isna())
    parts = {
        f"{part}_{name}": cell.set_index("code")[name]
        for part, cell in gated.groupby("part", sort=False)
        for name in ("pct", "pct_shown")
    }
    return pd.DataFrame(parts)


def _pct(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (100 * part / whole.mask(whole == 0)).astype("Float64")


def _placed(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """Add name and prefecture; in order of code."""
    names = place_names("counties" if level == "county" else "prefectures")
    placed = rows.assign(name=rows["code"].map(names), prefecture_code=rows["code"].str[:4] + "00")
    return placed.sort_values("code", ignore_index=True)


def _threshold(month: Month) -> int:
    return terms_of(month).disclosure.threshold
