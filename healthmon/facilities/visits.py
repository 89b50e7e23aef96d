"""Where registered poor persons were treated: the counts behind C4 and T5."""

from typing import Literal

import narwhals as nw
import pandas as pd

from healthmon.project import Project
from healthmon.registers import memberships_located
from healthmon.rules.inputs import load_inputs
from healthmon.tables import scan_table


def count_visits(
    project: Project, month: str, place: Literal["county_code", "township_code"]
) -> pd.DataFrame:
    """Count the visits of registered poor persons in the last full year before `month`.

    A visit is one settlement, by the year of its settlement day, as delivered up to `month`.
    Visits whose facility has no known county (for C4) or level (for T5) are in neither count.

    Parameters
    ----------
    place : str
        Column of the place of residence to count by.

    Returns
    -------
    DataFrame
        The place, ``visit_count`` and ``in_county_visit_count`` by county or
        ``grassroots_visit_count`` by township.

    References
    ----------
    QH-1, components C4 and T5; the year rolls on (reading).
    """
    inputs = load_inputs(project.params)
    kinds = inputs["visit_count"].household_kinds
    residents = memberships_located(project, month).filter(nw.col("household_kind").is_in(kinds))
    codes = list(dict.fromkeys(["person_id", "county_code", place]))
    settlements = scan_table(project, "settlements", month)
    year = int(month[:4]) - 1
    levels = inputs["grassroots_visit_count"].facility_levels
    return count_by_place(settlements, residents.select(codes), year, place, levels)


def count_by_place(
    settlements: nw.LazyFrame,
    residents: nw.LazyFrame,
    year: int,
    place: str,
    levels: tuple[str, ...],
) -> pd.DataFrame:
    """Count visits of residents by place; in county by county, at `levels` by township."""
    if place == "county_code":
        known, name = nw.col("facility_county_code"), "in_county_visit_count"
        counted = nw.col("facility_county_code") == nw.col("county_code")
    else:
        known, name = nw.col("facility_level"), "grassroots_visit_count"
        counted = nw.col("facility_level").is_in(levels)
    return (
        settlements.filter(nw.col("settled_date").dt.year() == year, ~known.is_null())
        .join(residents, on="person_id", how="inner")
        .with_columns(nw.when(counted).then(1).otherwise(0).alias("counted"), one=nw.lit(1))
        .group_by(place)
        .agg(nw.col("one").sum().alias("visit_count"), nw.col("counted").sum().alias(name))
        .with_columns(nw.col("visit_count", name).cast(nw.Int64))
        .sort(place)
        .collect("pandas")
        .to_native()
    )
