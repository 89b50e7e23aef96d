"""The supervision list (挂牌督战) as readers see it."""

import pandas as pd
from IPython.display import HTML

from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.bulletin import in_prefecture
from healthmon.show.tables_html import render_table
from healthmon.supervision import list_supervision

KINDS = {"county": "县级医院", "township": "乡镇卫生院", "village": "村"}
CHANGES = {"new": "新增", "stays": "继续", "left": "退出"}
_LEVELS = {"county": "counties", "township": "townships", "village": "villages"}


def count_listed(month: Month, prefecture_code: str | None = None) -> HTML:
    """Render how many units of each kind are on the list, new on it and off it, by place.

    By prefecture for the province, by county for one prefecture.
    """
    level = "county" if prefecture_code else "prefecture"
    rows = in_prefecture(list_supervision(month), prefecture_code)
    names = place_names({"county": "counties", "prefecture": "prefectures"}[level])
    codes = sorted(rows[f"{level}_code"].unique())
    texts = pd.DataFrame({"县" if prefecture_code else "市州": [names[code] for code in codes]})
    for kind, title in KINDS.items():
        of_kind = rows[rows["kind"] == kind]
        counts = {
            change: of_kind[of_kind["change"] == change].groupby(f"{level}_code").size()
            for change in CHANGES
        }
        for label, changes in (("在册", ("new", "stays")), ("新增", ("new",)), ("退出", ("left",))):
            texts[f"{title}{label}"] = [
                f"{sum(int(counts[change].get(code, 0)) for change in changes):,}" for code in codes
            ]
    return render_table(texts, f"listed-{prefecture_code or 'province'}")


def list_longest(month: Month, limit: int, prefecture_code: str | None = None) -> HTML:
    """Render the county and township hospitals that have been on the list longest."""
    rows = in_prefecture(list_supervision(month), prefecture_code)
    rows = rows[(rows["kind"] != "village") & (rows["change"] != "left")]
    rows = rows.sort_values(["since", "kind", "code"]).head(limit)
    names = {kind: place_names(level, short=False) for kind, level in _LEVELS.items()}
    texts = pd.DataFrame(
        {
            "单位": [
                names[kind][code] for kind, code in zip(rows["kind"], rows["code"], strict=True)
            ],
            "县": rows["county_code"].map(place_names("counties")).to_list(),
            "类别": rows["kind"].map(KINDS).to_list(),
            "自": _since(rows),
            "月数": rows["month_count"].astype(str).to_list(),
            "失分项": rows["why"].to_list(),
            "变化": rows["change"].map(CHANGES).to_list(),
        }
    )
    return render_table(texts, "longest", left=["县", "类别", "自", "失分项", "变化"])


def _since(rows: pd.DataFrame) -> list[str]:
    """Write the month from which units have been listed; the first one looked at may be later."""
    return [
        f"{since} 或更早" if start else since
        for since, start in zip(rows["since"], rows["is_from_start"], strict=True)
    ]


def list_villages(month: Month, prefecture_code: str) -> HTML:
    """Render every village of a prefecture on the list, and those that left it this month."""
    rows = in_prefecture(list_supervision(month), prefecture_code)
    rows = rows[rows["kind"] == "village"].sort_values(["code"])
    if rows.empty:
        return HTML("<p>没有列入名单的村。</p>")
    villages, townships = (place_names(level, short=False) for level in ("villages", "townships"))
    texts = pd.DataFrame(
        {
            "村": [villages.get(code, code) for code in rows["code"]],
            "乡镇": [townships.get(code[:9], code[:9]) for code in rows["code"]],
            "标识": rows["why"].to_list(),
            "自": _since(rows),
            "月数": rows["month_count"].astype(str).to_list(),
            "变化": rows["change"].map(CHANGES).to_list(),
            "县": rows["county_code"].map(place_names("counties")).to_list(),
        }
    )
    left = ["乡镇", "标识", "自", "变化"]
    return render_table(texts, "villages-listed", left=left, section="县",
                        marks={"变化": [CHANGES["new"]]})  # fmt: skip
