"""What became of newly listed households (KF-2) as texts fit to be shown, for pages and sheets.

Counts of households pass :mod:`healthmon.show.disclosure` here.
"""

from math import floor
from typing import Protocol

import pandas as pd

from healthmon.deadlines.breaches import count_by_quarter, last_full_quarter
from healthmon.deadlines.judge import BREACHES
from healthmon.deadlines.run import Deadlines
from healthmon.deadlines.terms import DeadlineTerms, load_deadline_terms
from healthmon.places import place_names
from healthmon.show.bulletin import Results, terms_of
from healthmon.show.disclosure import MISSING, withhold_counts, withhold_parts

_PARTS = {
    "in_time_count": "按时", "late_count": "超期完成", "overdue_count": "超期未办",
    "other_count": "未到期或无法判定",
}  # fmt: skip
_COUNTY_PARTS = {
    "in_time_count": "按时", "breach_count": "超期", "other_count": "未到期或无法判定",
}  # fmt: skip
"""Counties have too few households for more."""
_OTHERS = ["waiting_count", "left_count", "undetermined_count"]


class DeadlineResults(Results, Protocol):
    """A month with its deadlines."""

    deadlines: Deadlines


def deadline_terms(month: Results) -> DeadlineTerms:
    """Return ``params/deadlines.yml`` of a month's checkout."""
    return load_deadline_terms(month.project.params)


def show_share(row: pd.Series, threshold: int, withheld: bool = False) -> str:
    """Write the share done in time with its interval, coarsely where it gives small counts away.

    Parameters
    ----------
    row : Series
        As of :func:`healthmon.deadlines.waiting.summarise_waiting`.
    threshold : int
        The smallest count of households that is shown.
    withheld : bool
        Whether the count behind it is withheld because others could be worked out from it.
    """
    listed, in_time = int(row["listing_count"]), int(row["in_time_count"])
    if pd.isna(row["in_time_share"]) or listed < threshold:
        return MISSING
    if withheld:  # a bound would tell the count it is made of
        return "*"
    if 0 < in_time < threshold:
        return f"按时 <{threshold} 户"
    if 0 < listed - in_time < threshold:
        return f">{floor(1000 * (listed - threshold) / listed) / 10:.1f}%"
    shown = f"{100 * row['in_time_share']:.1f}%"
    if pd.isna(row["lower"]):
        return shown
    return f"{shown}（{100 * row['lower']:.1f}–{100 * row['upper']:.1f}）"


def list_waiting(month: DeadlineResults, level: str) -> pd.DataFrame:
    """Return the texts of :func:`waiting_table`; no rows where nobody was newly listed."""
    rows = month.deadlines.waiting
    rows = rows[rows["level"].isin([level, "province"] if level == "prefecture" else [level])]
    if rows.empty:
        return pd.DataFrame()
    texts = {name: _waiting_texts(month, name, part) for name, part in rows.groupby("deadline")}
    first, *_ = texts.values()
    names = place_names("counties") | place_names("prefectures")
    table = {
        "地方": [names.get(code, "全省") for code in first.index],
        "新纳入（户）": first["listed"],
    }
    for name, deadline in deadline_terms(month).deadlines.items():
        columns = [f"{deadline.label.zh}按时", f"{deadline.label.zh}中位天数"]
        table |= dict(zip(columns, (texts[name]["share"], texts[name]["median"]), strict=True))
    frame = pd.DataFrame(table).reset_index(drop=True)
    if level == "county":
        frame["市州"] = [place_names("prefectures")[f"{code[:4]}00"] for code in first.index]
    return frame


def _waiting_texts(month: DeadlineResults, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``listed``, ``share`` and ``median`` by code, the province last."""
    threshold = threshold_of(month)
    rows = rows.assign(
        listed_count=rows["listing_count"] + rows["undetermined_count"],
        slow_count=rows["listing_count"] - rows["in_time_count"],
        group=rows["code"].str[:4].where(rows["level"] == "county", rows["level"]),
        is_whole=rows["level"] == "province",
    ).sort_values(["is_whole", "code"])
    counts = ["listed_count", "in_time_count", "slow_count"]
    gated = withhold_counts(rows, counts, threshold, by="group")
    small = rows[counts].apply(lambda column: column.between(1, threshold - 1))
    hidden = (gated[counts].isna() & ~small).any(axis=1) | small["listed_count"]
    shares = [show_share(row, threshold, hidden[place]) for place, row in rows.iterrows()]
    medians = [
        "*" if hidden[place] else
        MISSING if pd.isna(row["in_time_share"]) else
        "未过半" if pd.isna(row["median_days"]) else f"{row['median_days']:.0f}"
        for place, row in rows.iterrows()
    ]  # fmt: skip
    texts = {"listed": gated["listed_count_shown"], "share": shares, "median": medians}
    return pd.DataFrame(texts).set_index(rows["code"])


def list_bulletin(month: DeadlineResults, level: str) -> pd.DataFrame:
    """Return the texts of :func:`bulletin_table`; no rows where nobody was newly listed."""
    counted = _counted(month)
    counted = counted[counted["quarter"] == last_full_quarter(month.month)]
    if counted.empty:
        return pd.DataFrame()
    column = f"{level}_code"
    by, parts = {"prefecture": (None, _PARTS), "county": ("prefecture_code", _COUNTY_PARTS)}[level]
    keys = list(dict.fromkeys(["prefecture_code", column]))
    names = place_names({"prefecture": "prefectures", "county": "counties"}[level])
    texts = {}
    for name, deadline in deadline_terms(month).deadlines.items():
        rows = counted[counted["deadline"] == name].groupby(keys, as_index=False)[_counts()].sum()
        gated = withhold_parts(rows, "listed_count", list(parts), threshold_of(month), by=by)
        texts |= {
            "地方": [names[code] for code in rows[column]],
            "新纳入（户）": gated["listed_count_shown"],
            **{f"{deadline.label.zh}·{zh}": gated[f"{part}_shown"] for part, zh in parts.items()},
        }
        if level == "county":
            texts["市州"] = [place_names("prefectures")[code] for code in rows["prefecture_code"]]
    return pd.DataFrame(texts)


def list_quarters(month: DeadlineResults) -> pd.DataFrame:
    """Return the texts of :func:`quarter_table`."""
    counted, lines = _counted(month), []
    for name, deadline in deadline_terms(month).deadlines.items():
        rows = (
            counted[counted["deadline"] == name].groupby("quarter", as_index=False)[_counts()].sum()
        )
        rows = rows.tail(deadline_terms(month).quarters.shown).reset_index(drop=True)
        gated = withhold_parts(rows, "listed_count", list(_PARTS), threshold_of(month))
        texts = {
            "纳入季度": rows["quarter"].map(name_quarter),
            "新纳入（户）": gated["listed_count_shown"],
        }
        texts |= {zh: gated[f"{part}_shown"] for part, zh in _PARTS.items()}
        lines.append(pd.DataFrame(texts).assign(时限=deadline.label.zh))
    return pd.concat(lines, ignore_index=True)


def _counted(month: DeadlineResults) -> pd.DataFrame:
    counted = count_by_quarter(month.deadlines.judged)
    sums = {"breach_count": [f"{state}_count" for state in BREACHES], "other_count": _OTHERS}
    return counted.assign(**{name: counted[of].sum(axis=1) for name, of in sums.items()})


def _counts() -> list[str]:
    return ["listed_count", *_PARTS, "breach_count"]


def name_quarter(quarter: str) -> str:
    """Name a quarter, as in 2022年第2季度."""
    return f"{quarter[:4]}年第{quarter[5:]}季度"


def threshold_of(month: Results) -> int:
    """Return the smallest count that is shown."""
    return terms_of(month).disclosure.threshold
