"""How long newly listed households wait, with those who still wait counted properly.

Kaplan and Meier's estimator: who still waits at the month's end, or left the list before anything
was done, counts for the days during which it was known to wait. On the same day what was done
comes before what was left open.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from healthmon.deadlines.terms import DeadlineTerms

LEVELS = {"province": None, "prefecture": "prefecture_code", "county": "county_code"}
_CURVES = ("province", "prefecture")
_SUMMARY = [
    "deadline", "level", "code", "listing_count", "undetermined_count", "done_count",
    "in_time_count", "at_risk_count", "in_time_share", "lower", "upper", "median_days",
]  # fmt: skip


class Curve(NamedTuple):
    """Share done by day, with what was known that day."""

    day: np.ndarray
    done_share: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray
    """Waiting just before."""
    done: np.ndarray
    """Done on the day."""


def estimate_curve(days: np.ndarray, is_done: np.ndarray, interval_pct: float) -> Curve:
    """Estimate the share done by each day on which anything was done.

    Parameters
    ----------
    days : ndarray
        Days waited, 0 or more.
    is_done : ndarray of bool
        Whether the waiting ended because it was done.
    interval_pct : float
        Of the pointwise intervals, 0-100: log-log, with Greenwood's variance. Missing where
        everything is done, which leaves no variance.

    References
    ----------
    Kaplan and Meier (1958); Greenwood (1926); Kalbfleisch and Prentice (2002), section 1.4.
    """
    if not np.any(is_done):
        none = np.array([])
        return Curve(none, none, none, none, none, none)
    fitted = SurvfuncRight(np.asarray(days), np.asarray(is_done, dtype=int))
    waiting, error = fitted.surv_prob, fitted.surv_prob_se
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(
            norm.ppf(0.5 + interval_pct / 200) * error / (waiting * np.abs(np.log(waiting)))
        )
        lower, upper = 1 - waiting ** (1 / spread), 1 - waiting**spread
    return Curve(
        fitted.surv_times, 1 - waiting, lower, upper, fitted.n_risk, fitted.n_events.astype(int)
    )


def draw_curves(judged: pd.DataFrame, terms: DeadlineTerms, month: str) -> pd.DataFrame:
    """Estimate the share done by day, for the province and each prefecture.

    Parameters
    ----------
    judged : DataFrame
        As :func:`healthmon.deadlines.judge.judge_listings`.
    terms : DeadlineTerms
    month : str
        Listings of the months up to it that ``waiting`` says.

    Returns
    -------
    DataFrame
        ``deadline``, ``level``, ``code``, ``day`` (0 or more), ``done_share``, ``lower``,
        ``upper`` (0-1), ``at_risk`` (households waiting just before) and ``done`` (on that day).
        A place with fewer listings than the terms ask for has no rows.
    """
    found = []
    for deadline, level, code, rows in _groups(judged, terms, month):
        known = rows[rows["state"] != "undetermined"]
        if level in _CURVES and len(known) >= terms.waiting.least_listings:
            curve = _curve(known["days"], known["is_done"], terms)
            found.append(
                pd.DataFrame(curve._asdict()).assign(deadline=deadline, level=level, code=code)
            )
    columns = ["deadline", "level", "code", *Curve._fields]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def summarise_waiting(judged: pd.DataFrame, terms: DeadlineTerms, month: str) -> pd.DataFrame:
    """Say how much is done in time and how long half of the households wait.

    Parameters
    ----------
    judged, terms, month
        As of :func:`draw_curves`.

    Returns
    -------
    DataFrame
        One row a deadline and place: ``deadline``, ``level`` (province, prefecture, county),
        ``code``, ``listing_count`` (that can be judged), ``undetermined_count``, ``done_count``,
        ``in_time_count``, ``in_time_share`` with ``lower`` and ``upper`` (0-1; the share done by
        each household's own last day, missing where nobody was watched that long),
        ``at_risk_count`` (waiting just before the last day) and ``median_days`` (missing where
        less than half is done).
        Shares and median are missing where there are fewer listings than the terms ask for.
    """
    found = []
    for deadline, level, code, rows in _groups(judged, terms, month):
        known = rows[rows["state"] != "undetermined"]
        said = {"in_time_share": np.nan, "lower": np.nan, "upper": np.nan, "median_days": np.nan}
        # on one scale on which the last day is the same for all, however long the month is
        latest = int(rows["due_days"].max())
        shifted = known["days"] - known["due_days"] + latest
        if len(known) >= terms.waiting.least_listings:
            by_day = _curve(known["days"], known["is_done"], terms)
            half = by_day.day[by_day.done_share >= 0.5]
            said["median_days"] = half[0] if len(half) else np.nan
            said |= _share_at(_curve(shifted, known["is_done"], terms), latest, shifted)
        found.append(
            {
                "deadline": deadline, "level": level, "code": code, "listing_count": len(known),
                "undetermined_count": len(rows) - len(known),
                "done_count": int(known["is_done"].sum()),
                "in_time_count": int((known["state"] == "in_time").sum()),
                "at_risk_count": int((shifted >= latest).sum()), **said,
            }
        )  # fmt: skip
    return pd.DataFrame(found, columns=_SUMMARY)


def _share_at(curve: Curve, latest: int, days: pd.Series) -> dict[str, float]:
    """Read the share done by a day; missing where nobody was watched until then."""
    until = int((curve.day <= latest).sum())
    share = float(curve.done_share[until - 1]) if until else 0.0
    if days.max() < latest and share < 1:
        return {}
    if not until:
        return {"in_time_share": share}
    lower, upper = float(curve.lower[until - 1]), float(curve.upper[until - 1])
    return {"in_time_share": share, "lower": lower, "upper": upper}


def _curve(days: pd.Series, is_done: pd.Series, terms: DeadlineTerms) -> Curve:
    return estimate_curve(days.to_numpy(), is_done.to_numpy(), terms.waiting.interval_pct)


def _groups(
    judged: pd.DataFrame, terms: DeadlineTerms, month: str
) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield the recent listings by deadline and place; the province has its own code."""
    last = pd.Period(month, freq="M")
    months = judged["listed_date"].dt.to_period("M")
    recent = judged[(months > last - terms.waiting.months) & (months <= last)]
    for deadline, rows in recent.groupby("deadline", sort=False):
        for level, column in LEVELS.items():
            codes = rows[column] if column else rows["prefecture_code"].str[:2] + "0000"
            for code, part in rows.groupby(codes):
                yield deadline, level, code, part
