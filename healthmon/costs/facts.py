"""Stays in hospital as rows that indicators count."""

import narwhals as nw
import pyarrow as pa

from healthmon.costs.stays import inpatient_stays
from healthmon.indicators.people import GROUPS
from healthmon.indicators.span import MONTHS, Span
from healthmon.tables import hold_frame

_COLUMNS = {
    "settlement_no": pa.string(), "month": pa.string(), "place_code": pa.string(),
    "facility_level": pa.string(), "is_registered_poor": pa.bool_(), "is_in_county": pa.bool_(),
    "is_referred": pa.bool_(), "is_capped": pa.bool_(), "is_over_cap": pa.bool_(),
}  # fmt: skip


def stays(span: Span) -> nw.LazyFrame:
    """Return the stays settled in the months, at most the last twelve.

    Parameters
    ----------
    span : Span

    Returns
    -------
    narwhals.LazyFrame
        ``settlement_no``, ``month`` (of the settlement day), ``place_code`` (where the patient
        lives), ``facility_level``, ``is_registered_poor`` (by the household last known),
        ``is_in_county``, ``is_referred``, ``is_capped``, ``is_over_cap`` as of
        :func:`healthmon.costs.stays.inpatient_stays`.

    References
    ----------
    GZ 三·（三）·1; KF-3, KF-6.
    """
    found = inpatient_stays(span.project, span.month, span.all_spells)
    months = span.periods[-MONTHS:].astype(str)
    rows = found[found["settled_month"].isin(months)]
    rows = rows.assign(
        month=rows["settled_month"],
        place_code=rows["village_code"].combine_first(rows["county_code"]),
        is_registered_poor=rows["household_kind"].isin(GROUPS["is_registered_poor"]),
    )
    return hold_frame(rows, _COLUMNS)
