"""Spot checks of the households' telephone numbers."""

import narwhals as nw

from healthmon.indicators.people import GROUPS
from healthmon.indicators.span import Span
from healthmon.registers import households

_OPEN = "no_answer"
"""Nobody answered: the number may be right or wrong."""


def telephone_checks(span: Span) -> nw.LazyFrame:
    """Return every check of the months.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``household_id``, ``team_code``, ``check_date``, ``month``, ``place_code`` (village of the
        household), ``is_registered_poor`` (by its kind), ``is_valid`` (null where nobody answered
        or no result is stated).

    References
    ----------
    GZ-10.
    """
    day, result = nw.col("check_date"), nw.col("result")
    rows = span.scan("telephone_checks").select("household_id", "team_code", "check_date", "result")
    homes = households(span.project, span.month).select(
        "household_id",
        place_code="village_code",
        is_registered_poor=nw.col("household_kind").is_in(GROUPS["is_registered_poor"]),
    )
    months = span.months.select("month", "first_day", "last_day")
    return (
        rows.join(months, how="cross")
        .filter(day >= nw.col("first_day"), day <= nw.col("last_day"))
        .join(homes, on="household_id", how="inner")
        .with_columns(is_valid=nw.when(result != _OPEN).then(result == "valid"))
        .select(
            "household_id",
            "team_code",
            "check_date",
            "month",
            "place_code",
            "is_registered_poor",
            "is_valid",
        )
    )
