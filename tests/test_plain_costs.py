"""Stays, caps and bulletin of a small simulated province, counted a second time in plain pandas.

Shares nothing with healthmon.costs but the clean tables; registers are replayed by loops.
"""

from collections import defaultdict

import pandas as pd
import pytest
from conftest import MONTH

from healthmon.costs.bulletin import count_bulletin
from healthmon.costs.stays import inpatient_stays
from healthmon.project import Project
from healthmon.tables import read_table

FROM, TO = pd.Timestamp("2021-07-01"), pd.Timestamp("2022-06-30")
PCT = {"unrated": 25, "level_1": 25, "level_2": 50, "level_3": 100}  # thousandths
ENTITLED = {"lifted", "unstable", "marginal", "sudden_difficulty"}


@pytest.fixture(scope="module")
def settled(sample: Project) -> pd.DataFrame:
    rows = read_table(sample, "settlements", MONTH)
    return rows[rows["visit_type"] == "inpatient"]


def in_order(rows: pd.DataFrame) -> list[dict]:
    rows = rows.sort_values(["change_date", "delivered_month", "source_row"], kind="stable")
    return rows.to_dict("records")


@pytest.fixture(scope="module")
def homes(sample: Project) -> dict[int, list[dict]]:
    """Change rows of each household, in order."""
    found = defaultdict(list)
    for row in in_order(read_table(sample, "registered_households", MONTH)):
        found[row["household_id"]].append(row)
    return found


@pytest.fixture(scope="module")
def members(sample: Project) -> dict[int, list[dict]]:
    """Change rows of each person, in order."""
    found = defaultdict(list)
    for row in in_order(read_table(sample, "registered_persons", MONTH)):
        found[row["person_id"]].append(row)
    return found


@pytest.fixture(scope="module")
def assisted(sample: Project) -> dict[int, list[dict]]:
    found = defaultdict(list)
    for row in in_order(read_table(sample, "social_assistance", MONTH)):
        found[row["person_id"]].append(row)
    return found


def home_on(rows: list[dict], homes: dict, day: pd.Timestamp) -> str | None:
    """Return the kind of the household that a person belongs to on a day."""
    past = [row for row in rows if row["change_date"] <= day]
    if not past or past[-1]["change"] in ("died", "moved_out"):
        return None
    changes = [row for row in homes[past[-1]["household_id"]] if row["change_date"] <= day]
    if not changes or changes[-1]["change"] == "removed":
        return None
    return changes[-1]["household_kind"]


def is_entitled(stay: dict, members: dict, homes: dict, assisted: dict) -> bool:
    """Ask on the day of settlement, and on each day of the stay before it."""
    days = pd.date_range(stay["visit_date"], stay["settled_date"])
    for day in [stay["settled_date"], *days]:
        if home_on(members.get(stay["person_id"], []), homes, day) in ENTITLED:
            return True
        last = {r["kind"]: r["change"] for r in assisted.get(stay["person_id"], [])
                if r["change_date"] <= day}  # fmt: skip
        if any(change != "stopped" for change in last.values()):
            return True
    return False


def test_stays_and_caps_agree_with_plain_python(sample, settled, homes, members, assisted) -> None:
    stays = inpatient_stays(sample, MONTH).set_index("settlement_no")
    plain = settled[settled["settled_date"].between(FROM, TO)]
    assert set(stays.index) == set(plain["settlement_no"])
    assert len(plain) > 1000
    found, expected = defaultdict(int), defaultdict(int)
    for stay in plain.to_dict("records"):
        mine = stays.loc[stay["settlement_no"]]
        entitled = is_entitled(stay, members, homes, assisted)
        assert mine["is_capped"] == entitled, stay["settlement_no"]
        assert mine["stay_days"] == (stay["discharge_date"] - stay["visit_date"]).days
        if not entitled:
            continue
        allowed = stay["total_fen"] * PCT[stay["facility_level"]] // 1000
        above = max(0, stay["out_of_scope_fen"] - allowed)
        assert (mine["excess_fen"], mine["is_over_cap"]) == (above, above > 0)
        expected[stay["facility_code"]] += above
        found[stay["facility_code"]] += mine["excess_least_fen"]
    assert found == expected
    assert sum(found.values()) > 0


def test_referrals_agree_with_plain_python(sample, settled) -> None:
    stays = inpatient_stays(sample, MONTH).set_index("settlement_no")
    referred = defaultdict(list)
    for row in read_table(sample, "referrals", MONTH).to_dict("records"):
        referred[row["person_id"]].append(row["referral_date"])
    first = min(day for days in referred.values() for day in days)
    seen = set()
    for stay in settled[settled["settled_date"].between(FROM, TO)].to_dict("records"):
        mine = stays.loc[stay["settlement_no"]]
        expected = None
        if mine["county_code"] != stay["facility_county_code"] and stay["visit_date"] >= first:
            waits = [(stay["visit_date"] - day).days for day in referred[stay["person_id"]]]
            expected = any(0 <= wait <= 30 for wait in waits)
        found = mine["is_referred"]
        assert (None if pd.isna(found) else found) == expected
        seen.add(expected)
    assert seen == {None, True, False}


def test_the_bulletin_agrees_with_plain_pandas(sample, settled, homes, members) -> None:
    kind, county = {}, {}
    for person, rows in members.items():
        changes = homes.get(rows[-1]["household_id"], [])
        stated = [row for row in changes if row["change"] != "removed"] or changes
        if stated:
            kind[person] = stated[-1]["household_kind"]
            county[person] = stated[-1]["village_code"][:6]
    rows = settled.assign(kind=settled["person_id"].map(kind),
                          home=settled["person_id"].map(county))  # fmt: skip
    rows = rows[rows["kind"].isin(["poor", "lifted", "unstable"])]
    rows = rows[rows["settled_date"].between(pd.Timestamp("2022-05-01"), TO)]
    last = count_bulletin(sample, MONTH).query("from_month == '2022-05'")
    by_county = last[(last["level"] == "county") & (last["division"] == "all")].set_index("code")
    expected = rows.groupby("home")["total_fen"].agg(["size", "sum", "median"])
    assert by_county["stay_count"].to_dict() == expected["size"].to_dict()
    assert by_county["total_fen"].to_dict() == expected["sum"].to_dict()
    assert by_county["median_fen"].to_dict() == expected["median"].to_dict()
    whole = last[(last["level"] == "province") & (last["division"] == "treated_in")]
    inside = whole.set_index("part")["stay_count"]
    assert inside["county"] == (rows["home"] == rows["facility_county_code"]).sum()
    beyond = rows["facility_county_code"].str[:2] != "63"
    assert inside.get("beyond", 0) == beyond.sum()
