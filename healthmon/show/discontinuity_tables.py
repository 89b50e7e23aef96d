"""Tables and sentences on what being flagged did, from households just around the threshold."""

import pandas as pd
from IPython.display import HTML

from healthmon.risk.jumps import power_of, smallest_effect
from healthmon.show.bulletin import spending_rule
from healthmon.show.disclosure import MISSING, show_count
from healthmon.show.risk_tables import NOTHING
from healthmon.show.tables_html import render_table
from healthmon.show.threshold_sweeps import (
    ThresholdResults,
    terms_of_threshold,
    year_before_flags,
    year_with_flags,
)

OUTCOMES = {"income": "下一年人均纯收入（元）", "fallen": "下一年低于贫困线（百分点）"}
COVARIATES = {
    "income_yuan": "当年人均纯收入（元）",
    "member_count": "家庭人数",
    "oldest_age": "最高年龄",
    "child_count": "16岁以下人数",
    "elderly_share": "65岁及以上占比",
    "disabled_count": "残疾人数",
    "chronic_person_count": "慢病患者数",
    "is_illness_caused": "因病致贫户占比",
    "previous_oop_yuan": "上一年人均自付（元）",
}
_TRUTH = {
    "effect": "观察到的",
    "truth_effect": "埋入的（模拟）",
    "truth_untreated": "没有帮扶（应为 0）",
}
_NONE_YET = "本月还没有预警之后的结果，预警的作用尚不能估计。"


def describe_effect(month: ThresholdResults) -> str:
    """Say (Markdown) what being flagged did, beside what was planted, and the power to see it."""
    year = year_with_flags(month)
    if year is None:
        return _NONE_YET
    return "\n".join(f"- {_say_effect(month, year, outcome)}" for outcome in OUTCOMES)


def list_effects(month: ThresholdResults) -> HTML:
    """Render the observed jump, the planted one and the one without help, with intervals."""
    year = year_with_flags(month)
    if year is None:
        return NOTHING
    texts = []
    before = year_before_flags(month)
    for outcome, label in OUTCOMES.items():
        asked = [(year, part, name) for part, name in _TRUTH.items()]
        if before is not None and before != year:
            asked.append((before, "effect", "预警之前（应为 0）"))
        for cohort, part, name in asked:
            row = _one(month, cohort, part, outcome)
            if row is not None and not pd.isna(row["estimate"]):
                texts.append(
                    {
                        "估计": name,
                        "结果": label,
                        "自付年度": str(cohort),
                        "跳跃": _number(row["estimate"], outcome),
                        "区间": _range(row, outcome),
                        "带宽（元）": f"{row['bandwidth_yuan']:,.0f}",
                        "线下、线上（户）": _sides(row),
                    }
                )
    if not texts:
        return NOTHING
    return render_table(pd.DataFrame(texts), "effects", section="结果")


def describe_power(month: ThresholdResults) -> str:
    """Say (Markdown) how large an effect had to be to be seen, and how likely the planted one was.

    Shown for both outcomes, whatever was found: an effect that was seen in spite of little power
    is likely to look larger than it is.
    """
    year, terms = year_with_flags(month), terms_of_threshold(month).discontinuity
    if year is None:
        return ""
    said = []
    for outcome, label in OUTCOMES.items():
        row, planted = (_one(month, year, part, outcome) for part in ("effect", "truth_effect"))
        if row is None or pd.isna(row["std_error"]):
            continue
        least = smallest_effect(row["std_error"], terms.level_pct, terms.power_pct)
        line = (
            f"- {label}：至少 {_number(least, outcome, sign=False)} 的作用才有"
            f" {terms.power_pct:g}% 的把握看出来"
        )
        if planted is not None and not pd.isna(planted["estimate"]):
            power = power_of(planted["estimate"], row["std_error"], terms.level_pct)
            weak = (
                "：**太弱，单凭一年看不可靠**，看出来的也往往偏大"
                if (100 * power < terms.power_pct)
                else ""
            )
            effect = _number(planted["estimate"], outcome)
            line += f"；埋入的作用 {effect}，把握 {100 * power:.0f}%{weak}"
        said.append(f"{line}。")
    return "\n".join(said)


def describe_help(month: ThresholdResults) -> str:
    """Say (Markdown) which share of the flagged was helped; known of simulated data alone."""
    row = _one(month, year_with_flags(month), "truth_helped", "income")
    if row is None or pd.isna(row["estimate"]):
        return ""
    return (
        f"模拟数据中，线上的户得到帮扶的占比比线下高 {100 * row['estimate']:.1f} 个百分点"
        f"（{100 * row['lower']:.1f} 至 {100 * row['upper']:.1f}）。"
        "表中是“被预警”的作用，不是“得到帮扶”的作用；后者要除以这个占比。"
    )


def list_covariates(month: ThresholdResults) -> HTML:
    """Render jumps in what was so before the flag: none should show."""
    rows = _parts(month, "covariate")
    if rows.empty:
        return NOTHING
    texts = pd.DataFrame(
        {
            "预警以前的情况": [COVARIATES[name] for name in rows["outcome"]],
            "跳跃": [f"{value:+.2f}" for value in rows["estimate"]],
            "区间": [
                f"{low:+.2f} 至 {high:+.2f}"
                for low, high in zip(rows["lower"], rows["upper"], strict=True)
            ],
            "p 值": [_p(value) for value in rows["p_value"]],
        }
    )
    return render_table(texts, "covariates")


def describe_fairness(month: ThresholdResults) -> str:
    """Say (Markdown) whether households crowd at the cut and how many covariates jump."""
    year, terms = year_with_flags(month), terms_of_threshold(month).discontinuity
    if year is None:
        return _NONE_YET
    density, rows = _one(month, year, "density", ""), _parts(month, "covariate")
    said, line = [], spending_rule(month).threshold_yuan
    if density is not None and not pd.isna(density["p_value"]):
        crowds = 100 * density["p_value"] < terms.level_pct
        said.append(
            f"- 密度检验：p = {_p(density['p_value'])}，{line:,} 元处"
            f"{'**户数有断层，要查有没有人为调整自付金额**' if crowds else '看不出户数有断层'}。"
        )
    tested = rows["p_value"].notna().sum()
    if tested:
        jump = int((100 * rows["p_value"] < terms.level_pct).sum())
        said.append(
            f"- 预警以前的情况：{tested} 项中 {jump} 项有跳跃（p 小于 {terms.level_pct:g}%）；"
            f"即使毫无差别，平均也会有 {tested * terms.level_pct / 100:.1f} 项。"
        )
    rows = pd.concat([_parts(month, "donut"), _parts(month, "bandwidth")])
    for outcome, label in OUTCOMES.items():
        others, fakes = rows[rows["outcome"] == outcome], _parts(month, "placebo")
        fakes = fakes[fakes["outcome"] == outcome]
        said.append(
            f"- {label}：去掉线边的户、换带宽，{len(others)} 个估计中 {_without_zero(others)} 个"
            f"区间不含 0；{len(fakes)} 条假门槛中 {_without_zero(fakes)} 条显出跳跃。"
        )
    return "\n".join(said)


def list_sensitivity(month: ThresholdResults) -> HTML:
    """Render placebo cuts, households near the cut left out, and other bandwidths."""
    year = year_with_flags(month)
    names = {
        "placebo": lambda at: f"假门槛 {at:,.0f} 元（应为 0）",
        "donut": lambda at: f"去掉线两侧 {at:,.0f} 元以内的户",
        "bandwidth": lambda at: f"带宽的 {at:g} 倍",
    }
    heads = {"placebo": "换门槛", "donut": "去掉线边", "bandwidth": "换带宽"}
    rows = month.discontinuity
    if year is None or rows.empty:
        return NOTHING
    rows = rows[(rows["cohort_year"] == year) & rows["part"].isin(names)]
    keys = rows[["part", "at"]].drop_duplicates().itertuples(index=False)
    texts = []
    for part, at in keys:
        cells = rows[(rows["part"] == part) & (rows["at"] == at)].set_index("outcome")
        text = {"检验": names[part](at), "类别": heads[part]}
        for outcome, label in OUTCOMES.items():
            row = cells.loc[outcome] if outcome in cells.index else None
            known = row is not None and not pd.isna(row["estimate"])
            text[label] = (
                f"{_number(row['estimate'], outcome)}（{_range(row, outcome)}）"
                if (known)
                else MISSING
            )
        texts.append(text)
    if not texts:
        return NOTHING
    return render_table(pd.DataFrame(texts), "sensitivity", section="类别")


def _say_effect(month: ThresholdResults, year: int, outcome: str) -> str:
    row, planted = (_one(month, year, part, outcome) for part in ("effect", "truth_effect"))
    label = OUTCOMES[outcome]
    if row is None or pd.isna(row["estimate"]):
        return f"{label}：线边的户太少，不能估计。"
    sure = "区间不含 0" if row["lower"] > 0 or row["upper"] < 0 else "区间含 0，不能断定有作用"
    said = (
        f"{label}：刚过 {spending_rule(month).threshold_yuan:,} 元被预警的户与刚不到的相差"
        f" **{_number(row['estimate'], outcome)}**（{_range(row, outcome)}，{sure}）。"
    )
    if planted is None or pd.isna(planted["estimate"]):
        return said
    covers = row["lower"] <= planted["estimate"] <= row["upper"]
    return (
        f"{said}模拟程序埋入的是 {_number(planted['estimate'], outcome)}"
        f"（{_range(planted, outcome)}），{'落在区间内' if covers else '**落在区间外**'}。"
    )


def _one(month: ThresholdResults, year: int | None, part: str, outcome: str) -> pd.Series | None:
    rows = month.discontinuity
    if year is None or rows.empty:
        return None
    asked = (rows["cohort_year"] == year) & (rows["part"] == part) & (rows["outcome"] == outcome)
    return rows[asked].iloc[0] if asked.any() else None


def _parts(month: ThresholdResults, part: str) -> pd.DataFrame:
    rows = month.discontinuity
    if rows.empty or year_with_flags(month) is None:
        return pd.DataFrame(columns=["outcome", "estimate", "lower", "upper", "p_value"])
    rows = rows[(rows["part"] == part) & (rows["cohort_year"] == year_with_flags(month))]
    return rows[rows["estimate"].notna()]


def _without_zero(rows: pd.DataFrame) -> int:
    return int(((rows["lower"] > 0) | (rows["upper"] < 0)).sum())


def _number(value: float, outcome: str, *, sign: bool = True) -> str:
    mark = "+" if sign else ""
    if outcome == "income":
        return f"{round(value):{mark},}"
    return f"{round(100 * value, 1) + 0.0:{mark}.1f}"  # no minus before a zero


def _range(row: pd.Series, outcome: str) -> str:
    return f"{_number(row['lower'], outcome)} 至 {_number(row['upper'], outcome)}"


def _sides(row: pd.Series) -> str:
    below, above = row["below_household_count"], row["above_household_count"]
    return f"{show_count(below)}、{show_count(above)}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
