"""Coverage by facilities (KF-1, KF-7) as readers see it: places that lack one, by prefecture."""

from functools import partial

import pandas as pd
from IPython.display import HTML

from healthmon.facilities.coverage import flag_units
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.standards import FlagStandard, is_in_force, load_standard
from healthmon.show.tables_html import render_table

_UNITS = {"county": "县", "township": "乡镇", "village": "村"}


def count_coverage(month: Month, unit: str) -> HTML:
    """Render how many places of a kind lack what the standard asks for.

    A cell reads: raised, and in brackets those that cannot be decided.

    Parameters
    ----------
    unit : {"county", "township", "village"}

    References
    ----------
    KF-1, KF-7; the standards bind Kaifeng, elsewhere they are a comparison.
    """
    name = f"KF/{unit}_coverage"
    standard = load_standard(month.project.params, name, FlagStandard)
    if not is_in_force(standard, month.month):
        return HTML("<p>本月这项标准尚未施行。</p>")
    compute = partial(flag_units, name=name)
    by_place = month.keep_frame(f"{unit}_coverage", compute).groupby("prefecture_code")
    texts = pd.DataFrame({"市州": place_names("prefectures")})
    texts[f"{_UNITS[unit]}数"] = by_place.size().map("{:,}".format)
    for key, flag in standard.flags.items():
        texts[flag.label.zh] = by_place[key].agg(_count)
    return render_table(texts.fillna("0").reset_index(drop=True), f"coverage-{unit}")


def cite_coverage(month: Month) -> str:
    """Say (Markdown) which clauses the coverage table stands on."""
    names = (f"KF/{unit}_coverage" for unit in _UNITS)
    standards = [load_standard(month.project.params, name, FlagStandard) for name in names]
    document, since = standards[0].source.document, standards[0].effective_from
    clauses = "、".join(dict.fromkeys(f.clause for s in standards for f in s.flags.values()))
    return (
        f"::: {{.hm-source}}\n依据{document} {clauses}，{since:%Y-%m-%d} 起适用；只约束开封市，"
        "在此仅作对照。括号内为因缺数据待定的数量。\n:::"
    )


def _count(flags: pd.Series) -> str:
    raised, open_ = int(flags.fillna(False).sum()), int(flags.isna().sum())
    return f"{raised:,}（{open_:,}）" if open_ else f"{raised:,}"
