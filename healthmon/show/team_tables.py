"""The scoreboard of contract teams as readers see it; teams are counted, persons withheld."""

import pandas as pd
from IPython.display import HTML

from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.indicators import load_indicators
from healthmon.show.bulletin import terms_of
from healthmon.show.disclosure import show_count
from healthmon.show.rate_disclosure import withhold_rates
from healthmon.show.tables_html import render_table


def count_teams(month: Month) -> HTML:
    """Render how many teams each prefecture has, too large or behind in visits."""
    teams = month.team_scores
    if teams.empty:
        return HTML("<p>没有签约团队的数据。</p>")
    limit = _limit(month)
    marked = teams.assign(is_large=teams["poor_person_count"] > limit)
    by = marked.groupby("prefecture_code")
    sizes = by["poor_person_count"]
    counts = pd.DataFrame(
        {
            "团队": by.size(),
            "人数中位数": sizes.median().round().astype(int),
            "最多人数": sizes.max(),
            f"超过{limit}人": by["is_large"].sum(),
            "随访明显落后": by["is_behind"].sum(),
        }
    )
    texts = counts.map(lambda count: f"{count:,}")
    texts.insert(0, "市州", counts.index.map(place_names("prefectures")))
    return render_table(texts.reset_index(drop=True), "teams")


def list_teams_behind(month: Month, limit: int) -> HTML:
    """Render the teams most behind in visits, the lowest estimate first.

    Teams with few patients visited, or few not visited, are left out: their numbers are withheld.
    """
    teams = month.team_scores
    behind = teams[teams["is_behind"]].rename(
        columns={"visited_count": "numerator", "due_count": "denominator",
                 "unknown_count": "undetermined"}
    )  # fmt: skip
    if behind.empty:
        return HTML("<p>没有明显落后的团队。</p>")
    threshold = terms_of(month).disclosure.threshold
    shown = withhold_rates(behind, threshold, by="county_code")
    rows = shown[shown["is_open"]].sort_values(["estimate", "team_code"]).head(limit)
    texts = pd.DataFrame(
        {
            "团队": rows["team_code"],
            "县": rows["county_code"].map(place_names("counties")),
            "签约贫困人口": [show_count(count, threshold) for count in rows["poor_person_count"]],
            "应随访": rows["denominator_shown"],
            "未随访": rows["left_shown"],
            "随访率": rows["rate_shown"],
            "估计（区间）": [
                f"{100 * rate:.0f}%（{100 * low:.0f}–{100 * high:.0f}）"
                for rate, low, high in zip(
                    rows["estimate"], rows["lower"], rows["upper"], strict=True
                )
            ],
        }
    )
    return render_table(texts.reset_index(drop=True), "teams-behind", left=["县"])


def _limit(month: Month) -> int:
    """Return how many registered poor persons a team looks after in principle (GZ-4)."""
    (condition,) = load_indicators(month.project.params)["teams_within_150"].counts
    return condition.at_most


def describe_teams(month: Month) -> str:
    """Say (Markdown) how many teams there are, too large and behind in visits."""
    teams = month.team_scores
    limit = _limit(month)
    large = int((teams["poor_person_count"] > limit).sum())
    return (
        f"全省 **{len(teams):,}** 个签约团队，签约贫困人口超过 {limit} 人的 **{large:,}** 个，"
        f"上季度慢病随访明显落后的 **{int(teams['is_behind'].sum()):,}** 个。"
        "一个团队的患者不多，随访率的高低多半是偶然：估计值把人数少的团队向全省平均收缩，"
        "只有区间整个低于全省平均的才算明显落后。逐个团队的数字见发给各县的清单。"
    )
