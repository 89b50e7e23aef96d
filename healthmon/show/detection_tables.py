"""Planted errors found, missed and wrongly accused, as readers see them: simulated months only."""

import pandas as pd
from IPython.display import HTML

from healthmon.detection.evidence import Evidence, has_planted
from healthmon.detection.judge import LinkQuality, count_by_kind, list_accused, measure_links
from healthmon.detection.terms import load_detection_terms
from healthmon.month import Month
from healthmon.show.tables_html import render_table

_SOURCES = {"row": "搁置的行", "file": "文件问题", "difference": "部门差异"}
_NOT_JUDGED = "未评判"


_NOTHING = "本月没有植入的错误，无可评判。"


def evidence_of(
    month: Month, differences: pd.DataFrame | None = None, grid: pd.DataFrame | None = None
) -> Evidence | None:
    """Collect what is needed to judge a month; None where nothing was planted.

    Parameters
    ----------
    differences, grid : DataFrame, optional
        As in :class:`healthmon.detection.evidence.Evidence`.
    """
    if not has_planted(month.project):
        return None
    return Evidence(month.project, month.month, differences, grid)


def show_found(evidence: Evidence | None) -> HTML:
    """Render how many errors of every kind were planted, found and missed (模拟数据).

    Nothing is withheld: the errors are the simulator's, of no real person.
    """
    if evidence is None:
        return HTML(f"<p>{_NOTHING}</p>")
    terms = load_detection_terms(evidence.project.params)
    counts = count_by_kind(evidence)
    texts = pd.DataFrame(
        {
            "差错（模拟）": [terms.kinds[kind].label.zh for kind in counts["kind"]],
            "要求": [terms.classes[name].zh for name in counts["class"]],
            "埋入": counts["planted_count"].map("{:,}".format),
            "发现": counts["found_count"].map("{:,}".format),
            "漏掉": _missed(counts),
        }
    )
    missed = sorted({text for text in texts["漏掉"] if text not in ("0", _NOT_JUDGED)})
    return render_table(texts, "detected", marks={"漏掉": missed}, section="要求")


def show_accused(evidence: Evidence | None) -> HTML:
    """Render what was accused and how much of it without a planted error (模拟数据)."""
    if evidence is None:
        return HTML(f"<p>{_NOTHING}</p>")
    accused = list_accused(evidence)
    texts = pd.DataFrame(
        {
            "代码（模拟）": accused["code"],
            "来源": accused["source"].map(_SOURCES),
            "指出": accused["accused_count"].map("{:,}".format),
            "未植入": accused["false_count"].map("{:,}".format),
        }
    )
    wrong = sorted({text for text in texts["未植入"] if text != "0"})
    return render_table(texts, "accused", marks={"未植入": wrong}, section="来源")


def say_links(evidence: Evidence | None) -> str:
    """Say in a sentence how exact and how complete linking is (模拟数据)."""
    if evidence is None:
        return _NOTHING
    quality = measure_links(evidence)
    if quality is None:
        return "模拟数据：本月没有人员匹配结果，匹配的准确率和召回率未评判。"
    return (
        f"模拟数据：匹配{quality.link_count:,}行，准确率{_percent(quality.precision)}；"
        f"应匹配{quality.planted_count:,}行，召回率{_percent(quality.recall)}"
        f"{_unknown(quality)}。"
    )


def _unknown(quality: LinkQuality) -> str:
    if not quality.unknown_count:
        return ""
    return f"；另有{quality.unknown_count:,}行真实身份不详，未计入准确率"


def _percent(share: float | None) -> str:
    return _NOT_JUDGED if share is None else f"{100 * share:.1f}%"


def _missed(counts: pd.DataFrame) -> list[str]:
    return [
        _NOT_JUDGED if unjudged == planted else f"{missed:,}"
        for planted, missed, unjudged in zip(
            counts["planted_count"], counts["missed_count"], counts["unjudged_count"], strict=True
        )
    ]
