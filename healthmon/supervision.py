"""The supervision list (挂牌督战): who is on it, since when, why, and what changed in a month."""

import pandas as pd

from healthmon.errors import UserError
from healthmon.facilities.scores import load_score_standard
from healthmon.month import Month
from healthmon.project import list_raw_months

LISTED, CLEAR, UNDETERMINED = "listed", "clear", "undetermined"
_SCORED = {"county": "county_code", "township": "township_code"}
_COLUMNS = ["kind", "code", "county_code", "prefecture_code", "state", "why"]


def list_supervision(month: Month) -> pd.DataFrame:
    """List the units under supervision in a month, and those that left since the month before.

    A county or township is listed when its score is below the pass line, a village when any of
    V0 to V4 is raised. A unit that cannot be determined stays as it was last: missing input
    neither lists nor clears.

    Parameters
    ----------
    month : Month
        The month; earlier ones are looked at back to the first with the standard in force.

    Returns
    -------
    DataFrame
        One row a unit: ``kind`` (county, township, village), ``code``, ``county_code``,
        ``prefecture_code``, ``since`` (month from which it has been listed without a break),
        ``month_count`` (months listed), ``why`` (components that lose points or flags, joined by
        ``、``), ``why_before`` (the same a month earlier; nothing where it is new), ``change``
        (``new``, ``stays``, ``left``), ``is_determined`` (False where this month's input lacks),
        ``is_from_start`` (`since` is the first month looked at: it may have begun earlier). What
        is no longer monitored has left.

    References
    ----------
    QH-2, 一·一, 一·二·4.
    """
    return month.keep_frame("supervision", lambda *_: _follow(month))


def _follow(month: Month) -> pd.DataFrame:
    months = list_months_in_force(month)
    return follow_states({m: unit_states(Month(month.project, m)) for m in months})


def list_months_in_force(month: Month) -> list[str]:
    """List the months with exports up to this one in which the standards are in force."""
    found = []
    for earlier in list_raw_months(month.project, month.month):
        try:
            load_score_standard(month.project, earlier, "county")
        except UserError:
            continue
        found.append(earlier)
    return found


def unit_states(month: Month) -> pd.DataFrame:
    """Say of every unit whether it is listed in a month, and why.

    Returns
    -------
    DataFrame
        ``kind``, ``code``, ``county_code``, ``prefecture_code``, ``state`` (listed, clear,
        undetermined), ``why``.
    """
    frames = [
        _score_states(month.county_scores, "county", month),
        _score_states(month.township_scores, "township", month),
        _village_states(month.village_flags),
    ]
    return pd.concat(frames, ignore_index=True)


def follow_states(states: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Follow units over months, oldest first; see :func:`list_supervision`."""
    listed: dict[tuple[str, str], dict] = {}
    for month, frame in states.items():
        before = {key: was for key, was in listed.items() if was["change"] != "left"}
        # whoever is monitored no longer leaves without having been judged
        listed = {key: _left(was, is_determined=False) for key, was in before.items()}
        for row in frame.to_dict("records"):
            key = row["kind"], row["code"]
            was = before.get(key)
            if row["state"] == LISTED or (row["state"] == UNDETERMINED and was):
                listed[key] = _listed(row, was, month)
            elif was:
                listed[key] = _left(was, is_determined=True)
    rows = pd.DataFrame(listed.values(), columns=[*_RESULT])
    rows["is_from_start"] = rows["since"] == next(iter(states), "")
    return rows.sort_values(["kind", "code"], ignore_index=True)


_RESULT = (
    "kind", "code", "county_code", "prefecture_code", "since", "month_count", "why", "why_before",
    "change", "is_determined",
)  # fmt: skip


def _left(was: dict, *, is_determined: bool) -> dict:
    return {**was, "why_before": was["why"], "change": "left", "is_determined": is_determined}


def _listed(row: dict, was: dict | None, month: str) -> dict:
    is_determined = row["state"] == LISTED
    return {
        **{name: row[name] for name in _COLUMNS if name != "state"},
        "why": row["why"] if is_determined or was is None else was["why"],
        "why_before": was["why"] if was else "",
        "since": was["since"] if was else month,
        "month_count": was["month_count"] + 1 if was else 1,
        "change": "stays" if was else "new",
        "is_determined": is_determined,
    }


def _score_states(scores: pd.DataFrame, kind: str, month: Month) -> pd.DataFrame:
    standard = load_score_standard(month.project, month.month, kind)
    losing = {
        name: scores[f"{name}_highest_points"] < component.maximum
        for name, component in standard.components.items()
    }
    words = {"fail": LISTED, "pass": CLEAR, "undetermined": UNDETERMINED}
    return pd.DataFrame(
        {
            "kind": kind,
            "code": scores[_SCORED[kind]],
            "county_code": scores["county_code"],
            "prefecture_code": scores["prefecture_code"],
            "state": scores["state"].map(words),
            "why": _join(losing),
        }
    )


def _village_states(flags: pd.DataFrame) -> pd.DataFrame:
    raised = {name: flags[name].fillna(False) for name in flags if name in _FLAGS}
    words = {True: LISTED, False: CLEAR}
    return pd.DataFrame(
        {
            "kind": "village",
            "code": flags["village_code"],
            "county_code": flags["county_code"],
            "prefecture_code": flags["prefecture_code"],
            "state": flags["is_flagged"].map(words).fillna(UNDETERMINED),
            "why": _join(raised),
        }
    )


_FLAGS = ("V0", "V1", "V2", "V3", "V4")


def _join(found: dict[str, pd.Series]) -> list[str]:
    """Join the names that hold in each row."""
    columns = [series.fillna(False).to_numpy(dtype=bool) for series in found.values()]
    return [
        "、".join(name for name, holds in zip(found, row, strict=True) if holds)
        for row in zip(*columns, strict=True)
    ]
