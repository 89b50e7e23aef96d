"""What stands under figures and tables: sources, readings, how far the model is to be relied on."""

from typing import Literal

import pandas as pd

from healthmon.rules.standards import Source
from healthmon.show.bulletin import (
    Results,
    scored_standard,
    spending_rule,
    terms_of,
    village_standard,
)
from healthmon.show.disclosure import is_small_comparison
from healthmon.show.headlines import month_zh

_METHODS = {"model": "模型", "rule": "规则", "spending": "自付金额排序"}
_OUTCOMES = {
    "untreated": "结果取未受帮扶影响的情形",
    "observed": "结果取实际发生的情形，其中预警户已受帮扶，会显得像误报",
}
_METRICS = {
    "recall": ("找到的比例（召回率）", 100, "%"),
    "precision": ("预警中确实返贫的比例（精确率）", 100, "%"),
    "auc": ("区分能力（AUC）", 1, ""),
}


def cite(month: Results, *rules: Literal["county", "township", "village", "rule"]) -> str:
    """Say (Markdown) which data, month and rules a figure or table stands on.

    Parameters
    ----------
    month : Results
        The month.
    *rules : {"county", "township", "village", "rule"}
        Standards that were applied.
    """
    standards = {
        "county": lambda: scored_standard(month, "county"),
        "township": lambda: scored_standard(month, "township"),
        "village": lambda: village_standard(month),
        "rule": lambda: spending_rule(month),
    }
    used = [standards[rule]() for rule in rules]
    clauses = "、".join(dict.fromkeys(standard.source.clause for standard in used))
    documents = "、".join(dict.fromkeys(standard.source.document for standard in used))
    since = max(standard.effective_from for standard in used)
    return (
        f"::: {{.hm-source}}\n数据截至 {month_zh(month.month)}底的部门报送；"
        f"依据{documents} {clauses}，{since:%Y-%m-%d} 起适用，默认口径。\n:::"
    )


def cite_documents(month: Results, *sources: Source) -> str:
    """Say (Markdown) which data, month and documents a comparison stands on."""
    clauses: dict[str, list[str]] = {}
    for source in sources:
        clauses.setdefault(source.document, []).append(source.clause)
    said = "；".join(
        f"{document} {'、'.join(dict.fromkeys(parts))}" for document, parts in clauses.items()
    )
    return f"::: {{.hm-source}}\n数据截至 {month_zh(month.month)}底的部门报送；依据{said}。\n:::"


def link_page(month: Results, notebook: str, text: str) -> str:
    """Write a sentence (Markdown) that leads to another page; nothing where it is not published.

    Parameters
    ----------
    notebook : str
        The notebook that the page is made from.
    text : str
        The sentence; what stands in square brackets becomes the link.
    """
    pages = {page.notebook: page.page for page in terms_of(month).pages}
    if notebook not in pages:
        return ""
    return text.replace("]", f"]({pages[notebook]}.html)")


def list_flags(month: Results) -> dict[str, str]:
    """Map the flags of villages to short headers; an inferred one carries a mark."""
    flags = village_standard(month).flags
    return {name: f"{name}＊" if flag.inferred else name for name, flag in flags.items()}


def describe_flags(month: Results) -> str:
    """Say (Markdown) what each flag of a village means."""
    flags = village_standard(month).flags
    said = "；".join(
        f"{header} {flags[name].label.zh}" for name, header in list_flags(month).items()
    )
    return (
        f"::: {{.hm-source}}\n{said}。一村可有多项；＊为推断口径。\n:::\n\n{cite(month, 'village')}"
    )


def describe_failing(below: pd.DataFrame, limit: int) -> str:
    """Say (Markdown) how many township hospitals do not pass and how many are listed."""
    failing, open_ones = ((below["state"] == state).sum() for state in ("fail", "undetermined"))
    if below.empty:
        return "本市州没有低于及格线的乡镇卫生院。"
    listed = f"，下表列出得分最低的 {limit} 家" if len(below) > limit else ""
    return f"低于及格线的 **{failing}** 家，因缺数据待定的 **{open_ones}** 家{listed}。"


def link_supervision(prefecture_code: str) -> str:
    """Lead (Markdown) to the list of everything under supervision in a prefecture."""
    page = f"supervision-{prefecture_code}.html"
    return f"每家医院的失分依据、达到及格线的最少改动和全部在册的村，见[挂牌督战名单]({page})。"


def describe_publication(month: Results) -> str:
    """Say (Markdown) what is withheld, inferred and only sketched."""
    terms = terms_of(month)
    lines = [terms.withheld_note(), terms.texts.inferred_note, terms.texts.map]
    if month.is_simulated:
        lines.append(f"**{terms.texts.simulated}**")
    return "\n".join(f"- {line}" for line in lines)


def compare_methods(month: Results) -> pd.DataFrame:
    """Set the model beside the rule at the same number of flagged households.

    Outcomes without help are taken where they are known (simulated months): households that were
    flagged and helped would look like false alarms of whatever flagged them.

    Returns
    -------
    DataFrame
        One row a measure: ``measure`` and a text column for each method; no rows where no
        outcome is known yet.

    References
    ----------
    QH-5; the outcome is inferred.
    """
    rows: list[dict[str, str]] = []
    metrics = month.risk.frames.get("metrics")
    if metrics is not None:
        outcome = _outcome_shown(metrics)
        metrics = metrics[metrics["outcome"] == outcome]
        groups = month.risk.frames["groups"]
        small = is_small_comparison(
            groups[groups["outcome"] == outcome], terms_of(month).disclosure.threshold
        )
        for metric, (label, factor, unit) in _METRICS.items():
            cells = metrics[metrics["metric"] == metric].set_index("method")
            hidden = small and unit == "%"
            shown = {
                zh: _interval(cells.loc[name], factor, unit)
                if name in cells.index and not hidden
                else "—"
                for name, zh in _METHODS.items()
            }
            rows.append({"measure": label} | shown)
    return pd.DataFrame(rows, columns=["measure", *_METHODS.values()])


def describe_risk(month: Results) -> str:
    """Say (Markdown) how far the model can be relied on this month."""
    said = [month.risk.facts.get("message_zh", "")]
    metrics = month.risk.frames.get("metrics")
    if metrics is not None:
        outcome = _OUTCOMES[_outcome_shown(metrics)]
        said.append(f"在预警户数相同时与规则比较，{outcome}。括号内为置信区间。")
        if month.is_simulated:
            said.append("模拟数据上的数值只说明程序运转正常，不说明在当地的效果。")
    return "".join(said)


def _outcome_shown(metrics: pd.DataFrame) -> str:
    return "untreated" if (metrics["outcome"] == "untreated").any() else "observed"


def _interval(cell: pd.Series, factor: int, unit: str) -> str:
    if pd.isna(cell["value"]):
        return "—"
    decimals = 1 if factor == 100 else 2
    value, lower, upper = (factor * cell[name] for name in ("value", "lower", "upper"))
    shown = f"{value:.{decimals}f}{unit}"
    if pd.isna(lower) or pd.isna(upper):
        return shown
    return f"{shown}（{lower:.{decimals}f}–{upper:.{decimals}f}）"
