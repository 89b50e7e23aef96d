"""Settlements of registered persons: where they were treated, what insurance paid."""

import narwhals as nw

from healthmon.indicators.people import GROUPS
from healthmon.indicators.span import Span, month_number
from healthmon.registers import last_homes
from healthmon.rules.inputs import load_inputs

_PAID = ("basic_paid_fen", "major_illness_paid_fen", "assistance_paid_fen")


def visits(span: Span) -> nw.LazyFrame:
    """Return the settlements of the months, as C4 and T5 count them.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``from_month`` (of the settlement day) and ``to_month``, the one after; ``place_code``
        (village of the household last known), ``is_registered_poor`` and ``is_monitored`` (by its
        kind), ``visit_type``, ``has_known_county``, ``has_known_level``, ``is_in_county``,
        ``is_grassroots`` (null where the facility's
        county or level is not stated), ``paid_fen`` (by the three layers), ``in_scope_fen``.

    References
    ----------
    QH-1 (C4, T5), QH-4, JL-4.
    """
    inputs = load_inputs(span.project.params)
    kinds = inputs["visit_count"].household_kinds
    levels = inputs["grassroots_visit_count"].facility_levels
    kind = nw.col("household_kind")
    residents = last_homes(span.project, span.month).select(
        "person_id", "county_code",
        place_code=nw.col("village_code"),
        is_registered_poor=kind.is_in(kinds),
        is_monitored=kind.is_in(GROUPS["is_monitored"]),
    )  # fmt: skip
    day, number = nw.col("settled_date"), month_number("settled_date")
    # by days, so that files without them are not read at all
    first, last = span.periods[0].start_time, span.periods[-1].end_time
    rows = span.scan("settlements").filter(
        day >= first.to_pydatetime(), day <= last.normalize().to_pydatetime()
    )
    level, paid = nw.col("facility_level"), nw.sum_horizontal(*_PAID)
    return rows.join(residents, on="person_id", how="inner").select(
        "place_code", "is_registered_poor", "is_monitored", "visit_type",
        from_month=number,
        to_month=number + 1,
        has_known_county=~nw.col("facility_county_code").is_null(),
        has_known_level=~level.is_null(),
        is_in_county=nw.col("facility_county_code") == nw.col("county_code"),
        is_grassroots=nw.when(~level.is_null()).then(level.is_in(levels)),
        paid_fen=paid,
        in_scope_fen=nw.col("total_fen") - nw.col("out_of_scope_fen"),
    )  # fmt: skip
