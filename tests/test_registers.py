"""The poverty register, replayed from its changes."""

import datetime
from pathlib import Path

import pandas as pd
import pytest

from healthmon.intake import take_in
from healthmon.intake.identity import DEMONSTRATION_KEY, Pseudonyms
from healthmon.registers import (
    count_register,
    current_households,
    households,
    last_homes,
    memberships,
)

from small_exports import OTHER_VILLAGE, VILLAGE, SmallExports, household, identity, person

LAST = "2019-03"
IDS = Pseudonyms(DEMONSTRATION_KEY, simulated=True)


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def members(exports: SmallExports, until: str = LAST) -> pd.DataFrame:
    take_in(exports.project, LAST)
    return memberships(exports.project, until).collect("pandas").to_native()


def homes(exports: SmallExports, until: str = LAST) -> pd.DataFrame:
    take_in(exports.project, LAST)
    return current_households(exports.project, until).collect("pandas").to_native()


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# what was delivered (month, change, day), then: joined, left, why
LIVES = [
    ("is there from the start", [("01", "存量", "2019-01-01")], "2019-01-01", None, None),
    ("is born", [("02", "出生", "2019-02-10")], "2019-02-10", None, None),
    (
        "dies",
        [("01", "存量", "2019-01-01"), ("02", "死亡", "2019-02-11")],
        "2019-01-01", "2019-02-11", "died",
    ),
    (
        "moves out and comes back",
        [("01", "存量", "2019-01-01"), ("02", "迁出", "2019-02-11"), ("03", "新增", "2019-03-02")],
        "2019-01-01", None, None,
    ),
    (
        "moves out, told late, after having come back",
        [("01", "存量", "2019-01-01"), ("02", "新增", "2019-02-20"), ("03", "迁出", "2019-02-11")],
        "2019-01-01", None, None,
    ),
    (
        "comes and leaves on one day, told in that order",
        [("02", "新增", "2019-02-11"), ("03", "迁出", "2019-02-11")],
        "2019-02-11", "2019-02-11", "moved_out",
    ),
    (
        "is updated after death, which does not revive",
        [("01", "存量", "2019-01-01"), ("02", "死亡", "2019-02-11"), ("03", "变更", "2019-03-01")],
        "2019-01-01", "2019-02-11", "died",
    ),
    ("is known from an update only", [("02", "变更", "2019-02-05")], "2019-02-05", None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "joined", "left", "why"), [c[1:] for c in LIVES], ids=[c[0] for c in LIVES]
)
def test_a_person_who(exports: SmallExports, told: list, joined: str, left: str, why: str) -> None:
    for month, change, date in told:
        exports.persons(f"2019-{month}", person(change=change, date=date))
    found = members(exports)
    assert len(found) == 1
    row = found.iloc[0]
    assert row["joined_date"].date() == day(joined)
    assert (None if pd.isna(row["left_date"]) else row["left_date"].date()) == (left and day(left))
    assert (None if pd.isna(row["left_reason"]) else row["left_reason"]) == why


def test_an_update_replaces_what_is_known_of_a_person(exports: SmallExports) -> None:
    exports.persons("2019-01", person())
    exports.persons("2019-02", person(education="初中", change="变更", date="2019-02-03"))
    row = members(exports).iloc[0]
    assert row["person_id"] == IDS.person_id(identity())
    assert (row["education"], row["sex"], row["relation"]) == ("junior_secondary", "female", "head")
    assert row["joined_date"].date() == day("2019-01-01")


MOVES = {
    "joins another household without having left": [("新增", "2019-02-03")],
    "is entered in another household by an update": [("变更", "2019-02-03")],
    "joins another, and dies there": [("新增", "2019-02-03"), ("死亡", "2019-02-20")],
}


@pytest.mark.parametrize("rows", MOVES.values(), ids=MOVES.keys())
def test_who_changes_household_keeps_both_stays(
    exports: SmallExports, rows: list[tuple[str, str]]
) -> None:
    exports.persons("2019-01", person())
    exports.persons("2019-02", *(person(home="H2", change=c, date=d) for c, d in rows))
    stays = members(exports).set_index("household_id")
    first, second = (stays.loc[IDS.household_id(home)] for home in ("H1", "H2"))
    assert first["joined_date"].date() == day("2019-01-01")
    assert first["left_date"].date() == second["joined_date"].date() == day("2019-02-03")
    assert first["left_reason"] == "moved_household"
    assert (first["is_latest"], second["is_latest"]) == (False, True)
    died = len(rows) == 2
    assert (second["left_reason"] == "died") if died else pd.isna(second["left_date"])


def test_the_place_of_a_person_is_that_of_the_last_household(exports: SmallExports) -> None:
    exports.households("2019-01", household("H1"), household("H2", village=OTHER_VILLAGE))
    exports.persons("2019-01", person())
    exports.persons("2019-02", person(home="H2", change="新增", date="2019-02-03"))
    take_in(exports.project, LAST)
    located = last_homes(exports.project, LAST).collect("pandas").to_native()
    assert located["village_code"].tolist() == [OTHER_VILLAGE]
    before = last_homes(exports.project, "2019-01").collect("pandas").to_native()
    assert before["village_code"].tolist() == [VILLAGE]


def test_a_row_that_tells_of_a_death_says_nothing_else(exports: SmallExports) -> None:
    exports.persons("2019-01", person())
    exports.persons("2019-02", person(education="", change="死亡", date="2019-02-03"))
    assert members(exports).iloc[0]["education"] == "primary"


def test_the_later_row_of_one_file_counts_on_the_same_day(exports: SmallExports) -> None:
    exports.persons(
        "2019-01",
        person(change="变更", date="2019-01-05", education="初中"),
        person(change="新增", date="2019-01-05", education="高中"),
    )
    assert members(exports).iloc[0]["education"] == "senior_secondary"


def test_what_is_delivered_later_is_not_seen_before(exports: SmallExports) -> None:
    exports.persons("2019-01", person())
    exports.persons("2019-03", person(change="死亡", date="2019-01-20"))
    assert members(exports, "2019-02")["left_date"].isna().all()
    assert members(exports, "2019-03")["left_date"].notna().all()


def test_a_household_has_the_places_of_its_village(exports: SmallExports) -> None:
    exports.households("2019-01", household())
    assert homes(exports).iloc[0].to_dict() == {
        "household_id": IDS.household_id("H1"),
        "village_code": VILLAGE,
        "township_code": "630121100",
        "county_code": "630121",
        "prefecture_code": "630100",
        "household_kind": "lifted",
        "main_cause": "illness",
    }


def test_households_change_and_leave_the_register(exports: SmallExports) -> None:
    exports.households("2019-01", household("H1"), household("H2"), household("H3"))
    exports.households(
        "2019-02",
        household(
            "H1", change="变更", date="2019-02-01", kind="脱贫不稳定户", village=OTHER_VILLAGE
        ),
        household("H2", change="注销", date="2019-02-02"),
        household("H3", change="注销", date="2019-02-02"),
    )
    exports.households("2019-03", household("H3", change="新增", date="2019-03-02"))
    assert len(homes(exports, "2019-01")) == 3
    now = homes(exports).set_index("household_id")
    assert set(now.index) == {IDS.household_id("H1"), IDS.household_id("H3")}
    first = now.loc[IDS.household_id("H1")]
    assert (first["household_kind"], first["prefecture_code"]) == ("unstable", "632800")
    every = households(exports.project, LAST).collect("pandas").to_native()
    removed = every.set_index("household_id")["is_removed"]
    assert removed[IDS.household_id("H2")] and not removed[IDS.household_id("H3")]


def test_members_know_where_their_household_is_even_when_it_was_removed(
    exports: SmallExports,
) -> None:
    exports.households("2019-01", household("H1"))
    exports.households("2019-02", household("H1", change="注销", date="2019-02-02"))
    exports.persons("2019-01", person(), person(identity(serial=2), home="H9"))
    take_in(exports.project, LAST)
    found = last_homes(exports.project, LAST).collect("pandas").to_native()
    assert found[["person_id", "township_code", "is_removed"]].values.tolist() == [
        [IDS.person_id(identity()), "630121100", True]
    ]


def test_the_register_is_counted_on_the_last_day_of_the_month(exports: SmallExports) -> None:
    exports.households("2019-01", household("H1"), household("H2"), household("H3", OTHER_VILLAGE))
    exports.households("2019-02", household("H3", OTHER_VILLAGE, change="注销", date="2019-02-02"))
    exports.persons("2019-01", *(person(identity(serial=n)) for n in (1, 2, 3)))
    exports.persons(
        "2019-02",
        person(identity(serial=1), change="死亡", date="2019-02-28"),
        person(identity(serial=2), change="死亡", date="2019-03-01"),
        person(identity(serial=4), change="新增", date="2019-03-01"),
    )
    take_in(exports.project, LAST)
    expected = pd.DataFrame(
        [["630121", "630100", "lifted", 2, 2]],
        columns=["county_code", "prefecture_code", "household_kind", "household_count",
                 "person_count"],
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        count_register(exports.project, "2019-02"), expected, check_dtype=False
    )


def test_an_empty_register_is_empty(exports: SmallExports) -> None:
    exports.persons("2019-01")
    assert members(exports).empty
    assert homes(exports).empty
    assert count_register(exports.project, LAST).empty
