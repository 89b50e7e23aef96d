"""Where registered poor persons were treated: the counts behind C4 and T5."""

from datetime import datetime
from typing import Literal

import narwhals as nw
import pandas as pd

from healthmon.project import Project
from healthmon.registers import last_homes
from healthmon.rules.inputs import load_inputs
from healthmon.tables import scan_table

_COUNTS = {
    "county": {"known_county_count": "visit_count", "in_county_count": "in_county_visit_count"},
    "township": {"known_level_count": "visit_count", "grassroots_count": "grassroots_visit_count"},
}


def count_visits(project: Project, month: str) -> pd.DataFrame:
    """Count the visits of registered poor persons in the last full year before `month`.

    A visit is one settlement, by the year of its settlement day, as delivered up to `month`.

    Returns
    -------
    DataFrame
        One row a township of residence: ``county_code``, ``township_code``,
        ``known_county_count`` (visits whose facility has a known county), ``in_county_count``,
        ``known_level_count`` (whose facility has a known level), ``grassroots_count``.

    References
    ----------
    QH-1, components C4 and T5; the year rolls on (reading).
    """
    inputs = load_inputs(project.params)
    kinds = inputs["visit_count"].household_kinds
    residents = last_homes(project, month).filter(nw.col("household_kind").is_in(kinds))
    residents = residents.select("person_id", "county_code", "township_code")
    settlements = scan_table(project, "settlements", month)
    levels = inputs["grassroots_visit_count"].facility_levels
    return count_by_township(settlements, residents, int(month[:4]) - 1, levels)


def count_by_township(
    settlements: nw.LazyFrame, residents: nw.LazyFrame, year: int, levels: tuple[str, ...]
) -> pd.DataFrame:
    """Count visits of residents by township; see :func:`count_visits`."""
    county, level = nw.col("facility_county_code"), nw.col("facility_level")
    day = nw.col("settled_date")
    counted = {
        "known_county_count": ~county.is_null(),
        "in_county_count": county == nw.col("county_code"),
        "known_level_count": ~level.is_null(),
        "grassroots_count": level.is_in(levels),
    }
    return (
        # by days and not by dt.year(): files without the year are then not read at all
        settlements.filter(day >= datetime(year, 1, 1), day <= datetime(year, 12, 31))
        .join(residents, on="person_id", how="inner")
        .with_columns(
            nw.when(holds).then(1).otherwise(0).alias(name) for name, holds in counted.items()
        )
        .group_by("county_code", "township_code")
        .agg(nw.col(name).sum() for name in counted)
        .with_columns(nw.col(*counted).cast(nw.Int64))
        .sort("township_code")
        .collect("pandas")
        .to_native()
    )


def visits_by_unit(visits: pd.DataFrame, kind: Literal["county", "township"]) -> pd.DataFrame:
    """Add visits up by county (C4) or township (T5).

    Visits whose facility has no known county (C4) or level (T5) are in neither count; where none
    is left nothing is known.

    Parameters
    ----------
    visits : DataFrame
        As :func:`count_visits`.

    Returns
    -------
    DataFrame
        ``county_code`` with ``visit_count`` and ``in_county_visit_count``, or ``township_code``
        with ``visit_count`` and ``grassroots_visit_count``.
    """
    names = _COUNTS[kind]
    sums = visits.groupby(f"{kind}_code", as_index=False)[list(names)].sum().rename(columns=names)
    known = sums[sums["visit_count"] > 0].reset_index(drop=True)
    return known.astype(dict.fromkeys(names.values(), "Int64"))
