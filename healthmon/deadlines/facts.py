"""Deadlines that fell due in each month, as rows that indicators count."""

import narwhals as nw
import pyarrow as pa

from healthmon.deadlines.judge import judge_listings
from healthmon.deadlines.listings import list_listings
from healthmon.deadlines.terms import load_deadline_terms
from healthmon.indicators.span import Span
from healthmon.tables import hold_frame

_IS_IN_TIME = {"in_time": True, "late": False, "overdue": False}
_COLUMNS = {
    "household_id": pa.int64(), "kind": pa.string(), "deadline": pa.string(),
    "month": pa.string(), "place_code": pa.string(), "is_in_time": pa.bool_(),
}  # fmt: skip


def deadlines(span: Span) -> nw.LazyFrame:
    """Return what fell due in the months for newly listed households.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        One row a listing and deadline whose last day lies in a month of the span:
        ``household_id``, ``kind``, ``deadline`` (verified, measures), ``month`` (of the last
        day), ``place_code`` (village on the day of listing), ``is_in_time`` (null where it is
        undetermined, or due on the span's last day and not done). What households that left no
        longer owed has no row.

    References
    ----------
    KF-2.
    """
    terms = load_deadline_terms(span.project.params)
    judged = judge_listings(list_listings(span.project, span.month), terms, span.month)
    months = judged["due_date"].dt.to_period("M").astype(str)
    is_due = months.isin(span.periods.astype(str)) & (judged["state"] != "left")
    rows = judged[is_due].assign(
        month=months,
        place_code=judged["village_code"],
        is_in_time=judged["state"].map(_IS_IN_TIME).astype("boolean"),
    )
    return hold_frame(rows, _COLUMNS)
