"""What is known, and not known, of where 1,560 yuan comes from."""

import pandas as pd
from IPython.display import HTML

from healthmon.risk.settings import load_risk_settings
from healthmon.risk.threshold_origin import (
    list_round_neighbours,
    relate_to_lines,
    split_threshold,
)
from healthmon.show.bulletin import Results, spending_rule
from healthmon.show.tables_html import render_table
from healthmon.show.threshold_sweeps import terms_of_threshold


def describe_coincidence(month: Results) -> str:
    """Say (Markdown) what 40 % x 3,900 = 1,560 is worth."""
    terms, line = terms_of_threshold(month).coincidence, spending_rule(month).threshold_yuan
    share, base = terms.claimed_share_pct, terms.claimed_base_yuan
    sums = share * base == 100 * line
    splits = split_threshold(line, terms)
    fits = splits[splits["is_round"]]
    near = list_round_neighbours(terms)
    lines = relate_to_lines(line, _lines(month))
    whole = lines[lines["is_whole"]].drop_duplicates("line_yuan")
    others = "、".join(
        f"{row.share_pct}% × {row.base_yuan:,.0f}" for row in fits.itertuples(index=False)
    )
    exact = "、".join(
        f"{row.share_pct:.0f}% × {row.line_yuan:,}" for row in whole.itertuples(index=False)
    )
    equal = "等于" if sums else "不等于"
    return (
        f"{share}% × {base:,} {equal} {line:,}，这只是算术，**不是依据**：\n\n"
        f"- 没有任何文件说明 {line:,} 元的来历，也没有文件给出 {base:,} 元这个基数。\n"
        f"- 这样的分解很容易凑出：常见比例中，基数为整百元的就有 {others}。\n"
        f"- {terms.neighbours_yuan[0]:,} 至 {terms.neighbours_yuan[1]:,} 元之间的"
        f" {len(near)} 个整十数中，{int(near['is_claimed_share'].sum())} 个恰是整百元的 {share}%，"
        f"{int(near['is_any_share'].sum())} 个至少合上一种常见比例。\n"
        f"- 与所知的贫困线、监测线相比（凭记忆填写，未经核实），恰为整数百分比的有"
        f" {exact or '无'}：同样凑得上，同样说明不了什么。"
    )


def list_line_shares(month: Results) -> HTML:
    """Render what share of each known line the threshold is."""
    line = spending_rule(month).threshold_yuan
    rows = relate_to_lines(line, _lines(month))
    texts = pd.DataFrame(
        {
            "线": rows["name"],
            "起始年": rows["from_year"].astype(str),
            "金额（元）": [f"{yuan:,}" for yuan in rows["line_yuan"]],
            f"{line:,} 元占": [f"{share:.1f}%" for share in rows["share_pct"]],
        }
    )
    return render_table(texts, "line-shares")


def _lines(month: Results) -> dict:
    settings = load_risk_settings(month.project.params)
    return {"贫困线": settings.poverty_lines, "监测线": settings.monitoring_lines}
