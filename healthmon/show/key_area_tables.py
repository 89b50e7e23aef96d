"""Key areas followed apart (SD-3), as tables."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from healthmon.places import place_names
from healthmon.rules.indicators import Group
from healthmon.show.bulletin import Results
from healthmon.show.disclosure import WITHHELD_BESIDE
from healthmon.show.standing_rows import indicators_of, name_indicator, withhold_of
from healthmon.show.standing_tables import NOTHING
from healthmon.show.tables_html import render_table
from healthmon.standing.key_areas import choose_key_areas, pool_key_areas
from healthmon.standing.terms import load_key_area_terms


def key_areas_of(month: Results) -> list[str]:
    """Return the codes of the key areas of a month."""
    return choose_key_areas(month.register_counts, load_key_area_terms(month.project.params))


def describe_key_areas(month: Results) -> str:
    """Say (Markdown) which counties are key areas, and why."""
    terms, names = load_key_area_terms(month.project.params), place_names("counties")
    chosen = key_areas_of(month)
    named = "、".join(names[code] for code in chosen)
    if terms.counties:
        return f"重点县由使用单位指定，共 **{len(chosen)}** 个：{named}。"
    return (
        "未指定重点县时，按建档立卡贫困户（含脱贫户）由多到少取，"
        f"到合计占全省 {100 * terms.share:g}% 为止（**推断**口径），"
        f"共 **{len(chosen)}** 个：{named}。"
    )


def list_key_areas(month: Results, groups: Sequence[Group]) -> HTML:
    """Render the key areas' figures together beside the other counties' together."""
    chosen = {name: one for name, one in indicators_of(month, groups).items() if one.sums is None}
    results = month.indicators
    now = results[
        (results["month"] == month.month)
        & results["indicator"].isin(chosen)
        & (results["part"] == "")
    ]
    pooled = pool_key_areas(now, key_areas_of(month))
    if pooled.empty:
        return NOTHING
    rows = withhold_of(month, pooled.assign(level="pooled"))
    lines = []
    for name, one in chosen.items():
        own = rows[rows["indicator"] == name].set_index("is_key")
        if set(own.index) != {True, False}:
            continue
        line = {"指标": name_indicator(one)}
        for is_key, label in ((True, "重点县"), (False, "其他县")):
            row = own.loc[is_key]
            left = row["left_shown" if one.direction == "more" else "numerator_shown"]
            line |= {f"{label}完成率": row["rate_shown"], f"{label}存量": left}
        line["相差"] = _difference(own)
        lines.append(line)
    return render_table(pd.DataFrame(lines), "key-areas")


def _difference(own: pd.DataFrame) -> str:
    """Return the points by which the key areas are ahead; withheld with either of the rates."""
    if not own["is_open"].all():
        return WITHHELD_BESIDE
    rates = 100 * own["numerator"] / (own["denominator"] - own["undetermined"])
    return f"{rates[True] - rates[False]:+.1f}"
