"""Whether what is owed to newly listed households was done in time."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from healthmon.deadlines.terms import DeadlineTerms
from healthmon.registers import last_day

STATES = ("in_time", "late", "overdue", "waiting", "left", "undetermined")
"""`overdue`: not done, and the last day lies before the month's; `waiting`: not done, and the last
day may still be kept; `left`: the household left the three kinds while nothing was overdue yet."""
BREACHES = ("late", "overdue")
PLACES = ("village_code", "township_code", "county_code", "prefecture_code")


def judge_listings(
    listings: pd.DataFrame,
    terms: DeadlineTerms,
    month: str,
    readings: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Judge every deadline of every listing as known at the end of a month.

    Parameters
    ----------
    listings : DataFrame
        As :func:`healthmon.deadlines.listings.list_listings`.
    terms : DeadlineTerms
    month : str
        Month of the report, as in ``2022-06``.
    readings : mapping, optional
        Deadline to another reading of how long there is.

    Returns
    -------
    DataFrame
        One row a listing and deadline: ``deadline``, ``household_id``, ``kind``, codes of places,
        ``listed_date``, ``left_date``, ``due_date`` (the last day in time), ``done_date`` (null
        when not done or not known), ``state`` (one of :data:`STATES`), ``is_done`` (while the
        household was listed), ``days`` from listing until done, or else until it left or the
        month ended, and ``due_days`` from listing to the last day in time.

    Raises
    ------
    UserError
        When the month is none or a deadline has no such reading.

    References
    ----------
    KF-2; what counts is in ``params/deadlines.yml``.
    """
    end = pd.Timestamp(last_day(month))
    judged = []
    for name, deadline in terms.deadlines.items():
        rows = listings[["household_id", "kind", *PLACES, "listed_date", "left_date"]].copy()
        within = deadline.within_by((readings or {}).get(name))
        due = rows["due_date"] = within.due(rows["listed_date"])
        done = rows["done_date"] = listings[deadline.column]
        is_known = listings["is_recorded"].notna() & ~listings[f"is_{deadline.column}_strange"]
        rows["state"] = np.select(
            [~is_known, done <= due, rows["left_date"] <= due, done.notna(), due < end],
            ["undetermined", "in_time", "left", "late", "overdue"],
            "waiting",
        )
        until = rows["left_date"].fillna(end)
        rows["is_done"] = is_known & (done <= until)
        rows["days"] = (done.where(rows["is_done"], until) - rows["listed_date"]).dt.days
        rows["due_days"] = (due - rows["listed_date"]).dt.days
        judged.append(rows.assign(deadline=name))
    return pd.concat(judged, ignore_index=True)
