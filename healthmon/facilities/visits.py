"""Where registered poor persons were treated: the counts behind C4 and T5."""

import narwhals as nw
import pandas as pd

from healthmon.project import Project
from healthmon.registers import memberships_located
from healthmon.tables import scan_table

GRASSROOTS_LEVELS = ("unrated", "level_1")
"""未评级医院和一级医院: what QH-1 (2)⑤ counts as township and village level."""


def count_visits(project: Project, month: str, place: str) -> pd.DataFrame:
    """Count the visits of registered poor persons in the last full year before `month`.

    A visit is one settlement, by the year of its settlement day, as delivered up to `month`.
    Visits whose facility has no known county (for C4) or level (for T5) are in neither count.

    Parameters
    ----------
    place : {"county_code", "township_code"}
        Place of residence to count by.

    Returns
    -------
    DataFrame
        The place, ``visit_count`` and ``in_county_visit_count`` by county or
        ``grassroots_visit_count`` by township.

    References
    ----------
    QH-1, components C4 and T5; the year rolls on (reading).
    """
    year = int(month[:4]) - 1
    residents = memberships_located(project, month).select("person_id", "county_code", place)
    return _by_place(scan_table(project, "settlements", month), residents, year, place)


def _by_place(
    settlements: nw.LazyFrame, residents: nw.LazyFrame, year: int, place: str
) -> pd.DataFrame:
    if place == "county_code":
        known, name = nw.col("facility_county_code"), "in_county_visit_count"
        counted = nw.col("facility_county_code") == nw.col("county_code")
    else:
        known, name = nw.col("facility_level"), "grassroots_visit_count"
        counted = nw.col("facility_level").is_in(GRASSROOTS_LEVELS)
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
