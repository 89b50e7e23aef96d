"""Each indicator against a small example counted by hand."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from healthmon.indicators.engine import add_up, measure_indicators
from healthmon.project import open_project
from healthmon.rules.indicators import load_indicators

from clean_tables import COUNTIES, deliver, household, make_project, person, settlement

MONTH = "2022-06"
VILLAGE, OTHER = COUNTIES[1] + "100201", COUNTIES[2] + "100201"
START = date(2019, 1, 1)
YEAR = [f"2021-{n:02d}" for n in range(7, 13)] + [f"2022-{n:02d}" for n in range(1, 7)]


class Example:
    """A checkout with clean tables, filled row by row."""

    def __init__(self, root: Path) -> None:
        self.project = make_project(root)
        self.rows: dict[tuple[str, str], list[dict]] = {}

    def add(self, table: str, month: str = "2022-01", **row: object) -> None:
        self.rows.setdefault((table, month), []).append(row)

    def came(self, table: str, *months: str) -> None:
        """Let a table come with nothing in it."""
        for month in months:
            self.rows.setdefault((table, month), [])

    def household(self, number: int, kind: str = "lifted", village: str = VILLAGE) -> None:
        """A household of one kind with one person of the same number."""
        self.add(
            "registered_households",
            **household(number, household_kind=kind, village_code=village),
        )
        self.add("registered_persons", **person(number, number))

    def patient(self, person_id: int, since: date = START, disease: str = "hypertension") -> None:
        self.add(
            "chronic_patients", person_id=person_id, disease=disease, change="existing",
            change_date=since, village_code=VILLAGE,
        )  # fmt: skip

    def contract(self, person_id: int, day: date = START, team: str = "T1") -> None:
        self.add("family_doctor_contracts", person_id=person_id, team_code=team, signed_date=day)

    def visit(self, person_id: int, day: date, mode: str = "clinic") -> None:
        self.add(
            "follow_up_visits", f"{day:%Y-%m}", person_id=person_id, disease="hypertension",
            visit_date=day, visit_mode=mode,
        )  # fmt: skip

    def case(self, person_id: int, disease: str = "胃癌", **days: date) -> None:
        """A case verified at the beginning of 2022."""
        verified = {"verified_date": date(2022, 1, 5), "change_date": date(2022, 1, 5)}
        self.add("major_disease_cases", person_id=person_id, disease=disease, **verified | days)

    def deliver(self) -> None:
        for (table, month), rows in self.rows.items():
            deliver(self.project, table, month, rows)

    def measure(self, *only: str, month: str = MONTH) -> pd.DataFrame:
        self.deliver()
        return measure_indicators(self.project, month, only=only or None)


@pytest.fixture
def example(tmp_path: Path) -> Example:
    made = Example(tmp_path)
    made.came("registered_households", "2022-01")
    made.came("registered_persons", "2022-01")
    return made


def counts(
    found: pd.DataFrame, indicator: str, month: str = MONTH, part: str = "", code: str = "630000"
) -> tuple[int, int, int]:
    """Return numerator, denominator and undetermined of one indicator and place."""
    rows = found[
        (found["indicator"] == indicator) & (found["month"] == month)
        & (found["part"] == part) & (found["code"] == code)
    ]  # fmt: skip
    assert len(rows) <= 1
    if rows.empty:
        return 0, 0, 0
    return tuple(rows.iloc[0][["numerator", "denominator", "undetermined"]])


def test_contracts_of_chronic_patients(example: Example) -> None:
    for number, kind in enumerate(["lifted", "poor", "unstable", "marginal"], start=1):
        example.household(number, kind)
        example.patient(number, disease="diabetes" if number == 2 else "hypertension")
    example.contract(1, date(2022, 5, 10))
    example.contract(4)
    found = example.measure("chronic_contracted")
    # 1, 2, 3 are registered poor; 1 signed in May; the marginal household is not on the register
    assert counts(found, "chronic_contracted", "2022-04") == (0, 3, 0)
    assert counts(found, "chronic_contracted", "2022-05") == (1, 3, 0)
    assert counts(found, "chronic_contracted", part="diabetes") == (0, 1, 0)
    assert counts(found, "chronic_contracted", part="hypertension") == (1, 2, 0)


def test_visits_of_the_last_full_quarter(example: Example) -> None:
    for number in range(1, 7):
        example.household(number, "marginal" if number == 5 else "lifted")
    example.came("follow_up_visits", *YEAR)
    for number in (1, 2, 5):
        example.patient(number)
    example.patient(3, date(2021, 12, 31))
    example.patient(4, date(2022, 4, 1))  # not before the quarter began
    example.patient(6)
    example.add("chronic_patients", person_id=6, disease="hypertension", change="removed",
                change_date=date(2022, 6, 15))  # fmt: skip
    for quarter in (date(2021, 7, 1), date(2021, 11, 5), date(2022, 3, 31), date(2022, 4, 1)):
        example.visit(1, quarter)
    example.visit(2, date(2022, 6, 30))
    example.visit(3, date(2022, 2, 1))
    example.visit(3, date(2022, 5, 1), "home")
    example.visit(5, date(2022, 5, 1))
    found = example.measure(
        "chronic_followed_up",
        "chronic_visited_quarterly",
        "chronic_managed",
        "chronic_visited_at_home",
    )
    # in June the quarter is April to June: 1, 2, 3 are due and visited; 4 is new, 6 was removed
    assert counts(found, "chronic_followed_up") == (3, 3, 0)
    # in May it is January to March: 1, 2, 3 and 6 are due; 1 and 3 were visited
    assert counts(found, "chronic_followed_up", "2022-05") == (2, 4, 0)
    # Kaifeng's groups hold the monitored household 5, too
    assert counts(found, "chronic_visited_quarterly") == (4, 4, 0)
    # four quarters of 1; 3 was on the list for two and visited in both; 2 and 5 missed three
    assert counts(found, "chronic_managed") == (2, 4, 0)
    # at home: 3 alone, of the registered poor on the list at the end (1, 2, 3, 4)
    assert counts(found, "chronic_visited_at_home") == (1, 4, 0)


def test_a_month_of_visits_that_did_not_come_leaves_open_who_was_visited(example: Example) -> None:
    for number in (1, 2):
        example.household(number)
        example.patient(number)
    example.came("follow_up_visits", *(month for month in YEAR if month != "2022-05"))
    example.visit(1, date(2022, 4, 3), "home")
    found = example.measure(
        "chronic_followed_up", "chronic_managed", "chronic_contracted", "chronic_visited_at_home"
    )
    assert counts(found, "chronic_visited_at_home") == (1, 2, 1)
    assert counts(found, "chronic_followed_up") == (1, 2, 1)
    assert counts(found, "chronic_managed") == (0, 2, 2)
    # nothing ever came
    assert counts(found, "chronic_contracted") == (0, 2, 2)


def test_contracts_of_the_groups_and_classes_of_those_without(example: Example) -> None:
    for number, kind in enumerate(["lifted", "marginal", "poor", "lifted", "lifted"], start=1):
        example.household(number, kind)
    example.add("social_assistance", person_id=9, kind="urban_allowance", change="existing",
                change_date=START, village_code=OTHER)  # fmt: skip
    example.contract(1)
    example.contract(9)

    def noted(person_id: int, why: str | None, action: str | None, **other: object) -> None:
        row = {"class": why, "action": action, "change": "existing", "change_date": START}
        example.add("unsigned_persons", person_id=person_id, **row | other)

    noted(3, "away", "telephoned")
    noted(4, "no_card", "telephoned")  # not the action of its class
    noted(5, None, None)
    noted(5, "away", "telephoned", change="updated", change_date=date(2022, 6, 20))
    found = example.measure("persons_contracted", "unsigned_classed", "unsigned_acted_on")
    # 1, 2, 4, 5 and the allowance's 9; a household not yet out of poverty is in no group of KF-5
    assert counts(found, "persons_contracted") == (2, 5, 0)
    assert counts(found, "persons_contracted", code=COUNTIES[2]) == (1, 1, 0)
    # on the register without contract: 3, 4, 5; 5 was classed in June
    assert counts(found, "unsigned_classed", "2022-05") == (2, 3, 0)
    assert counts(found, "unsigned_classed") == (3, 3, 0)
    assert counts(found, "unsigned_acted_on") == (2, 3, 0)
    assert counts(found, "unsigned_acted_on", part="away") == (2, 2, 0)
    assert counts(found, "unsigned_acted_on", part="no_card") == (0, 1, 0)


def test_without_the_ledger_nobody_is_unclassed(example: Example) -> None:
    example.household(1)
    example.came("family_doctor_contracts", "2022-01")
    assert counts(example.measure("unsigned_classed"), "unsigned_classed") == (0, 1, 1)


def test_a_ledger_that_first_comes_in_may_says_nothing_of_april(example: Example) -> None:
    example.household(1)
    example.came("family_doctor_contracts", "2022-01")
    example.came("unsigned_persons", "2022-05")
    found = example.measure("unsigned_classed")
    assert counts(found, "unsigned_classed", "2022-04") == (0, 1, 1)
    assert counts(found, "unsigned_classed", "2022-05") == (0, 1, 0)


def test_a_team_of_150_is_within_the_limit_one_of_151_is_not(example: Example) -> None:
    for number in range(1, 302):
        example.household(number)
        example.contract(number, team="T1" if number <= 150 else "T2")
    found = example.measure("teams_within_150")
    assert counts(found, "teams_within_150") == (1, 2, 0)


def test_only_registered_poor_persons_count_for_a_team(example: Example) -> None:
    for number in range(1, 152):
        example.household(number, "marginal" if number == 1 else "lifted")
        example.contract(number)
    assert counts(example.measure("teams_within_150"), "teams_within_150") == (1, 1, 0)


def test_a_person_counts_for_the_team_of_the_latest_contract(example: Example) -> None:
    for number in range(1, 152):
        example.household(number)
        example.contract(number)
    example.contract(1, date(2022, 6, 1), "T2")
    found = example.measure("teams_within_150")
    assert counts(found, "teams_within_150", "2022-05") == (0, 1, 0)
    assert counts(found, "teams_within_150") == (2, 2, 0)


def test_steps_of_major_disease_cases(example: Example) -> None:
    for number, kind in enumerate(["lifted", "lifted", "marginal", "lifted", "lifted"], start=1):
        example.household(number, kind)
    day = date(2022, 6, 1)
    example.case(1, plan_date=day, treated_date=day, reported_date=day, closed_date=day)
    example.case(2, treated_date=date(2022, 7, 1))  # after the month
    example.case(3, plan_date=day, treated_date=day)
    example.case(4, "肝包虫病", treated_date=day)  # on the list of Qinghai alone
    example.case(5, "某种病", treated_date=day)  # on no list: nobody knows
    found = example.measure(
        "major_disease_treated_poor",
        "major_disease_treated_monitored",
        "major_disease_planned",
        "major_disease_reported",
        "major_disease_closed",
    )
    # Qinghai's 35, registered poor: 1, 2 and 4; of 5 nobody knows whether it counts
    assert counts(found, "major_disease_treated_poor") == (2, 4, 1)
    assert counts(found, "major_disease_treated_poor", "2022-05") == (0, 4, 1)
    # the national 30, out of poverty or monitored: 1, 2 and 3
    assert counts(found, "major_disease_treated_monitored") == (2, 4, 1)
    assert counts(found, "major_disease_planned") == (1, 4, 1)
    assert counts(found, "major_disease_reported") == (1, 3, 1)
    assert counts(found, "major_disease_closed") == (1, 1, 0)


def test_a_disease_counts_from_the_day_on_the_list(example: Example) -> None:
    example.household(1)
    day = {"verified_date": START, "change_date": START, "treated_date": START}
    example.case(1, "肾癌", **day)
    found = example.measure("major_disease_treated_poor", month="2020-06")
    # nothing of 2020 had come by then
    assert counts(found, "major_disease_treated_poor", "2020-06") == (0, 0, 0)
    example.rows = {(table, "2020-01"): rows for (table, _), rows in example.rows.items()}
    found = example.measure("major_disease_treated_poor", month="2020-06")
    # the five diseases of 2020 stand on the list from 20 May
    assert counts(found, "major_disease_treated_poor", "2020-04") == (0, 0, 0)
    assert counts(found, "major_disease_treated_poor", "2020-05") == (1, 1, 0)


def test_other_names_of_a_disease_are_known(example: Example) -> None:
    example.household(1)
    example.case(1, "食道癌", treated_date=date(2022, 2, 1))
    assert counts(example.measure("major_disease_treated_poor"), "major_disease_treated_poor") == (
        1,
        1,
        0,
    )


def test_telephone_numbers_found_right(example: Example) -> None:
    for number in range(1, 7):
        example.household(number, "marginal" if number == 6 else "lifted")
    # the sixth household is monitored only, and on no poverty register
    results = ["valid", "valid", "suspended", "no_answer", None, "suspended"]
    for number, result in enumerate(results, start=1):
        example.add("telephone_checks", MONTH, household_id=number, team_code="T1",
                    check_date=date(2022, 6, 10), result=result)  # fmt: skip
    # who did not answer, and a check without result, are undetermined
    assert counts(example.measure("telephone_valid"), "telephone_valid") == (2, 5, 2)


def test_where_persons_were_treated_and_what_insurance_paid(example: Example) -> None:
    example.household(1)
    example.household(2, "unstable")
    treated = [
        (1, {"facility_level": "unrated"}),
        (1, {"facility_level": "level_2", "facility_county_code": COUNTIES[2]}),
        (2, {"facility_level": None, "facility_county_code": None, "out_of_scope_fen": 400}),
    ]
    for number, (person_id, other) in enumerate(treated):
        row = settlement(number, person_id, date(2022, 6, 9), 1000, **other)
        example.add("settlements", MONTH, **row)
    found = example.measure("visits_in_county", "visits_at_grassroots", "in_scope_paid")
    assert counts(found, "visits_in_county") == (1, 2, 0)
    assert counts(found, "visits_at_grassroots") == (1, 2, 0)
    # of 2,000 fen 400 are outside the scope; basic insurance paid 1,000
    assert counts(found, "in_scope_paid") == (1000, 1600, 0)


def test_stays_within_the_cap_and_after_a_referral(example: Example) -> None:
    example.household(1)
    example.household(2, "poor")

    def stay(person_id: int, level: str | None, outside: int, **other: object) -> None:
        number = len(example.rows.get(("settlements", MONTH), []))
        day = {"visit_date": date(2022, 6, 5), "discharge_date": date(2022, 6, 8)}
        row = settlement(
            f"s{number}", person_id, date(2022, 6, 9), 5000, facility_level=level,
            out_of_scope_fen=outside, **day | other,
        )  # fmt: skip
        example.add("settlements", MONTH, **row)

    # of 10,000 fen a primary hospital may leave 250 to the patient, level 2 500, level 3 1,000
    stay(1, "level_1", 250)
    stay(1, "level_1", 251)
    stay(1, "level_2", 500)
    stay(1, "level_3", 1001)
    stay(1, None, 250)  # within every cap
    stay(1, None, 300)  # the level decides
    stay(1, None, 1001)  # above every cap
    stay(2, "level_2", 9000)  # not yet out of poverty: not among KF-3's persons
    outside = {"facility_county_code": COUNTIES[2]}
    stay(1, "level_3", 0, **outside)
    stay(2, "level_3", 0, **outside, visit_date=date(2022, 6, 7))
    stay(2, "level_3", 0, **outside, visit_type="outpatient")
    example.add("referrals", MONTH, person_id=2, referral_date=date(2022, 5, 8), to_level="level_3")
    example.add("referrals", MONTH, person_id=1, referral_date=date(2022, 5, 5), to_level="level_3")
    found = example.measure("stays_within_cap", "referred_out_of_county")
    assert counts(found, "stays_within_cap") == (4, 8, 1)
    assert counts(found, "stays_within_cap", part="level_1") == (1, 2, 0)
    # 30 days before 7 June are 8 May; those before 5 June are 6 May, one day after the referral
    assert counts(found, "referred_out_of_county") == (1, 2, 0)


def test_later_deliveries_change_no_earlier_month(example: Example) -> None:
    example.household(1)
    example.patient(1)
    example.came("family_doctor_contracts", "2022-01")
    before = example.measure("chronic_contracted", month="2022-05")
    example.add("family_doctor_contracts", "2022-06", person_id=1, team_code="T1",
                signed_date=date(2022, 5, 1))  # fmt: skip
    pd.testing.assert_frame_equal(example.measure("chronic_contracted", month="2022-05"), before)
    # seen in June, May is restated
    assert counts(example.measure("chronic_contracted"), "chronic_contracted", "2022-05") == (
        1,
        1,
        0,
    )


def test_counts_add_up_from_the_finest_place_known() -> None:
    rows = pd.DataFrame(
        {
            "month": MONTH,
            "place_code": ["632801100201", "632801100202", "632801101", "632802", None],
            "x.numerator": [1, 0, 2, 3, 5],
            "x.denominator": [1, 1, 4, 3, 7],
            "x.undetermined": 0,
        }
    )
    added = add_up(rows).set_index("code")["x.numerator"]
    assert added.to_dict() == {
        "630000": 11, "632800": 6, "632801": 3, "632802": 3,
        "632801100": 1, "632801101": 2, "632801100201": 1, "632801100202": 0,
    }  # fmt: skip


def test_every_indicator_has_an_example_here() -> None:
    """A new file asks for a hand-counted example."""
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    names = load_indicators(open_project().params)
    assert [name for name in names if f'"{name}"' not in tests] == []
