"""Deadlines missed, by county and quarter, and what the quarterly bulletin says."""

import pandas as pd

from healthmon.deadlines.judge import BREACHES, STATES
from healthmon.deadlines.terms import DeadlineTerms

_BY = ["deadline", "prefecture_code", "county_code", "quarter"]


def last_full_quarter(month: str) -> str:
    """Return the last quarter that a month completes or follows, as in ``2022Q1``."""
    period = pd.Period(month, freq="M")
    quarter = period.asfreq("Q")
    return str(quarter if period.month % 3 == 0 else quarter - 1)


def count_by_quarter(judged: pd.DataFrame) -> pd.DataFrame:
    """Count the listings of each quarter by what became of them.

    Parameters
    ----------
    judged : DataFrame
        As :func:`healthmon.deadlines.judge.judge_listings`.

    Returns
    -------
    DataFrame
        One row a deadline, county and quarter of listing: ``deadline``, ``prefecture_code``,
        ``county_code``, ``quarter`` (as in ``2022Q1``), ``listed_count`` and a count for each
        state (``in_time_count``, ``late_count``, ...), which sum up to it.
    """
    rows = judged.assign(quarter=judged["listed_date"].dt.to_period("Q").astype(str))
    for state in STATES:
        rows[f"{state}_count"] = rows["state"] == state
    counts = [f"{state}_count" for state in STATES]
    found = rows.groupby(_BY, as_index=False)[counts].sum()
    found[counts] = found[counts].astype("int64")
    found.insert(len(_BY), "listed_count", found[counts].sum(axis=1))
    return found.sort_values(_BY, ignore_index=True)


def list_breaches(judged: pd.DataFrame) -> pd.DataFrame:
    """List what was done late or is still not done after its last day.

    Returns
    -------
    DataFrame
        The rows of `judged` in question, the longest overdue first, with ``days_over``: days
        after the last day until it was done, the household left or the month ended.
    """
    rows = judged[judged["state"].isin(BREACHES)]
    rows = rows.assign(days_over=rows["days"] - rows["due_days"])
    order = ["days_over", "household_id"]
    return rows.sort_values(order, ascending=[False, True], ignore_index=True)


def count_synced(listings: pd.DataFrame, terms: DeadlineTerms, month: str) -> pd.DataFrame:
    """Count the listings of each quarter that the health department took over within a week.

    Parameters
    ----------
    listings : DataFrame
        As :func:`healthmon.deadlines.listings.list_listings`.
    terms : DeadlineTerms
    month : str
        Its end decides for which listings the week is over.

    Returns
    -------
    DataFrame
        ``quarter``, ``due_count`` (listings whose week is over; those of which nothing can be
        known are left out) and ``synced_count``.

    References
    ----------
    KF-2, weekly sync: what the data shows of it (inferred).
    """
    end = pd.Period(month, freq="M").end_time.normalize()
    limit = listings["listed_date"] + pd.Timedelta(days=terms.sync.days)
    rows = listings[(limit <= end) & listings["is_recorded"].notna()]
    quarter = rows["listed_date"].dt.to_period("Q").astype(str)
    is_synced = rows["first_recorded_date"] <= limit[rows.index]
    return is_synced.groupby(quarter.rename("quarter")).agg(
        due_count="size", synced_count="sum"
    ).reset_index()  # fmt: skip
