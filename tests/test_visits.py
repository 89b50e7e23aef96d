"""Where poor persons were treated, counted by hand on a small table."""

from datetime import date

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from healthmon.facilities.visits import count_by_township, visits_by_unit

RESIDENTS = pd.DataFrame(
    {
        "person_id": [1, 2, 3],
        "county_code": ["630121", "630121", "630123"],
        "township_code": ["630121100", "630121101", "630123100"],
    }
)
ROWS = [
    # person, facility's county, level, settled
    (1, "630121", "level_1", date(2021, 1, 1)),
    (1, "630121", "level_2", date(2021, 12, 31)),
    (1, "630102", "level_3", date(2021, 6, 1)),
    (1, "630121", "unrated", date(2022, 1, 1)),  # the year after
    (1, "630121", "unrated", date(2020, 12, 31)),  # the year before
    (2, None, "unrated", date(2021, 6, 1)),  # county not known
    (2, "630121", None, date(2021, 6, 1)),  # level not known
    (3, "630121", "level_1", date(2021, 6, 1)),  # treated in the neighbour's county
    (9, "630121", "level_1", date(2021, 6, 1)),  # not on the register
]
SETTLEMENTS = pd.DataFrame(
    ROWS, columns=["person_id", "facility_county_code", "facility_level", "settled_date"]
).astype({"settled_date": "datetime64[us]"})


def frames(engine: str) -> list[nw.LazyFrame]:
    tables = (SETTLEMENTS, RESIDENTS)
    if engine == "pandas":
        return [nw.from_native(table).lazy() for table in tables]
    return [nw.from_native(duckdb.from_df(table)) for table in tables]


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("county_code", {"630121": (4, 3), "630123": (1, 0)}),
        ("township_code", {"630121100": (3, 1), "630121101": (1, 1), "630123100": (1, 1)}),
    ],
)
def test_visits_are_counted_by_place_of_residence(
    engine: str, place: str, expected: dict[str, tuple[int, int]]
) -> None:
    visits = count_by_township(*frames(engine), 2021, ("unrated", "level_1"))
    counted = visits_by_unit(visits, place.removesuffix("_code"))
    name = "in_county_visit_count" if place == "county_code" else "grassroots_visit_count"
    got = {row[place]: (row["visit_count"], row[name]) for row in counted.to_dict("records")}
    assert got == expected
