"""Who is on which register, how that changed, and which sender kept the deadline (GZ-1)."""

import pandas as pd
from IPython.display import HTML

from healthmon.exports import load_exports
from healthmon.persons import STATUSES, count_changes, judge_deadlines, person_statuses
from healthmon.places import place_names
from healthmon.show.bulletin import Results, in_prefecture, terms_of
from healthmon.show.disclosure import MISSING, require_withheld, withhold_counts
from healthmon.show.tables_html import render_table
from healthmon.tables import LINKS, read_table

_STATUS_NAMES = {
    "poverty_register": "建档立卡",
    "extreme_poverty_support": "特困",
    "subsistence_allowance": "低保",
}
_CHANGE_NAMES = {"came": "新进", "left": "退出", "changed": "变更"}
_STATES = {"kept": "按期", "missed": "逾期", "undetermined": "无收件登记"}
_LEVELS = {"county": "counties", "prefecture": "prefectures"}
_PARTS = {
    "name": "姓名", "sound": "姓名同音", "alike": "姓名相近", "number": "证件号码相近",
    "birth": "出生日期", "nearbirth": "出生日期相近", "household": "户编号", "village": "村",
    "township": "乡镇", "county": "县", "prefecture": "市州",
}  # fmt: skip


def count_statuses(month: Results) -> HTML:
    """Render how many persons count under each status, and how many are in both registers."""
    rows = person_statuses(month.project, month.month)
    both = rows["is_on_poverty_register"] & rows["has_subsistence_allowance"]
    counts = [(_STATUS_NAMES[s], int((rows["status"] == s).sum())) for s in STATUSES]
    counts.append(("其中：低保与建档立卡重合，按建档立卡计", int(both.sum())))
    frame = _withheld(month, pd.DataFrame(counts, columns=["status", "person_count"]))
    texts = pd.DataFrame({"身份": frame["status"], "人数": frame["person_count_shown"]})
    return render_table(texts, "statuses")


def list_register_changes(month: Results, prefecture_code: str | None = None) -> HTML:
    """Render how many persons came to the registers, left or changed in the month, by place.

    By prefecture for the province, by county for one prefecture.
    """
    level = "county" if prefecture_code else "prefecture"
    rows = in_prefecture(count_changes(month.project, month.month), prefecture_code)
    names = place_names(_LEVELS[level])
    by = [f"{level}_code", "register", "change"]
    counts = rows.groupby(by, as_index=False)["person_count"].sum()
    frame = _withheld(month, counts, by=["register", "change"])
    shown = frame.set_index(by)["person_count_shown"]
    codes = sorted(frame[f"{level}_code"].unique())
    texts = pd.DataFrame({"县" if prefecture_code else "市州": [names[code] for code in codes]})
    for register in STATUSES:
        for change, word in _CHANGE_NAMES.items():
            if (register, change) in set(zip(frame["register"], frame["change"], strict=True)):
                texts[f"{_STATUS_NAMES[register]}{word}"] = [
                    shown.get((code, register, change), "0") for code in codes
                ]
    return render_table(texts, f"register-changes-{prefecture_code or 'province'}")


def count_deadlines(month: Results) -> HTML:
    """Render for each department how many files came in time, late, or without a receipt."""
    rows = judge_deadlines(month.project, month.month)
    labels = {name: d.label.zh for name, d in load_exports(month.project.params).items()}
    counts = pd.crosstab([rows["department"], rows["clause"]], rows["state"])
    counts = counts.reindex(columns=list(_STATES), fill_value=0).reset_index()
    texts = pd.DataFrame(
        {
            "部门": counts["department"].map(labels),
            "依据": counts["clause"],
            **{word: counts[state].astype(str) for state, word in _STATES.items()},
        }
    )
    return render_table(texts, "deadlines", left=["依据"])


def list_late_files(month: Results) -> HTML:
    """Render the files that came after their deadline, the latest first."""
    rows = judge_deadlines(month.project, month.month)
    late = rows[rows["state"] == "missed"].copy()
    if late.empty:
        return HTML("<p>没有登记为逾期的文件。</p>")
    late["days"] = (late["received_date"] - late["deadline_date"]).dt.days
    late = late.sort_values(["days", "file_name"], ascending=[False, True])
    names = place_names("prefectures") | place_names("counties")
    texts = pd.DataFrame(
        {
            "文件": late["file_name"],
            "报送地": late["place_code"].map(names).fillna(MISSING),
            "期限": late["deadline_date"].dt.strftime("%Y-%m-%d"),
            "收到": late["received_date"].dt.strftime("%Y-%m-%d"),
            "逾期天数": late["days"].astype(str),
        }
    )
    return render_table(texts, "late-files", left=["报送地", "期限", "收到"])


def count_links(month: Results) -> HTML:
    """Render how many rows were linked without a valid number, by table and by what agreed."""
    rows = read_table(month.project, LINKS, until=month.month)
    if rows.empty:
        return HTML("<p>没有经匹配取用的记录。</p>")
    tables = {
        name: table.label.zh
        for department in load_exports(month.project.params).values()
        for name, table in department.tables.items()
    }
    counts = rows.groupby(["table", "link_kind"], as_index=False).agg(
        row_count=("person_id", "size"), lowest=("link_score", "min")
    )
    texts = pd.DataFrame(
        {
            "数据表": counts["table"].map(tables),
            "一致的项目": [describe_link(kind) for kind in counts["link_kind"]],
            "记录数": [f"{count:,}" for count in counts["row_count"]],
            "最低得分": [f"{score:.3f}" for score in counts["lowest"]],
        }
    )
    return render_table(texts, "links", left=["一致的项目"])


def describe_link(kind: str) -> str:
    """Say in Chinese what agreed, as in ``name_birth_village``."""
    return "、".join(_PARTS[part] for part in kind.split("_"))


def _withheld(month: Results, frame: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    threshold = terms_of(month).disclosure.threshold
    return require_withheld(withhold_counts(frame, ["person_count"], threshold, by=by))
