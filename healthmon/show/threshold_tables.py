"""Tables and sentences on thresholds other than the rule's 1,560 yuan, for researchers.

Counts of households pass :func:`healthmon.show.threshold_sweeps.withhold_steps`. Where a month
has no outcome yet, every function says so instead.
"""

import pandas as pd
from IPython.display import HTML

from healthmon.show.bulletin import Results, spending_rule, terms_of
from healthmon.show.disclosure import MISSING, show_count
from healthmon.show.risk_tables import NOTHING
from healthmon.show.tables_html import render_table
from healthmon.show.threshold_sweeps import (
    NESTED,
    ThresholdResults,
    shown_outcome,
    sweep_of,
    sweeps_by_years,
    table_thresholds,
    terms_of_threshold,
    withhold_steps,
    year_before_flags,
    year_with_flags,
)

YEARS = {"own": "只看当年", "either": "两年任一年超过", "both": "两年都超过"}
OUTCOMES = {"observed": "实际结果", "untreated": "假如没有帮扶"}


def describe_sweep(month: ThresholdResults) -> str:
    """Say (Markdown) what the rule's threshold and its neighbours find before flags existed."""
    year = year_before_flags(month)
    if year is None:
        return "还没有一个年度既有当年自付又有下一年结果，门槛高低尚不能检验。"
    line, terms = spending_rule(month).threshold_yuan, terms_of_threshold(month).sweep
    rows = sweep_of(month, year).set_index("threshold_yuan")
    at = rows.loc[line]
    fallen = show_count(at["fallen_household_count"], terms_of(month).disclosure.threshold)
    share = "" if pd.isna(at["recall_pct"]) else f"（{_percent(at['recall_pct'])}）"
    said = [
        f"用 {year} 年自付、{year + 1} 年结果检验：年初不低于贫困线的户中 **{fallen}** 户在"
        f" {year + 1} 年低于贫困线。门槛 {line:,} 元圈出 {at['flagged_household_count_shown']} 户，"
        f"找到其中 **{at['found_household_count_shown']}** 户{share}。"
    ]
    for other in (terms.from_yuan, terms.to_yuan):
        row = rows.loc[other]
        said.append(
            f"门槛{'降' if other < line else '升'}到 {other:,} 元，圈出"
            f" {row['flagged_household_count_shown']} 户，找到 {_found(row)}。"
        )
    said.append(
        f"圈出同样多的户、但按自付占收入的比例从高到低排，{line:,} 元处可找到"
        f" {_percent(at['share_recall_pct'])}。"
    )
    return "".join(said)


def list_sweep(month: ThresholdResults) -> HTML:
    """Render flagged, found and missed households by threshold, before flags existed."""
    year = year_before_flags(month)
    if year is None:
        return NOTHING
    rows = _for_table(month, sweep_of(month, year))
    texts = pd.DataFrame(
        {
            "门槛（元/人）": _thresholds(month, rows),
            "圈出（户）": rows["flagged_household_count_shown"],
            "其中年初不低于贫困线": rows["eligible_flagged_household_count_shown"],
            "找到（户）": rows["found_household_count_shown"],
            "漏掉（户）": _missed(rows),
            "找到占比": [_percent(share) for share in rows["recall_pct"]],
            "圈出的返贫占比": [_percent(share) for share in rows["precision_pct"]],
            "同样户数按收入占比找到": [_percent(share) for share in rows["share_recall_pct"]],
        }
    )
    return render_table(texts, "sweep")


def list_years(month: ThresholdResults) -> HTML:
    """Render the sweep of the cohort with flags by which of two years are looked at."""
    year = year_with_flags(month)
    if year is None:
        return NOTHING
    parts = []
    for years, rows in sweeps_by_years(month, year).items():
        rows, label = _for_table(month, rows), YEARS[years]
        parts.append(
            pd.DataFrame(
                {
                    "门槛（元/人）": _thresholds(month, rows),
                    "看哪一年": label,
                    "圈出（户）": rows["flagged_household_count_shown"],
                    "找到（户）": rows["found_household_count_shown"],
                    "漏掉（户）": _missed(rows),
                    "找到占比": [_percent(share) for share in rows["recall_pct"]],
                    "圈出的返贫占比": [_percent(share) for share in rows["precision_pct"]],
                }
            )
        )
    texts = pd.concat(parts, ignore_index=True)
    return render_table(texts, "sweep-years", section="看哪一年")


def describe_years(month: ThresholdResults) -> str:
    """Say (Markdown) which years and which outcome the table by years stands on."""
    year = year_with_flags(month)
    if year is None:
        return "本月还没有预警之后的结果。"
    outcome = OUTCOMES[shown_outcome(month, year)]
    note = "：预警户已受帮扶，实际结果会显得像误报" if outcome == OUTCOMES["untreated"] else ""
    return (
        f"看 {year - 1}、{year} 两年自付和 {year + 1} 年结果；结果取“{outcome}”{note}。"
        f"上一年不在册的户，按上一年没有超过计。"
    )


def list_income_shares(month: ThresholdResults) -> HTML:
    """Render thresholds relative to income beside spending at the same number of flags."""
    year = year_before_flags(month)
    if year is None:
        return NOTHING
    shares = month.income_shares
    rows = shares[(shares["cohort_year"] == year) & (shares["outcome"] == "observed")]
    columns = [*NESTED[:3], "spending_found_household_count"]
    rows = withhold_steps(
        rows.sort_values("share_pct"), columns, terms_of(month).disclosure.threshold
    )
    counts = ["found_household_count", "spending_found_household_count"]
    hidden = rows[counts].isna().any(axis=1)
    texts = pd.DataFrame(
        {
            "门槛": [f"收入的 {share}%" for share in rows["share_pct"]],
            "圈出（户）": rows["flagged_household_count_shown"],
            "其中年初不低于贫困线": rows["eligible_flagged_household_count_shown"],
            "找到（户）": rows["found_household_count_shown"],
            "同样户数的自付门槛（元）": [f"{cut:,.0f}" for cut in rows["spending_cut_yuan"]],
            "该门槛找到（户）": rows["spending_found_household_count_shown"],
            "找到占比相差（百分点）": [
                MISSING
                if hide or pd.isna(row.lead)
                else f"{100 * row.lead:+.1f}（{100 * row.lower:+.1f} 至 {100 * row.upper:+.1f}）"
                for row, hide in zip(rows.itertuples(index=False), hidden, strict=True)
            ],
        }
    )
    return render_table(texts, "income-shares")


def describe_visits(month: Results) -> str:
    """Say (Markdown) what a flagged household asks for, and which clause says so."""
    visits = terms_of_threshold(month).visits
    lines = [
        f"- {source.document} {source.clause}要求“{source.quote}”，没有写次数。"
        for source in [visits.required_by]
    ]
    for visit, when in ((visits.verification, "新划入时"), (visits.follow_up, "每年")):
        lines.append(
            f"- {visit.label.zh}：{when} {visit.per_household} 次（**推断**，借用"
            f"{visit.source.document}“{visit.source.quote}”）。"
        )
    lines.append("- @tbl-visits 按两年任一年超过划入的户计（没有两年时只看一年），都当新划入的算。")
    lines.append(
        f"- 每户头一年合计 {visits.per_household} 次；次数在 `params/threshold.yml` 可改。"
    )
    return "\n".join(lines)


def list_visits(month: ThresholdResults) -> HTML:
    """Render what each threshold costs in visits, beside the rule's own."""
    year = year_with_flags(month) or year_before_flags(month)
    if year is None:
        return NOTHING
    sweep = (
        sweeps_by_years(month, year)["either"]
        if year == year_with_flags(month)
        else sweep_of(month, year)
    )
    visits = terms_of_threshold(month).visits
    every = sweep.set_index("threshold_yuan", drop=False)
    own = every.loc[spending_rule(month).threshold_yuan, "flagged_household_count"]
    rows = _for_table(month, every)
    flagged = rows["flagged_household_count"]
    texts = pd.DataFrame(
        {
            "门槛（元/人）": _thresholds(month, rows),
            "圈出（户）": rows["flagged_household_count_shown"],
            "入户核实（次）": _counts(flagged * visits.verification.per_household),
            "定期随访（次/年）": _counts(flagged * visits.follow_up.per_household),
            "头一年合计（次）": _counts(flagged * visits.per_household),
            "比现行门槛": [
                MISSING if pd.isna(more) else "0" if more == 0 else f"{more:+,}"
                for more in (flagged - own) * visits.per_household
            ],
        }
    )
    return render_table(texts, "visits")


def _for_table(month: Results, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["threshold_yuan"].isin(table_thresholds(month))].reset_index(drop=True)


def _thresholds(month: Results, rows: pd.DataFrame) -> list[str]:
    line = spending_rule(month).threshold_yuan
    return [_rule_text(month) if yuan == line else f"{yuan:,}" for yuan in rows["threshold_yuan"]]


def _rule_text(month: Results) -> str:
    return f"{spending_rule(month).threshold_yuan:,}（现行）"


def _missed(rows: pd.DataFrame) -> list[str]:
    """Write who was missed; withheld wherever it would give away who was found."""
    return _counts(rows["missed_household_count"])


def _counts(column: pd.Series) -> list[str]:
    return [MISSING if pd.isna(count) else f"{int(count):,}" for count in column]


def _found(row: pd.Series) -> str:
    """Write the share that is found; the count where the share is withheld."""
    if pd.isna(row["recall_pct"]):
        return f"{row['found_household_count_shown']} 户"
    return _percent(row["recall_pct"])


def _percent(share: float) -> str:
    return MISSING if pd.isna(share) else f"{share:.1f}%"
