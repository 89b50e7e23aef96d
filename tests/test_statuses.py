"""Spells of the groups that the documents speak of."""

from datetime import date
from pathlib import Path

import pandas as pd

from healthmon.statuses import status_spells
from healthmon.tables import collect_frame

from clean_tables import COUNTIES, deliver, household, make_project, person

VILLAGE = COUNTIES[1] + "100201"


def spells(root: Path, until: str = "2022-06", **tables: list[dict]) -> list[tuple]:
    """Return (person, status, from, to, county) of rows delivered in January 2022."""
    project = make_project(root)
    for table in ("registered_households", "registered_persons", "social_assistance"):
        deliver(project, table, "2022-01", tables.get(table, []))
    frame = collect_frame(status_spells(project, until))
    frame = frame.sort_values(["person_id", "from_date"])
    return [
        (
            row.person_id,
            row.status,
            row.from_date.date(),
            None if pd.isna(row.to_date) else row.to_date.date(),
            row.county_code,
        )
        for row in frame.itertuples()
    ]


def test_kind_of_household_changes_within_the_stay(tmp_path: Path) -> None:
    homes = [
        household(1),
        household(1, household_kind="unstable", change="updated", change_date=date(2021, 5, 10)),
    ]
    people = [
        person(11, 1),
        person(12, 1, change="born", change_date=date(2021, 6, 1)),
        person(13, 1),
        person(13, 1, change="died", change_date=date(2021, 3, 3)),
    ]
    found = spells(tmp_path, registered_households=homes, registered_persons=people)
    county = COUNTIES[1]
    assert found == [
        (11, "lifted", date(2019, 1, 1), date(2021, 5, 10), county),
        (11, "unstable", date(2021, 5, 10), None, county),
        (12, "unstable", date(2021, 6, 1), None, county),
        (13, "lifted", date(2019, 1, 1), date(2021, 3, 3), county),
    ]


def test_a_removed_household_ends_with_its_removal(tmp_path: Path) -> None:
    homes = [
        household(1, household_kind="marginal"),
        household(1, household_kind="marginal", change="removed", change_date=date(2021, 7, 1)),
    ]
    found = spells(tmp_path, registered_households=homes, registered_persons=[person(11, 1)])
    assert [(status, end) for _, status, _, end, _ in found] == [("marginal", date(2021, 7, 1))]


def test_of_two_changes_on_a_day_the_later_row_counts(tmp_path: Path) -> None:
    homes = [
        household(1, change_date=date(2021, 7, 1), household_kind=kind)
        for kind in ("marginal", "sudden_difficulty")
    ]
    found = spells(tmp_path, registered_households=homes, registered_persons=[person(11, 1)])
    assert [status for _, status, *_ in found] == ["sudden_difficulty"]


def test_assistance_is_stopped_and_granted_again(tmp_path: Path) -> None:
    def granted(change: str, day: date, kind: str = "rural_allowance") -> dict:
        file = f"2022-01/民政/社会救助_{COUNTIES[2]}_2022-01.xlsx"
        return {"person_id": 21, "kind": kind, "change": change, "change_date": day,
                "source_file": file}  # fmt: skip

    rows = [
        granted("existing", date(2019, 1, 1)),
        granted("stopped", date(2020, 2, 1)),
        granted("added", date(2021, 2, 1)),
        granted("added", date(2021, 8, 1), "extreme_poverty_support"),
    ]
    # without a village, the county is that of the file
    assert spells(tmp_path, social_assistance=rows) == [
        (21, "subsistence_allowance", date(2019, 1, 1), date(2020, 2, 1), COUNTIES[2]),
        (21, "subsistence_allowance", date(2021, 2, 1), None, COUNTIES[2]),
        (21, "extreme_poverty_support", date(2021, 8, 1), None, COUNTIES[2]),
    ]


def test_assistance_ends_with_a_death_that_the_register_knows(tmp_path: Path) -> None:
    people = [person(11, 1), person(11, 1, change="died", change_date=date(2021, 3, 3))]
    helped = {
        "person_id": 11, "kind": "rural_allowance", "change": "existing",
        "change_date": date(2019, 1, 1), "village_code": VILLAGE,
    }  # fmt: skip
    found = spells(
        tmp_path, registered_households=[household(1)], registered_persons=people,
        social_assistance=[helped],
    )  # fmt: skip
    assert {(status, end) for _, status, _, end, _ in found} == {
        ("lifted", date(2021, 3, 3)), ("subsistence_allowance", date(2021, 3, 3)),
    }  # fmt: skip


def test_what_comes_later_is_not_seen(tmp_path: Path) -> None:
    homes, people = [household(1)], [person(11, 1)]
    tables = {"registered_households": homes, "registered_persons": people}
    assert spells(tmp_path, until="2021-12", **tables) == []
