"""In-county visit rate and share at township and village level, counted and stated (C4, T5).

By month they are indicators; of the last full year they are what C4 and T5 score.
"""

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.costs.terms import load_cost_terms
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import scored_standard, terms_of
from healthmon.show.captions import cite_documents
from healthmon.show.charts import draw_trend
from healthmon.show.crossed import withhold_split
from healthmon.show.disclosure import MISSING
from healthmon.show.tables_html import render_table

_RATES = {
    "in_county": ("in_county_count", "known_county_count"),
    "grassroots": ("grassroots_count", "known_level_count"),
}
"""Rate to the counts of visits of the last full year that it is made of."""
_MONTHLY = {"in_county": "visits_in_county", "grassroots": "visits_at_grassroots"}
"""Rate to the indicator that counts it by month."""
_STATES = {"same": "相符", "higher": "表报偏高", "lower": "表报偏低", "not_stated": "表未填报",
           "not_counted": "无结算"}  # fmt: skip


def count_county_shares(month: Month) -> pd.DataFrame:
    """Count where the residents of each county were treated, as it may be shown.

    Returns
    -------
    DataFrame
        One row a county: ``code``, ``name``, ``prefecture_code``; ``in_county_year_pct`` and
        ``grassroots_year_pct`` of the last full year, ``in_county_recent_pct`` and
        ``grassroots_recent_pct`` of the last 12 months, missing where withheld.
    """
    year = month.visits.groupby("county_code")[[n for pair in _RATES.values() for n in pair]].sum()
    parts = []
    for rate, (part, whole) in _RATES.items():
        counts = year[[part, whole]].set_axis(["numerator", "denominator"], axis=1)
        parts.append(_share(month, counts).rename(f"{rate}_year_pct"))
        recent = _count_monthly(month, rate, "county").groupby("code")[["numerator", "denominator"]]
        parts.append(_share(month, recent.sum()).rename(f"{rate}_recent_pct"))
    rows = pd.concat(parts, axis=1).sort_index().rename_axis("code").reset_index()
    rows.insert(1, "name", rows["code"].map(place_names("counties")))
    rows.insert(2, "prefecture_code", rows["code"].str[:4] + "00")
    return rows


def count_month_shares(month: Month) -> pd.DataFrame:
    """Count both rates of the province by month of settlement.

    Returns
    -------
    DataFrame
        ``month``, ``in_county_pct``, ``grassroots_pct``.
    """
    rates = {}
    for rate in _RATES:
        counts = _count_monthly(month, rate, "province").groupby("month")
        counts = counts[["numerator", "denominator"]].sum().assign(above="")
        rates[f"{rate}_pct"] = _share(month, counts)
    return pd.DataFrame(rates).rename_axis("month").reset_index()


def list_form_shares(month: Month) -> pd.DataFrame:
    """List what each form states beside what was counted, as it may be shown.

    Returns
    -------
    DataFrame
        As :func:`healthmon.costs.form_shares.compare_forms`, with ``county_name`` and
        ``state_zh``; the rate counted and the difference are missing where few visits would show.
    """
    forms = month.form_shares
    rest = forms["visit_count"] - forms["counted_visit_count"]
    rows = forms.assign(rest_visit_count=rest, county_name=forms["county_code"].map(
        place_names("counties")), state_zh=forms["state"].map(_STATES))  # fmt: skip
    return withhold_split(
        rows, "counted_visit_count", "rest_visit_count", [["unit", "prefecture_code"]],
        terms_of(month).disclosure.threshold, ["counted_bp", "difference_bp", "visit_count"],
    ).drop(columns=["counted_visit_count_shown", "rest_visit_count"])  # fmt: skip


def describe_forms(month: Month) -> str:
    """Say (Markdown) how many forms state another rate than the settlements show."""
    tolerance = load_cost_terms(month.project.params).forms.tolerance_bp / 100
    said = []
    for unit, name in (("county", "县级医院表"), ("township", "乡镇卫生院表")):
        states = month.form_shares.loc[month.form_shares["unit"] == unit, "state"].value_counts()
        judged = int(sum(states.get(key, 0) for key in ("same", "higher", "lower")))
        higher, lower = (int(states.get(key, 0)) for key in ("higher", "lower"))
        missing = int(states.get("not_stated", 0))
        said.append(f"{name} {judged} 份，偏高 {higher} 份、偏低 {lower} 份，未填报 {missing} 份")
    return f"与结算相差超过 {tolerance:g} 个百分点的：{'；'.join(said)}。"


def list_county_shares(month: Month) -> HTML:
    """Render both rates by county, with what the county hospitals state."""
    rows = count_county_shares(month)
    forms = list_form_shares(month)
    stated = forms[forms["unit"] == "county"].groupby("county_code")["stated_bp"]
    low, high = (rows["code"].map(end) for end in (stated.min(), stated.max()))
    townships = forms[forms["unit"] == "township"]
    odd = [
        rows["code"].map(townships[townships["state"] == state].groupby("county_code").size())
        for state in ("higher", "lower")
    ]
    texts = pd.DataFrame(
        {
            "县": rows["name"],
            "上年结算": rows["in_county_year_pct"].map(_percent),
            "近 12 个月": rows["in_county_recent_pct"].map(_percent),
            "表报": [_stated(*ends) for ends in zip(low, high, strict=True)],
            "上年结算 ": rows["grassroots_year_pct"].map(_percent),
            "近 12 个月 ": rows["grassroots_recent_pct"].map(_percent),
            "表报偏高／偏低（家）": [
                f"{0 if pd.isna(more) else int(more)}／{0 if pd.isna(less) else int(less)}"
                for more, less in zip(*odd, strict=True)
            ],
            "市州": rows["prefecture_code"].map(place_names("prefectures")),
        }
    )
    columns = list(texts.columns)
    groups = {"县域内就诊率": columns[1:4], "乡村两级就诊占比": columns[4:7]}
    return render_table(texts, "county-shares", groups=groups, section="市州")


def list_differing_forms(month: Month) -> HTML:
    """Render the forms that state most above or below what was counted."""
    rows = list_form_shares(month)
    rows = rows[rows["state"].isin(["higher", "lower"])].dropna(subset=["difference_bp"])
    if rows.empty:
        return HTML("<p>没有可以公布的不符的表。</p>")
    order = rows["difference_bp"].abs().sort_values(ascending=False, kind="stable").index
    rows = rows.loc[order].head(terms_of(month).lists.worst_counties * 2)
    texts = pd.DataFrame(
        {
            "机构": rows["facility_name"].fillna(rows["facility_code"]),
            "县": rows["county_name"],
            "指标": rows["unit"].map({"county": "县域内就诊率", "township": "乡村两级占比"}),
            "表报": [_percent(bp / 100) for bp in rows["stated_bp"]],
            "结算": [_percent(bp / 100) for bp in rows["counted_bp"]],
            "相差（百分点）": [
                f"{bp / 100:+.1f}".replace("-", "−") for bp in rows["difference_bp"]
            ],
        }
    )
    return render_table(texts, "differing-forms", left=["县", "指标"])


def draw_share_trend(month: Month) -> go.Figure:
    """Draw both rates of the province by month."""
    names = {"in_county_pct": "县域内就诊率", "grassroots_pct": "乡村两级就诊占比"}
    return draw_trend(count_month_shares(month), names, "占就诊人次（%）")


def cite_shares(month: Month) -> str:
    """Say (Markdown) which clauses the two rates stand on."""
    return cite_documents(month, *(scored_standard(month, kind).source for kind in
                                   ("county", "township")))  # fmt: skip


def _count_monthly(month: Month, rate: str, level: str) -> pd.DataFrame:
    rows = month.indicators
    return rows[(rows["indicator"] == _MONTHLY[rate]) & (rows["level"] == level)]


def _share(month: Month, counts: pd.DataFrame) -> pd.Series:
    """Return the percent of each row, missing where withheld; rows of a prefecture together."""
    part, whole = counts["numerator"], counts["denominator"]
    rows = counts.assign(
        rest=whole - part, pct=(100 * part / whole.mask(whole == 0)).astype("Float64")
    )
    if "above" not in rows:
        rows["above"] = rows.index.str[:4]
    threshold = terms_of(month).disclosure.threshold
    return withhold_split(rows, "numerator", "rest", ["above"], threshold, ["pct"])["pct"]


def _stated(low: float, high: float) -> str:
    if pd.isna(low):
        return MISSING
    ends = (f"{bp / 100:.1f}" for bp in dict.fromkeys((low, high)))
    return "–".join(ends) + "%"


def _percent(pct: float) -> str:
    return MISSING if pd.isna(pct) else f"{pct:.1f}%"
