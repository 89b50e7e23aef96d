"""``docs/indicators.md``: every indicator in words, made from ``params/indicators``."""

from pathlib import Path

from healthmon.rules.condition_words import say_conditions
from healthmon.rules.indicators import Indicator, load_facts, load_indicators
from healthmon.rules.inputs import input_words
from healthmon.rules.wording import Language, Words

_GROUPS = {
    "major_diseases": "大病救治 Major diseases", "family_doctors": "家庭医生 Family doctors",
    "costs": "费用 Costs", "caps": "政策范围外费用上限 Caps", "deadlines": "时限 Deadlines",
}  # fmt: skip
_HEAD = """# Indicators

Generated from `params/indicators/*.yml` and `params/facts.yml` by `healthmon docs`. A new indicator
is a new file. Rows of which it is not known whether they are done stand in the denominator and are
counted as undetermined: a rate lies between what is surely done and what may be. Everything is
measured by village, township, county, prefecture and province, and by month, as known at the end
of the report's month. Numbers marked inferred are in no document.
"""
_PERIODS = {
    "monthly": "每月 monthly",
    "two_monthly": "双月 two-monthly",
    "quarterly": "每季度 quarterly",
}
_DIRECTIONS = {"more": "越高越好 more is better", "less": "越低越好 less is better"}


def render_indicators(params: Path) -> str:
    """Return the page as Markdown.

    Raises
    ------
    ParameterError
        When a file is refused.
    """
    indicators = load_indicators(params)
    words: dict[Language, Words] = {"zh": Words(params, "zh"), "en": Words(params, "en")}
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        chosen = {name: one for name, one in indicators.items() if one.group == group}
        if chosen:
            parts.append(f"\n## {title}")
            parts += [_section(params, name, one, words) for name, one in chosen.items()]
    return "\n".join(parts) + "\n"


def _section(params: Path, name: str, indicator: Indicator, words: dict[Language, Words]) -> str:
    frame = load_facts(params)[indicator.frame]
    lines = {"rows 计什么": f"{frame.label.zh} — {frame.label.en} (`{indicator.frame}`)"}
    for title, conditions in (
        ("who counts 分母", indicator.among),
        ("done 分子", indicator.counts),
    ):
        said = [
            say_conditions(conditions, frame.facts, words[language], _codes(params, language))
            for language in words
        ]
        if any(said):
            lines[title] = " — ".join(said)
        elif title.startswith("who"):
            lines[title] = "全部 — all of them"
    if indicator.sums:
        top, bottom = (
            frame.facts[one] for one in (indicator.sums.numerator, indicator.sums.denominator)
        )
        lines["sums 金额"] = f"{top.zh} ÷ {bottom.zh} — {top.en} over {bottom.en}"
    if indicator.parts:
        labels = indicator.parts.labels.values()
        lines["also by 另按"] = "、".join(f"{one.zh} {one.en}" for one in labels)
    lines["target 目标"] = _target(indicator)
    lines["direction 方向"] = _DIRECTIONS[indicator.direction]
    lines["how often 周期"] = _PERIODS[indicator.periodicity]
    lines["undone 存量"] = f"{indicator.backlog.zh} — {indicator.backlog.en}"
    source = indicator.source
    lines["clause 依据"] = (
        f"{', '.join(indicator.clause_ids)}: {source.document} {source.clause}「{source.quote}」"
    )
    binds = f"{indicator.binds}{' (elsewhere a comparison)' if indicator.is_comparison else ''}"
    lines["in force 施行"] = (
        f"{indicator.effective_from:%Y-%m-%d} ({indicator.effective_basis}); binds {binds}"
    )
    if indicator.reading:
        lines["reading 口径"] = indicator.reading
    for key, reading in indicator.readings.items():
        label = reading.label
        lines[f"other reading `{key}`"] = f"{label.zh} {label.en}: {reading.concerns}"
    rows = "\n".join(f"| {title} | {said} |" for title, said in lines.items())
    return (
        f"\n### {indicator.label.zh} {indicator.label.en}\n\n`{name}`\n\n| | |\n|---|---|\n{rows}"
    )


def _codes(params: Path, language: Language) -> dict[str, str]:
    """Return words for the codes of categories, whatever column they stand in."""
    known = {code: word for words in input_words(params).values() for code, word in words.items()}
    return known if language == "zh" else {code: code.replace("_", " ") for code in known}


def _target(indicator: Indicator) -> str:
    target = indicator.target
    if target is None:
        return "无 none"
    mark = " (inferred 推断)" if target.is_inferred else ""
    return f"{target.pct} %: {target.basis}{mark}"
