"""What the intake took, set aside and understood differently, file by file."""

from collections import Counter

import pandas as pd
from IPython.display import HTML

from healthmon.completeness.shares import count_set_aside
from healthmon.exports import list_tables, load_exports
from healthmon.intake.manifest import read_manifest
from healthmon.month import Month
from healthmon.places import place_names
from healthmon.show.intake_words import load_intake_words
from healthmon.show.tables_html import render_table
from healthmon.tables import SET_ASIDE, read_table

_COUNTS = ("rows_read", "rows_taken", "rows_set_aside")
_HEADS = ("读到", "采用", "待核")


def describe_intake(month: Month) -> str:
    """Say (Markdown) how many rows of the month's files were read, taken and set aside."""
    files = count_set_aside(month.project, month.month)
    read, taken, aside = (int(files[name].sum()) for name in _COUNTS)
    holds = "相等" if read == taken + aside else "**不相等，须查明**"
    return (
        f"本月 {files['file'].nunique():,} 个文件，读到 **{read:,}** 行 = 采用 {taken:,} 行 "
        f"+ 待核 **{aside:,}** 行（{holds}）。待核的行不参与计算，连同原因退回报送单位改正。"
    )


def list_taken(month: Month) -> HTML:
    """Render rows read, taken and set aside of the month's files by table."""
    files = count_set_aside(month.project, month.month)
    tables = list_tables(month.project.params)
    departments = {
        name: department.label.zh
        for department in load_exports(month.project.params).values()
        for name in department.tables
    }
    sums = files.groupby("table")[list(_COUNTS)].sum()
    sums = sums.reindex([name for name in tables if name in sums.index])
    texts = pd.DataFrame({"表": [tables[name].label.zh for name in sums.index]})
    texts["部门"] = [departments[name] for name in sums.index]
    texts["文件"] = _whole(files.groupby("table")["file"].nunique().reindex(sums.index))
    for name, head in zip(_COUNTS, _HEADS, strict=True):
        texts[head] = _whole(sums[name])
    return render_table(texts, "taken", left=["部门"])


def list_reasons(month: Month) -> HTML:
    """Render why rows of the month's files were set aside, by table and column."""
    rows = read_table(month.project, SET_ASIDE, months=[month.month])
    if rows.empty:
        return HTML("<p>本月没有待核的行。</p>")
    tables, words = list_tables(month.project.params), load_intake_words(month.project.params)
    counts = rows.groupby(["table", "reason_code", "header"], dropna=False).size()
    counts = counts.sort_values(ascending=False, kind="stable").rename("rows").reset_index()
    texts = pd.DataFrame(
        {
            "表": [_table_name(tables, name) for name in counts["table"]],
            "原因": [words.reasons.get(code, code) for code in counts["reason_code"]],
            "列": counts["header"].fillna("整行").to_list(),
            "行数": _whole(counts["rows"]),
        }
    )
    return render_table(texts, "reasons", left=["原因", "列"])


def list_conversions(month: Month) -> HTML:
    """Render what the intake understood in another way than it was written, by table."""
    tables, words = list_tables(month.project.params), load_intake_words(month.project.params)
    found: Counter = Counter()
    for about in _entry(month)["files"].values():
        for item in about.get("conversions", []):
            found[item.get("table"), item["kind"], item.get("header")] += int(item["count"])
    if not found:
        return HTML("<p>本月没有换算：各文件都按清单的写法填写。</p>")
    texts = pd.DataFrame(
        [
            {
                "表": _table_name(tables, table),
                "换算": words.conversions.get(kind, kind),
                "列": header or "整表",
                "处数": f"{count:,}",
            }
            for (table, kind, header), count in found.most_common()
        ]
    )
    return render_table(texts, "conversions", left=["换算", "列"])


def list_file_reports(month: Month, limit: int = 40) -> HTML:
    """Render the files of the month with something to mend: rows set aside or problems."""
    words = load_intake_words(month.project.params)
    entry, rows = _entry(month), []
    problems: dict[str, Counter] = {}
    for problem in entry["problems"]:
        problems.setdefault(problem["file"], Counter())[problem["code"]] += 1
    for file in sorted({*entry["files"], *problems}):
        about = entry["files"].get(file, dict.fromkeys(_COUNTS, 0))
        said = problems.get(file, Counter())
        if not said and not about["rows_set_aside"]:
            continue
        notes = [
            words.problems.get(code, code) + (f"（{count}）" if count > 1 else "")
            for code, count in said.most_common()
        ]
        counts = {h: f"{about[n]:,}" for n, h in zip(_COUNTS, _HEADS, strict=True)}
        name = file.split("/", 1)[-1]
        text = "、".join(notes) or "有待核的行"
        rows.append((about["rows_set_aside"], {"文件": name, "需要说明": text, **counts}))
    if not rows:
        return HTML("<p>本月每个文件都没有需要说明的地方。</p>")
    rows.sort(key=lambda row: -row[0])
    texts = pd.DataFrame([row for _, row in rows[:limit]])
    return render_table(texts, "files", left=["需要说明"], wide="需要说明")


def list_set_aside_places(month: Month) -> HTML:
    """Render rows set aside by the place whose files they stood in."""
    files = count_set_aside(month.project, month.month)
    names = place_names("prefectures")
    prefecture = files["place"].str.slice(0, 4) + "00"
    sums = files.groupby(prefecture.fillna("province"))[list(_COUNTS)].sum()
    texts = pd.DataFrame({"市州": [names.get(code, "全省文件") for code in sums.index]})
    for name, head in zip(_COUNTS, _HEADS, strict=True):
        texts[head] = _whole(sums[name])
    shares = sums["rows_set_aside"] / sums["rows_read"].mask(sums["rows_read"] == 0)
    texts["待核占比"] = ["—" if pd.isna(share) else f"{100 * share:.2f}%" for share in shares]
    return render_table(texts, "aside-places")


def _entry(month: Month) -> dict:
    nothing: dict = {"files": {}, "problems": []}
    return read_manifest(month.project)["months"].get(month.month, nothing)


def _table_name(tables: dict, name: str | None) -> str:
    return tables[name].label.zh if name in tables else "整个文件"


def _whole(counts: pd.Series) -> list[str]:
    return [f"{int(count):,}" for count in counts]
