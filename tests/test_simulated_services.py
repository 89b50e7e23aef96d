"""Services in the simulated province: what stands exactly on a line, where it is weak, how much."""

import numpy as np
import pandas as pd
import pytest

from healthmon.intake import take_in
from healthmon.intake.manifest import read_manifest
from healthmon.project import Project
from healthmon.simulate.breaches import list_breaches
from healthmon.simulate.caps import hold_to_caps
from healthmon.simulate.case_files import case_words
from healthmon.simulate.health_tables import settlement_numbers
from healthmon.simulate.months import NEVER, day, make_calendar, same_day_next_month, year_of
from healthmon.simulate.referrals import stays_outside
from healthmon.simulate.settings import load_settings
from healthmon.simulate.visits import INPATIENT
from healthmon.simulate.world import World, make_world
from healthmon.tables import read_table

from small_exports import SmallExports

NEW_TABLES = ("unsigned_persons", "telephone_checks", "referrals", "monitored_households")


@pytest.fixture(scope="module")
def world(checkout: Project) -> World:
    """A tenth of the province over all months, nothing written."""
    settings = load_settings(checkout.params)
    return make_world(settings, 20200518, 0.1, make_calendar(None), lambda what, share: None)


@pytest.fixture(scope="module")
def breaches(world: World) -> pd.DataFrame:
    return list_breaches(world)


@pytest.mark.parametrize(
    ("listed", "due"),
    [
        ("2021-01-15", "2021-02-15"),
        ("2021-01-28", "2021-02-28"),
        ("2021-01-31", "2021-02-28"),
        ("2020-01-30", "2020-02-29"),
        ("2022-05-31", "2022-06-30"),
        ("2021-12-31", "2022-01-31"),
    ],
)
def test_the_same_day_of_the_next_month_or_its_last(listed: str, due: str) -> None:
    assert same_day_next_month(np.array([day(listed)])).tolist() == [day(due)]


def test_listings_stand_on_both_sides_of_each_deadline(
    world: World, breaches: pd.DataFrame
) -> None:
    table = world.services.monitored
    numbers = world.identity.household_numbers.to_numpy(zero_copy_only=False)
    number = numbers[table["household"]]
    due = {
        "late_verification": table["listed_day"] + 7,
        "late_measures": same_day_next_month(table["listed_day"].to_numpy()),
    }
    done = {"late_verification": "verified_day", "late_measures": "measures_day"}
    for kind, name in done.items():
        late = set(breaches.loc[breaches["kind"] == kind, "household_no"])
        on_time = number[(table[name] == due[kind]).to_numpy()]
        is_over = (table[name] == due[kind] + 1) & (table[name] < world.calendar.end)
        day_late = number[is_over.to_numpy()]
        assert len(on_time) >= 3
        assert len(day_late) >= 3
        assert not late & set(on_time)
        assert late >= set(day_late)


def test_some_are_listed_on_days_that_the_next_month_lacks(world: World) -> None:
    table = world.services.monitored
    listed, done = table["listed_day"].to_numpy(), table["measures_day"].to_numpy()
    first = {day("2021-01-29"), day("2021-01-30"), day("2021-01-31"),
             day("2022-01-29"), day("2022-01-30"), day("2022-01-31")}  # fmt: skip
    in_january = np.isin(listed, list(first))
    last = np.where(listed < day("2021-06-01"), day("2021-02-28"), day("2022-02-28"))
    assert (in_january & (done == last)).any()
    assert (in_january & (done == last + 1)).any()


def test_a_listing_still_open_is_late_once_its_day_has_passed(
    world: World, breaches: pd.DataFrame
) -> None:
    table = world.services.monitored
    numbers = world.identity.household_numbers.to_numpy(zero_copy_only=False)
    stays = world.households.removed_day[table["household"]] >= NEVER
    is_open = (table["verified_day"] >= world.calendar.end) & stays
    late = set(breaches.loc[breaches["kind"] == "late_verification", "household_no"])
    passed = is_open & (table["listed_day"] < day("2022-06-23"))
    waiting = is_open & (table["listed_day"] >= day("2022-06-23"))
    assert passed.any()
    assert set(numbers[table.loc[passed, "household"]]) <= late
    assert not set(numbers[table.loc[waiting, "household"]]) & late


def test_most_are_verified_within_a_week_and_weak_counties_are_slower(world: World) -> None:
    table = world.services.monitored
    in_time = table["verified_day"] - table["listed_day"] <= 7
    assert 0.75 < in_time.mean() < 0.92
    weakness = world.places.counties["weakness"].to_numpy()
    is_weak = weakness[world.households.county[table["household"]]] > 0.6
    assert in_time[is_weak].mean() < in_time[~is_weak].mean() - 0.08


def test_listings_are_those_of_the_register(world: World) -> None:
    """The day is that of the change by which the register makes the household one of the kinds."""
    households, table = world.households, world.services.monitored
    own = households.kind[table["household"]] >= 3
    added = households.added_day[table["household"]]
    unstable = households.unstable_day[table["household"]]
    assert own.any()
    assert (~own).any()
    assert (table["listed_day"].to_numpy() == np.where(own, added, unstable)).all()


def test_stays_stand_exactly_on_the_cap_and_one_fen_above(
    world: World, breaches: pd.DataFrame
) -> None:
    visits, money = world.visits, world.money
    cap = np.array([250, 250, 500, 1000])[visits.level]
    stays = visits.kind == INPATIENT
    stays &= (visits.settled_day >= day("2022-01-01")) & (world.delivered < 42)
    exactly = stays & (money.out_of_scope * 10_000 == money.total * cap)
    one_above = stays & (money.out_of_scope * 10_000 == money.total * cap + 10_000)
    numbers = settlement_numbers(world.places, world.households, world.persons, visits).astype(str)
    over = breaches[breaches["kind"] == "over_cap"].set_index("settlement_no")["amount_fen"]
    for limit in (250, 500, 1000):
        assert (exactly & (cap == limit)).sum() >= 3
        assert (one_above & (cap == limit)).sum() >= 3
    assert not set(numbers[exactly]) & set(over.index)
    assert set(over[numbers[one_above]]) == {1}


def test_from_2022_on_few_stays_exceed_the_cap(world: World, breaches: pd.DataFrame) -> None:
    visits = world.visits
    stays = visits.kind == INPATIENT
    share = {}
    for year in (2021, 2022):
        own = stays & (year_of(visits.settled_day) == year)
        over = breaches["month"].str.startswith(str(year)) & (breaches["kind"] == "over_cap")
        share[year] = over.sum() / own.sum()
    assert share[2021] > 0.4
    assert 0.05 < share[2022] < 0.10


def test_what_was_spent_before_2022_is_not_touched_by_the_caps(world: World) -> None:
    total = world.money.total
    drawn = total * 2 // 10
    held = hold_to_caps(
        world.settings, world.streams, world.places, world.households, world.persons,
        world.assistance, world.visits, total, drawn,
    )  # fmt: skip
    changed = held != drawn
    assert changed.any()
    assert (year_of(world.visits.settled_day[changed]) == 2022).all()
    assert (world.visits.kind[changed] == INPATIENT).all()


def test_teams_of_150_are_in_order_and_teams_of_151_are_not(
    world: World, breaches: pd.DataFrame
) -> None:
    care, end = world.care, world.calendar.end
    here = (care.signed_day < end) & (world.persons.left_day >= end)
    here &= world.households.kind[world.persons.household] < 3  # poor, not only monitored
    frame = pd.DataFrame({"hospital": care.hospital, "team": care.team})[here]
    size = frame.groupby(["hospital", "team"]).size()
    codes = world.facilities.township["code"]
    over = set(breaches.loc[breaches["kind"] == "team_over_150", "team_code"])
    names = {at: f"{codes[at[0]]}T{at[1]:03d}" for at in size.index}
    assert (size == 150).sum() >= 3
    assert (size == 151).sum() >= 3
    assert over == {names[at] for at in size.index[size > 150]}
    assert 0.02 < (size > 150).mean() < 0.1


@pytest.mark.parametrize(("when", "low", "high"), [(0, 0.87, 0.92), (-1, 0.93, 0.97)])
def test_nearly_everybody_has_a_contract(world: World, when: int, low: float, high: float) -> None:
    at = world.calendar.start if when == 0 else world.calendar.end - 1
    here = (world.persons.joined_day <= at) & (world.persons.left_day > at)
    signed = world.care.signed_day <= at
    assert low < signed[here].mean() < high
    weakness = world.places.counties["weakness"].to_numpy()
    is_weak = weakness[world.households.county[world.persons.household]] > 0.6
    assert signed[here & is_weak].mean() < signed[here & ~is_weak].mean() - 0.03


def test_referrals_stand_on_both_sides_of_the_thirtieth_day(
    world: World, breaches: pd.DataFrame
) -> None:
    visits = world.visits
    rows = stays_outside(world.places, world.facilities, world.households, world.persons, visits)
    numbers = settlement_numbers(world.places, world.households, world.persons, visits).astype(str)
    days: dict[int, list[int]] = {}
    for person, at in world.services.referrals[["person", "day"]].itertuples(index=False):
        days.setdefault(person, []).append(at)
    ages = [
        min((admitted - at for at in days.get(person, ()) if at <= admitted), default=None)
        for person, admitted in zip(
            visits.person[rows].tolist(), visits.visit_day[rows].tolist(), strict=True
        )
    ]
    delivered = world.delivered[rows] < 42
    bad = {n for n, age, came in zip(numbers[rows], ages, delivered, strict=True)
           if came and (age is None or age > 30)}  # fmt: skip
    assert {30, 31} <= set(ages)
    assert bad == set(breaches.loc[breaches["kind"] == "unreferred", "settlement_no"])
    assert 0.7 < 1 - len(bad) / delivered.sum() < 0.9


def test_the_last_month_has_its_referrals_too(world: World) -> None:
    months = world.calendar.month_of(world.services.referrals["day"].to_numpy())
    count = np.bincount(months)
    assert count[-1] > 0.75 * count[-7:-1].mean()


def test_most_calls_reach_the_household(world: World) -> None:
    result = np.bincount(world.services.checks["result"], minlength=5)
    share = result / result.sum()
    assert 0.82 < share[0] < 0.88
    assert 0.06 < share[4] < 0.1
    assert (share[1:4] > 0.01).all()


def test_every_county_is_called_every_month(world: World) -> None:
    checks = world.services.checks
    county = world.households.county[checks["household"]]
    months = world.calendar.month_of(checks["day"].to_numpy())
    assert len(set(zip(county, months, strict=True))) > 0.97 * 45 * 42


def test_a_call_is_made_to_a_household_under_contract_on_the_register(world: World) -> None:
    checks = world.services.checks
    household, at = checks["household"].to_numpy(), checks["day"].to_numpy()
    assert (world.care.signed_day[checks["person"]] <= at).all()
    assert (world.persons.household[checks["person"]] == household).all()
    assert (world.households.removed_day[household] > at).all()
    assert (world.households.added_day[household] <= at).all()


def test_the_ledger_holds_persons_without_a_contract(world: World) -> None:
    table = world.services.unsigned
    signed = world.care.signed_day[table["person"]]
    assert (table["listed_day"] < signed).all()
    assert (table["removed_day"] <= signed).all()
    assert not table["person"].duplicated().any()
    done = table["acted_day"] < NEVER
    own = (table["action"] == table["class"])[done]
    assert 0.9 < own.mean() < 1


def test_cases_are_written_under_other_names_now_and_then(world: World) -> None:
    words = np.array(case_words(world.settings))
    cases = world.illness.major
    written = words[cases["word"]]
    listed = world.settings.list_words("major_diseases")
    assert len(listed) == 35
    assert "儿童淋巴瘤" in listed
    assert "甲状腺癌" not in words
    assert {"食道癌", "慢阻肺", "重性精神病"} & set(written)
    unlisted = ~cases["is_on_a_list"]
    assert 0 < unlisted.sum() < 0.01 * len(cases)
    assert set(written[~unlisted]) <= {*listed, "食道癌", "慢阻肺", "重性精神病"}
    codes = dict(zip(listed, world.settings.list_words("major_disease_codes"), strict=True))
    assert codes["儿童淋巴瘤"] == "C85.900"


def test_weak_counties_lack_plans(world: World) -> None:
    cases = world.illness.major
    weakness = world.places.counties["weakness"].to_numpy()
    weak = weakness[world.households.county[world.persons.household[cases["person"]]]]
    lacking = ~cases["has_plan"]
    assert lacking[weak > 0.7].mean() > lacking[weak < 0.4].mean()
    assert 0.02 < lacking.mean() < 0.1


@pytest.mark.parametrize("name", NEW_TABLES)
def test_nothing_is_set_aside_that_was_not_planted(sample: Project, name: str) -> None:
    words = {"unsigned_persons": "未签约人员", "telephone_checks": "电话抽查",
             "referrals": "转诊登记", "monitored_households": "监测对象核实帮扶"}  # fmt: skip
    aside = read_table(sample, "set_aside")
    aside = aside[aside["table"] == name]
    planted = pd.read_parquet(sample.raw / "truth" / "planted_errors.parquet")
    planted = planted[planted["file"].str.contains(words[name]) & planted["row"].notna()]
    assert len(read_table(sample, name)) > 500
    assert set(zip(aside["source_file"], aside["source_row"], strict=True)) <= set(
        zip(planted["file"], planted["row"], strict=True)
    )


HEADERS = {
    "转诊登记": "姓名,证件号码,转诊日期,转出机构编码,转入机构级别",
    "监测对象核实帮扶": "户编号,纳入日期,入户核实日期,落实措施日期,变动日期",
    "电话抽查": "户编号,团队编码,抽查日期,抽查结果",
}


@pytest.mark.parametrize(
    ("table", "codes"),
    [("转诊登记", []), ("监测对象核实帮扶", []), ("电话抽查", ["no_rows"])],
)
def test_headers_alone_are_a_problem_where_there_must_be_rows(
    tmp_path: pytest.TempPathFactory, table: str, codes: list[str]
) -> None:
    exports = SmallExports(tmp_path)
    path = exports.path("2019-01", "卫生健康", f"{table}_2019-01.csv")
    path.write_text(HEADERS[table] + "\r\n", encoding="utf-8-sig")
    report = take_in(exports.project, "2019-01")
    assert report.rows_read == 0
    found = read_manifest(exports.project)["months"]["2019-01"]["problems"]
    assert [one["code"] for one in found if table in one["file"]] == codes
