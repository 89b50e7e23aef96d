"""Coverage by facilities (KF-1, KF-7) as readers see it: places that lack one, by prefecture."""

from functools import partial

import pandas as pd
from IPython.display import HTML

from healthmon.facilities.coverage import flag_units
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.rules.standards import FlagStandard, is_in_force, load_standard
from healthmon.show.tables_html import render_table

STANDARDS = ("KF/county_coverage", "KF/township_coverage", "KF/village_coverage")
_UNITS = {"county": "县", "township": "乡镇", "village": "村"}


def count_coverage(month: Month) -> HTML:
    """Render how many counties, townships and villages lack what the standards ask for.

    A cell reads: raised, and in brackets those that cannot be decided.

    References
    ----------
    KF-1, KF-7; the standards bind Kaifeng, elsewhere they are a comparison.
    """
    texts = pd.DataFrame({"市州": place_names("prefectures")})
    groups: dict[str, list[str]] = {}
    for name in STANDARDS:
        standard = load_standard(month.project.params, name, FlagStandard)
        if not is_in_force(standard, month.month):
            continue
        compute = partial(flag_units, name=name)
        flags = month.keep_frame(name.replace("/", "_").lower(), compute)
        by_place = flags.groupby("prefecture_code")
        unit = _UNITS[standard.unit]
        texts[f"{unit}数"] = by_place.size().map("{:,}".format)
        for key, flag in standard.flags.items():
            texts[flag.label.zh] = by_place[key].agg(_count)
        groups[standard.label.zh] = [f"{unit}数", *(f.label.zh for f in standard.flags.values())]
    if not groups:
        return HTML("<p>本月这些标准尚未施行。</p>")
    texts = texts.fillna("0").reset_index(drop=True)
    return render_table(texts, "coverage", groups=groups)


def cite_coverage(month: Month) -> str:
    """Say (Markdown) which clauses the coverage table stands on."""
    standards = [load_standard(month.project.params, name, FlagStandard) for name in STANDARDS]
    document, since = standards[0].source.document, standards[0].effective_from
    clauses = "、".join(dict.fromkeys(f.clause for s in standards for f in s.flags.values()))
    return (
        f"::: {{.hm-source}}\n依据{document} {clauses}，{since:%Y-%m-%d} 起适用；只约束开封市，"
        "在此仅作对照。括号内为因缺数据待定的数量。\n:::"
    )


def _count(flags: pd.Series) -> str:
    raised, open_ = int(flags.fillna(False).sum()), int(flags.isna().sum())
    return f"{raised:,}（{open_:,}）" if open_ else f"{raised:,}"
