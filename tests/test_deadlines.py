"""Newly listed households (KF-2): who is one, and whether it was verified and helped in time."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from healthmon.deadlines.breaches import (
    count_by_quarter,
    count_synced,
    last_full_quarter,
    list_breaches,
)
from healthmon.deadlines.judge import judge_listings
from healthmon.deadlines.listings import count_left_out, list_listings
from healthmon.deadlines.terms import Within, load_deadline_terms
from healthmon.errors import UserError
from healthmon.indicators.engine import measure_indicators
from healthmon.project import Project, open_project

from clean_tables import deliver, household, make_project

TERMS = load_deadline_terms(open_project().params)
LISTED = date(2022, 1, 31)


def added(household_id: int, day: date, kind: str = "marginal", change: str = "added") -> dict:
    return household(household_id, household_kind=kind, change=change, change_date=day)


def updated(household_id: int, day: date, kind: str) -> dict:
    return added(household_id, day, kind, change="updated")


def record(household_id: int, listed: date, change: date | None = None, **days: date) -> dict:
    return {
        "household_id": household_id, "listed_date": listed, "change_date": change or listed,
    } | days  # fmt: skip


def listings_of(tmp_path: Path, rows: list, records: list | None, month: str = "2022-03"):
    project = make_project(tmp_path)
    deliver(project, "registered_households", "2022-01", rows)
    if records is not None:
        deliver(project, "monitored_households", "2022-03", records)
    return list_listings(project, month)


def judge_one(
    tmp_path: Path, *, listed: date = LISTED, left: date | None = None, month: str = "2022-03",
    recorded: bool = True, readings: dict | None = None, **days: date,
) -> dict[str, str]:  # fmt: skip
    """The state of each deadline of a single listing."""
    rows = [added(1, listed)]
    if left:
        rows.append(added(1, left, change="removed"))
    records = ([record(1, listed, **days)] if days else []) if recorded else None
    judged = judge_listings(listings_of(tmp_path, rows, records, month), TERMS, month, readings)
    return dict(zip(judged["deadline"], judged["state"], strict=True))


@pytest.mark.parametrize(
    ("days", "left", "verified", "measures"),
    [
        ({"verified_date": date(2022, 2, 7)}, None, "in_time", "overdue"),
        ({"verified_date": date(2022, 2, 8)}, None, "late", "overdue"),
        ({"verified_date": LISTED}, None, "in_time", "overdue"),
        ({"measures_date": date(2022, 2, 28)}, None, "overdue", "in_time"),
        ({"measures_date": date(2022, 3, 1)}, None, "overdue", "late"),
        ({}, date(2022, 2, 6), "left", "left"),
        ({}, date(2022, 2, 8), "overdue", "left"),
        ({"verified_date": date(2022, 2, 5)}, date(2022, 2, 6), "in_time", "left"),
        # an impossible day tells nothing about when it was done
        ({"verified_date": date(2022, 1, 30)}, None, "undetermined", "overdue"),
        ({"measures_date": date(2022, 4, 1)}, None, "overdue", "undetermined"),
    ],
    ids=[
        "day 7 is in time", "day 8 is late", "verified on the day of listing",
        "a month from 31 January ends on 28 February", "1 March is late",
        "removed before anything is due", "removed when verification was overdue",
        "verified before it was removed", "verified before the listing", "after the month's end",
    ],
)  # fmt: skip
def test_a_deadline(tmp_path, days, left, verified, measures) -> None:
    found = judge_one(tmp_path, left=left, **days)
    assert found == {"verified": verified, "measures": measures}


def test_what_is_not_due_yet_is_waited_for(tmp_path) -> None:
    # listed on 23 March: day 7 is the 30th, over on the 31st; the measures have until April
    found = judge_one(tmp_path, listed=date(2022, 3, 23))
    assert found == {"verified": "overdue", "measures": "waiting"}


def test_what_is_due_on_the_months_last_day_is_not_overdue_yet(tmp_path) -> None:
    assert set(judge_one(tmp_path, listed=date(2022, 3, 24)).values()) == {"waiting"}


def test_without_any_record_by_the_month_nobody_is_late(tmp_path) -> None:
    assert set(judge_one(tmp_path, recorded=False).values()) == {"undetermined"}


def test_records_that_come_later_are_not_seen(tmp_path) -> None:
    found = judge_one(tmp_path, month="2022-02", verified_date=date(2022, 2, 1))
    assert set(found.values()) == {"undetermined"}


def test_a_month_has_its_last_day_in_leap_years_too() -> None:
    listed = pd.Series(pd.to_datetime(["2020-01-30", "2021-01-30", "2022-06-15", "2021-12-31"]))
    due = Within(months=1).due(listed)
    assert due.dt.strftime("%Y-%m-%d").tolist() == [
        "2020-02-29", "2021-02-28", "2022-07-15", "2022-01-31",
    ]  # fmt: skip


def test_thirty_days_are_another_reading(tmp_path) -> None:
    late, reading = {"measures_date": date(2022, 3, 2)}, {"measures": "thirty_days"}
    assert judge_one(tmp_path / "a", **late)["measures"] == "late"
    assert judge_one(tmp_path / "b", readings=reading, **late)["measures"] == "in_time"
    with pytest.raises(UserError, match="thirty_days"):
        judge_one(tmp_path / "c", readings={"measures": "forty_days"}, **late)


def test_listings_are_what_the_register_says(tmp_path) -> None:
    rows = [
        household(1, change_date=date(2019, 1, 1)),                       # lifted all along
        household(2, household_kind="unstable"),                          # listed, nobody says when
        household(3), updated(3, date(2022, 1, 5), "unstable"),
        updated(3, date(2022, 1, 9), "marginal"),                         # among the three
        added(4, date(2022, 1, 7), "sudden_difficulty"),
        updated(4, date(2022, 1, 20), "lifted"), updated(4, date(2022, 1, 25), "unstable"),
        updated(5, date(2022, 1, 8), "marginal"),                         # its first row is missing
        added(6, date(2022, 2, 1)),                                       # after the month
    ]  # fmt: skip
    found = listings_of(tmp_path, rows, [], "2022-01")
    days = [found[name].dt.strftime("%m-%d").fillna("") for name in ("listed_date", "left_date")]
    assert list(zip(found["household_id"], found["kind"], *days, strict=True)) == [
        (3, "unstable", "01-05", ""),
        (4, "sudden_difficulty", "01-07", "01-20"),
        (4, "unstable", "01-25", ""),
    ]
    assert found["county_code"].eq("632801").all() and found["prefecture_code"].eq("632800").all()
    assert found["source_row"].tolist() == [5, 7, 9]


def test_what_cannot_be_listed_is_counted(tmp_path) -> None:
    project = make_project(tmp_path)
    rows = [household(2, household_kind="unstable"), added(3, LISTED)]
    deliver(project, "registered_households", "2022-01", rows)
    records = [record(3, LISTED), record(3, date(2022, 1, 30)), record(9, LISTED)]
    deliver(project, "monitored_households", "2022-01", records)
    assert count_left_out(project, "2022-01").to_dict("records") == [
        {"undated_count": 1, "unmatched_count": 2}
    ]


def test_the_last_record_of_a_listing_counts(tmp_path) -> None:
    records = [
        record(1, LISTED, date(2022, 2, 20), verified_date=date(2022, 2, 3)),
        record(1, LISTED, date(2022, 2, 10), verified_date=date(2022, 2, 9)),
        record(1, date(2021, 1, 1), date(2022, 3, 1), verified_date=date(2022, 2, 1)),
    ]
    (found,) = listings_of(tmp_path, [added(1, LISTED)], records).itertuples()
    assert found.verified_date == pd.Timestamp(2022, 2, 3)
    assert found.first_recorded_date == pd.Timestamp(2022, 2, 10)
    assert found.is_recorded


def test_quarters_add_up_and_breaches_are_listed_by_days(tmp_path) -> None:
    rows = [added(n, date(2022, 1, 3)) for n in (1, 2, 3)] + [added(4, date(2021, 12, 31))]
    records = [
        record(1, date(2022, 1, 3), date(2022, 1, 10), verified_date=date(2022, 1, 10)),
        record(2, date(2022, 1, 3), date(2022, 1, 11), verified_date=date(2022, 1, 30)),
    ]
    listings = listings_of(tmp_path, rows, records)
    judged = judge_listings(listings, TERMS, "2022-03")
    verified = judged[judged["deadline"] == "verified"]
    first = count_by_quarter(verified).set_index("quarter").loc["2022Q1"]
    counts = ["listed_count", "in_time_count", "late_count", "overdue_count", "waiting_count"]
    assert first[counts].tolist() == [3, 1, 1, 1, 0]
    # days after 7: 4 until 31 March (90 - 7), 3 (87 - 7), 2 verified on day 27
    breaches = list_breaches(verified)
    assert breaches["household_id"].tolist() == [4, 3, 2]
    assert breaches["days_over"].tolist() == [83, 80, 20]
    synced = count_synced(listings, TERMS, "2022-03").set_index("quarter")
    assert synced.loc["2022Q1"].tolist() == [3, 1]
    assert synced.loc["2021Q4"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("month", "quarter"), [("2022-06", "2022Q2"), ("2022-05", "2022Q1"), ("2022-01", "2021Q4")]
)
def test_the_last_full_quarter(month: str, quarter: str) -> None:
    assert last_full_quarter(month) == quarter


def test_indicators_count_what_fell_due_in_the_month(tmp_path) -> None:
    rows = [added(n, date(2022, 1, 31)) for n in (1, 2, 3)] + [added(4, date(2022, 3, 28))]
    rows += [added(5, LISTED), added(5, date(2022, 2, 1), change="removed")]
    records = [
        record(1, LISTED, verified_date=date(2022, 2, 7), measures_date=date(2022, 3, 1)),
        record(2, LISTED, verified_date=date(2022, 1, 30)),
    ]
    listings_of(tmp_path, rows, records)
    measured = measure_indicators(Project(tmp_path), "2022-03")
    counts = measured[(measured["level"] == "county") & (measured["part"] == "")].set_index(
        ["indicator", "month"]
    )[["numerator", "denominator", "undetermined"]]
    # due on 7 and 28 February; the household of 28 March has until April, the removed one owes
    # nothing; the second one's visit is said to be before its listing
    assert counts.loc[("listed_verified_in_time", "2022-02")].tolist() == [1, 3, 1]
    assert counts.loc[("listed_helped_in_time", "2022-02")].tolist() == [0, 3, 0]
    assert set(counts.loc["listed_verified_in_time"].index) == {"2022-02"}


def test_what_is_due_on_the_very_last_day_and_not_done_is_undetermined(tmp_path) -> None:
    """One of the two was visited: not counting the other would make the month perfect."""
    listed = date(2022, 3, 24)
    rows = [added(1, listed), added(2, listed)]
    listings_of(tmp_path, rows, [record(1, listed, verified_date=date(2022, 3, 25))])
    found = measure_indicators(Project(tmp_path), "2022-03", only=["listed_verified_in_time"])
    whole = found[(found["level"] == "county") & (found["part"] == "")]
    (row,) = whole.to_dict("records")
    assert [row[name] for name in ("numerator", "denominator", "undetermined")] == [1, 2, 1]
