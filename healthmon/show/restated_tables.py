"""What later deliveries changed in months reported before, as readers see it."""

import pandas as pd
from IPython.display import HTML

from healthmon.month import Month
from healthmon.rules.indicators import load_indicators
from healthmon.show.disclosure import MISSING
from healthmon.show.standing_rows import name_indicator
from healthmon.show.tables_html import render_table


def list_restated(month: Month, limit: int) -> HTML:
    """Render the largest changes of province-wide rates in earlier months since the last report.

    Counts are not shown: the difference of two would tell few persons.
    """
    rows = month.restated_indicators
    if rows.empty:
        return HTML("<p>与上月报告相比，以往月份没有更正。</p>")
    known = load_indicators(month.project.params)
    rates = {
        side: 100 * rows[f"numerator_{side}"] / rows[f"denominator_{side}"].where(
            rows[f"denominator_{side}"] > 0
        )
        for side in ("before", "now")
    }  # fmt: skip
    change = (rates["now"] - rates["before"]).round(1)
    shown = rows.assign(change=change, **rates)
    order = shown["change"].abs().sort_values(ascending=False, kind="stable").index[:limit]
    shown = shown.loc[order].sort_values(["month", "indicator"], ascending=[False, True])
    texts = pd.DataFrame(
        {
            "指标": shown["indicator"].map(lambda name: name_indicator(known[name])),
            "月份": shown["month"],
            "上月报告": [_percent(rate) for rate in shown["before"]],
            "本月报告": [_percent(rate) for rate in shown["now"]],
            "变化（百分点）": [MISSING if pd.isna(x) else f"{x:+.1f}" for x in shown["change"]],
            "涉及县数": shown["county_count"].astype(str),
        }
    )
    return render_table(texts.reset_index(drop=True), "restated", left=["月份"])


def _percent(rate: float) -> str:
    return MISSING if pd.isna(rate) else f"{rate:.1f}%"
