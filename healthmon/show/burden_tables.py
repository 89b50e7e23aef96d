"""Tables, figures and sentences on household spending and the 1,560-yuan rule, for researchers.

Counts of households pass :mod:`healthmon.show.disclosure` here.
"""

import narwhals as nw
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML

from healthmon.burden import SpendingRule, flag_by_rule, load_rule
from healthmon.exports import list_tables
from healthmon.money import fen, format_yuan
from healthmon.risk.settings import load_risk_settings
from healthmon.show.bulletin import Results, compare_counties, spending_rule, terms_of
from healthmon.show.charts import CALM, COLOURS, PROBLEM, finish_figure
from healthmon.show.disclosure import MISSING, require_withheld, show_count, withhold_counts
from healthmon.show.tables_html import render_table

_SIZES = 6
"""Households with as many members and more are taken together."""


def describe_burden(month: Results) -> str:
    """Say (Markdown) how much households spent in the rule's years and how many are flagged."""
    rule, lines = spending_rule(month), []
    for year, rows in _rule_rows(month).groupby("year"):
        spent = _per_member(rows)
        flagged = _people(month, int(rows["is_flagged_by_rule"].sum()))
        lines.append(
            f"- **{_year_zh(month, year)}**：{_people(month, len(rows))} 户，"
            f"各户人均自付的平均数 {format_yuan(spent.mean())} 元、"
            f"中位数 {format_yuan(spent.median())} 元；"
            f"超过 {rule.threshold_yuan:,} 元的 **{flagged}** 户（{_rate(month, rows)}）。"
        )
    either = _rule_rows(month).groupby("household_id")["is_flagged_by_rule"].any()
    total = _people(month, int(either.sum()))
    return "\n".join([*lines, f"- 两个年度任一年超过即划入：共 **{total}** 户。"])


def list_years(month: Results) -> HTML:
    """Render spending per member by year: middle, upper end, households without any, flags."""
    rows = []
    for year, part in month.burden.groupby("year"):
        spent = _per_member(part)
        quantiles = {f"P{q}（元）": format_yuan(spent.quantile(q / 100)) for q in (50, 90, 99)}
        rows.append(
            {
                "年度": _year_zh(month, year),
                "户数": _people(month, len(part)),
                "按人平均自付（元）": format_yuan(
                    part["oop_fen"].sum() / part["member_count"].sum()
                ),
                **quantiles,
                "无自付的户": _percent((part["oop_fen"] == 0).mean()),
                "超过规则线（户）": _people(month, int(part["is_flagged_by_rule"].sum())),
                "占比": _rate(month, part),
            }
        )
    return render_table(pd.DataFrame(rows), "spending-years")


def count_bands(month: Results) -> pd.DataFrame:
    """Count households of the rule's years by spending per member.

    Returns
    -------
    DataFrame
        ``year``, ``band`` (text, yuan), ``household_count`` withheld where small, ``share_pct``
        (0-100). A band holds its upper end.
    """
    bounds = load_risk_settings(month.project.params).display.spending_bands
    labels = ["0", *(f"{low:,}–{high:,}" for low, high in zip((0, *bounds), bounds, strict=False))]
    labels.append(f"{bounds[-1]:,} 以上")
    rows = _rule_rows(month)
    edges = np.array([0, *(fen(bound) for bound in bounds)])
    above = rows["oop_fen"].to_numpy()[:, None] > edges * rows["member_count"].to_numpy()[:, None]
    sizes = pd.Series(above.sum(axis=1)).groupby(rows["year"].to_numpy()).value_counts()
    every = pd.MultiIndex.from_product(
        [sorted(rows["year"].unique()), range(len(labels))], names=["year", "place"]
    )
    counts = sizes.reindex(every, fill_value=0).rename("household_count").reset_index()
    counts["band"] = counts["place"].map(dict(enumerate(labels)))
    whole = counts.groupby("year")["household_count"].transform("sum")
    counts["share_pct"] = (100 * counts["household_count"] / whole).astype("Float64")
    return withhold_counts(
        counts, ["household_count"], _threshold(month), by="year",
        rates={"share_pct": "household_count"},
    )  # fmt: skip


def draw_bands(month: Results) -> go.Figure:
    """Draw how households spread over bands of spending per member, one colour a year."""
    counts, figure = require_withheld(count_bands(month)), go.Figure()
    for colour, (year, rows) in zip(COLOURS, counts.groupby("year"), strict=False):
        figure.add_bar(
            x=rows["band"], y=rows["share_pct"].astype("float64"), name=_year_zh(month, year),
            marker_color=colour, customdata=rows["household_count_shown"],
            hovertemplate="%{x} 元：%{y:.1f}%（%{customdata} 户）",
        )  # fmt: skip
    years = "、".join(_year_zh(month, year) for year in counts["year"].unique())
    return finish_figure(
        figure, f"户人均自付金额分布柱形图：{years}。", 380, 320, barmode="group",
        xaxis={"type": "category", "title": "户人均自付（元，含上限）"},
        yaxis={"title": "占户数（%）"},
    )  # fmt: skip


def count_near(month: Results) -> pd.DataFrame:
    """Count households near the threshold in the last complete year of the rule.

    Returns
    -------
    DataFrame
        ``from_yuan`` and ``to_yuan`` (above the first, up to and with the second),
        ``household_count`` withheld where small.
    """
    display, rule = load_risk_settings(month.project.params).display, spending_rule(month)
    rows = _complete_rows(month)
    half = display.near_threshold // display.near_step
    edges = rule.threshold_yuan + display.near_step * np.arange(-half, half + 1)
    edges = edges[edges >= 0]
    limits = 100 * edges * rows["member_count"].to_numpy()[:, None]
    place = (rows["oop_fen"].to_numpy()[:, None] > limits).sum(axis=1)
    counts = np.bincount(place, minlength=len(edges) + 1)[1 : len(edges)]
    frame = pd.DataFrame({"from_yuan": edges[:-1], "to_yuan": edges[1:], "household_count": counts})
    return withhold_counts(frame, ["household_count"], _threshold(month))


def draw_near(month: Results) -> go.Figure:
    """Draw how many households lie just below and just above the threshold."""
    rows, line = require_withheld(count_near(month)), spending_rule(month).threshold_yuan
    colours = [PROBLEM if start >= line else CALM for start in rows["from_yuan"]]
    figure = go.Figure(
        go.Bar(
            x=(rows["from_yuan"] + rows["to_yuan"]) / 2,
            y=rows["household_count"].astype("Float64"),
            marker_color=colours, customdata=rows[["from_yuan", "to_yuan"]],
            hovertemplate="%{customdata[0]:,}–%{customdata[1]:,} 元：%{y:,} 户<extra></extra>",
        )
    )  # fmt: skip
    figure.add_vline(x=line, line={"dash": "dash", "width": 1})
    alt = f"{_complete_year(month)} 年户人均自付在 {line:,} 元上下的户数柱形图，橙色超过规则线。"
    return finish_figure(
        figure, alt, 340, 300, bargap=0.05, showlegend=False,
        xaxis={"title": "户人均自付（元）", "tickformat": ",d"}, yaxis={"title": "户数"},
    )  # fmt: skip


def describe_near(month: Results) -> str:
    """Say (Markdown) how many households a small change in spending would move over the line."""
    near = load_risk_settings(month.project.params).display.counted_near
    rule, rows = spending_rule(month), _complete_rows(month)
    distance = rows["oop_fen"] - rule.threshold_fen * rows["member_count"]
    width = fen(near) * rows["member_count"]
    below = int(((distance <= 0) & (distance >= -width)).sum())
    above = int(((distance > 0) & (distance <= width)).sum())
    exact = int((distance == 0).sum())
    return (
        f"{_complete_year(month)} 年，人均自付与规则线相差不到 {near} 元的："
        f"线上 **{_people(month, above)}** 户，线下 **{_people(month, below)}** 户；"
        f"恰好等于 {rule.threshold_yuan:,}.00 元、按“超过”不划入的 {_people(month, exact)} 户。"
    )


def list_county_flags(month: Results) -> HTML:
    """Render households above the threshold by county and year."""
    counties = compare_counties(month)
    years = spending_rule(month).years(month.month)
    texts = pd.DataFrame(
        {
            "县": counties["name"],
            "应监测（户）": counties["assessed_household_count_shown"],
            **{_year_zh(month, y): counties[f"rule_{y}_household_count_shown"] for y in years},
            "任一年": counties["rule_household_count_shown"],
            "占比": [
                MISSING if pd.isna(rate) else f"{rate:.1f}%" for rate in counties["rule_rate_pct"]
            ],
        }
    )
    groups = {"超过规则线（户）": [*(_year_zh(month, year) for year in years), "任一年"]}
    return render_table(texts, "county-flags", groups=groups)


def compare_households(month: Results) -> HTML:
    """Render households above the threshold by kind and by number of members."""
    counted = count_households(month)
    texts = pd.DataFrame(
        {
            "户": counted["name"],
            "户数": counted["household_count_shown"],
            "人均自付（元）": [format_yuan(spent) for spent in counted["oop_per_member_fen"]],
            "超过规则线（户）": counted["flagged_household_count_shown"],
            "占比": [MISSING if pd.isna(pct) else f"{pct:.1f}%" for pct in counted["flagged_pct"]],
        }
    )
    return render_table(texts, "household-kinds")


def count_households(month: Results) -> pd.DataFrame:
    """Count households of the last complete year by kind and by number of members.

    Returns
    -------
    DataFrame
        ``division`` (``kind`` or ``size``), ``name``, ``household_count`` and
        ``flagged_household_count`` withheld where small, ``flagged_pct`` (0-100),
        ``oop_per_member_fen``.
    """
    rows = _complete_rows(month)
    column = list_tables(month.project.params)["registered_households"].columns["household_kind"]
    kinds = rows["household_kind"].map({code: word for word, code in column.values.items()})
    size = rows["member_count"].clip(upper=_SIZES)
    sizes = size.map(lambda n: f"{n} 人" if n < _SIZES else f"{n} 人及以上")
    parts = []
    for division, names in (("kind", kinds), ("size", sizes)):
        groups = rows.groupby(names.to_numpy())
        part = groups[["oop_fen", "member_count", "is_flagged_by_rule"]].sum()
        part["household_count"] = groups.size()
        parts.append(part.rename_axis("name").reset_index().assign(division=division))
    counted = pd.concat(parts, ignore_index=True).rename(
        columns={"is_flagged_by_rule": "flagged_household_count"}
    )
    counted["flagged_pct"] = 100 * counted["flagged_household_count"] / counted["household_count"]
    counted["oop_per_member_fen"] = counted["oop_fen"] / counted["member_count"]
    people = ["household_count", "flagged_household_count"]
    rates = {"flagged_pct": people, "oop_per_member_fen": ["household_count"]}
    shown = withhold_counts(counted, people, _threshold(month), by="division", rates=rates)
    return shown.drop(columns=["oop_fen", "member_count"])


def compare_readings(month: Results) -> HTML:
    """Render how many households each reading of the rule flags in the last complete year."""
    default, rows = spending_rule(month), _complete_rows(month)
    readings = {(): "默认：报销后由家庭承担的全部费用"}
    readings |= {(name,): reading.label.zh for name, reading in default.readings.items()}
    table = []
    for chosen, label in readings.items():
        flags = _flags(rows, load_rule(month.project.params, chosen))
        part = rows.assign(is_flagged_by_rule=flags)
        shown = _people(month, int(flags.sum()))
        table.append({"口径": label, "超过规则线（户）": shown, "占比": _rate(month, part)})
    return render_table(pd.DataFrame(table), "readings")


def _flags(rows: pd.DataFrame, rule: SpendingRule) -> pd.Series:
    bare = rows.drop(columns="is_flagged_by_rule")
    return flag_by_rule(nw.from_native(bare), rule).to_native()["is_flagged_by_rule"]


def _rule_rows(month: Results) -> pd.DataFrame:
    years = spending_rule(month).years(month.month)
    return month.burden[month.burden["year"].isin(years)]


def _complete_year(month: Results) -> int:
    """Return the last year of the rule that is complete, or its first one where none is."""
    complete = month.burden.loc[month.burden["is_complete_year"], "year"]
    years = [year for year in spending_rule(month).years(month.month) if year in set(complete)]
    return max(years, default=min(spending_rule(month).years(month.month)))


def _complete_rows(month: Results) -> pd.DataFrame:
    return month.burden[month.burden["year"] == _complete_year(month)]


def _per_member(rows: pd.DataFrame) -> pd.Series:
    return rows["oop_fen"] / rows["member_count"]


def _year_zh(month: Results, year: int) -> str:
    """Write a year, and up to which month where it is not over."""
    own, number = int(month.month[:4]), int(month.month[5:])
    return f"{year} 年 1–{number} 月" if year == own and number < 12 else f"{year} 年"


def _rate(month: Results, rows: pd.DataFrame) -> str:
    """Write the share that is flagged, unless it gives away a count that is withheld."""
    flagged = int(rows["is_flagged_by_rule"].sum())
    if not len(rows) or 0 < flagged < _threshold(month):
        return MISSING
    return _percent(flagged / len(rows))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _people(month: Results, count: int) -> str:
    return show_count(count, _threshold(month))


def _threshold(month: Results) -> int:
    return terms_of(month).disclosure.threshold
