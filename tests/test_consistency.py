"""Departments against each other: one person a case, each expectation from the clause by hand."""

from collections import defaultdict
from datetime import date

import narwhals as nw
import pandas as pd
import pytest

from healthmon.consistency.compare import count_differences, judge, list_differences
from healthmon.consistency.facts import gather_facts
from healthmon.consistency.sources import Moment
from healthmon.consistency.terms import load_consistency_terms
from healthmon.county_lists import write_county_lists
from healthmon.month import Month
from healthmon.source_places import place_of_file

from clean_tables import deliver, household, make_project, person

MONTH = "2022-06"
VILLAGE, ELSEWHERE = "632801100201", "632802100201"
LIST = "2022-01/医保/参保名单_632800_2022.csv"
ASSISTED = "2019-01/民政/社会救助_632801_2019-01.xlsx"
DIED = date(2022, 5, 10)


def on_register(**other: object) -> tuple:
    return "registered_persons", "2019-01", other


def listed(kind: str | None = None, basic: bool | None = True, **other: object) -> tuple:
    return "insurance_enrolment", "2022-01", {
        "year": 2022, "person_kind": kind, "has_basic_insurance": basic, "source_file": LIST,
    } | other  # fmt: skip


def assisted(kind: str = "rural_allowance", change: str = "existing", day: date = date(2019, 1, 1),
             **other: object) -> tuple:  # fmt: skip
    return "social_assistance", "2019-01", {
        "kind": kind, "change": change, "change_date": day, "source_file": ASSISTED,
    } | other  # fmt: skip


def died(day: date = DIED) -> tuple:
    return "registered_persons", "2022-06", {"change": "died", "change_date": day}


def settled(day: date, code: str = "I10.x00", kind: str = "chronic_outpatient",
            on: date | None = None) -> tuple:  # fmt: skip
    return "settlements", "2022-06", {
        "visit_date": day, "settled_date": on or day, "diagnosis_code": code, "visit_type": kind,
        "settlement_no": f"{day}{code}", "total_fen": 100, "basic_paid_fen": 100,
        "major_illness_paid_fen": 0, "assistance_paid_fen": 0, "out_of_scope_fen": 0,
        "out_of_pocket_fen": 0,
    }  # fmt: skip


def patient(disease: str = "hypertension", change: str = "existing", day: date = date(2019, 1, 1),
            **other: object) -> tuple:  # fmt: skip
    values = {"disease": disease, "change": change, "change_date": day} | other
    return "chronic_patients", "2019-01", values


def visited(day: date, disease: str = "hypertension") -> tuple:
    return "follow_up_visits", "2022-06", {"disease": disease, "visit_date": day}


def contracted(household_id: int | None = None, day: date = date(2020, 1, 1)) -> tuple:
    values = {"team_code": "T", "signed_date": day, "household_id": household_id}
    return "family_doctor_contracts", "2020-01", values


def case(**other: object) -> tuple:
    return "major_disease_cases", "2022-01", {
        "disease": "胃癌", "diagnosed_date": date(2022, 1, 10), "change_date": date(2022, 1, 20),
    } | other  # fmt: skip


OWN = -1
"""Stands for the number of the person's own household."""
FULL = "full"
SAME, DIFFERS, OPEN, OUT = "same", "differs", "undetermined", "not counted"
LATE_JOIN = on_register(change="added", change_date=date(2022, 2, 1))
LAST_DAY_JOIN = on_register(change="added", change_date=date(2022, 1, 31))
IN_BOTH = (on_register(), assisted())

# the case, the comparison, what the departments delivered about the person, what must be said
CASES = [
    ("enrolled", "register_not_enrolled", [on_register(), listed()], SAME),
    ("listed without basic insurance", "register_not_enrolled",
     [on_register(), listed(basic=False)], DIFFERS),
    ("listed, basic insurance blank", "register_not_enrolled",
     [on_register(), listed(basic=None)], OPEN),
    ("not on the list that came", "register_not_enrolled", [on_register()], DIFFERS),
    ("joined the day after the list's month", "register_not_enrolled", [LATE_JOIN], OPEN),
    ("joined on the last day of the list's month", "register_not_enrolled",
     [LAST_DAY_JOIN], DIFFERS),
    ("died", "register_not_enrolled", [on_register(), died()], OUT),
    ("on allowance alone, not on the list", "assistance_not_enrolled", [assisted()], DIFFERS),
    ("allowance stopped, not on the list", "assistance_not_enrolled",
     [assisted(change="stopped")], OUT),
    ("no major-illness insurance", "register_without_major_illness",
     [on_register(), listed(has_major_illness_insurance=False)], DIFFERS),
    ("medical assistance blank", "register_without_medical_assistance",
     [on_register(), listed()], OPEN),
    ("enrolled as register, unknown there", "insured_as_register_unknown",
     [listed("poverty_register")], DIFFERS),
    ("enrolled as register and on it", "insured_as_register_unknown",
     [on_register(), listed("poverty_register")], SAME),
    ("enrolled as register, moved out after the list", "insured_as_register_unknown",
     [on_register(), listed("poverty_register"),
      ("registered_persons", "2022-03", {"change": "moved_out", "change_date": date(2022, 3, 2)})],
     OPEN),
    ("enrolled as register, moved out before the list", "insured_as_register_unknown",
     [on_register(), listed("poverty_register"),
      ("registered_persons", "2022-03", {"change": "moved_out", "change_date": date(2021, 12, 2)})],
     DIFFERS),
    ("enrolled as other", "insured_as_register_unknown", [listed("other")], OUT),
    ("enrolled without a kind", "insured_as_register_unknown", [listed()], OPEN),
    ("enrolled as allowance, unknown to civil affairs", "insured_as_assistance_unknown",
     [listed("subsistence_allowance")], DIFFERS),
    ("enrolled as allowance, on it", "insured_as_assistance_unknown",
     [assisted(), listed("subsistence_allowance")], SAME),
    ("enrolled as allowance, stopped after the list", "insured_as_assistance_unknown",
     [assisted(change="stopped", day=date(2022, 2, 1)), listed("subsistence_allowance")], OPEN),
    ("in both, insured as register", "status_differs", [*IN_BOTH, listed("poverty_register")],
     SAME),
    ("in both, insured as allowance", "status_differs",
     [*IN_BOTH, listed("subsistence_allowance")], DIFFERS),
    ("on allowance alone, insured as allowance", "status_differs",
     [assisted("urban_allowance"), listed("subsistence_allowance")], SAME),
    ("extreme poverty before allowance", "status_differs",
     [assisted(), assisted("extreme_poverty_support"), listed("extreme_poverty_support")], SAME),
    ("extreme poverty insured as allowance", "status_differs",
     [assisted(), assisted("extreme_poverty_support"), listed("subsistence_allowance")], DIFFERS),
    ("extreme poverty stopped, allowance goes on", "status_differs",
     [assisted(), assisted("extreme_poverty_support", "stopped"), listed("subsistence_allowance")],
     SAME),
    ("on register, insured as other", "status_differs", [on_register(), listed("other")], DIFFERS),
    ("kind not delivered", "status_differs", [on_register(), listed()], OPEN),
    ("allowance begun after the list, insured as other", "status_differs",
     [assisted(change="added", day=date(2022, 2, 1)), listed("other")], OPEN),
    ("on no register, insured as other", "status_differs", [listed("other")], OUT),
    ("household as on the register", "household_differs", [on_register(), contracted(OWN)], SAME),
    ("household another one", "household_differs", [on_register(), contracted(9999)], DIFFERS),
    ("household blank", "household_differs", [on_register(), contracted()], OPEN),
    ("village as on the register", "assistance_village_differs",
     [on_register(), assisted(village_code=VILLAGE)], SAME),
    ("village another one", "assistance_village_differs",
     [on_register(), assisted(village_code=ELSEWHERE)], DIFFERS),
    ("village blank", "assistance_village_differs", [*IN_BOTH], OPEN),
    ("chronic list's village another one", "chronic_village_differs",
     [on_register(), patient(village_code=ELSEWHERE)], DIFFERS),
    ("contracted, known to nobody", "contract_unknown", [contracted()], DIFFERS),
    ("contracted, on allowance alone", "contract_unknown", [contracted(), assisted()], SAME),
    ("chronic, known to nobody", "chronic_unknown", [patient()], DIFFERS),
    ("chronic and contracted", "chronic_not_contracted",
     [on_register(), patient(), contracted()], SAME),
    ("chronic without contract", "chronic_not_contracted", [on_register(), patient()], DIFFERS),
    ("struck off the chronic list", "chronic_not_contracted",
     [on_register(), patient(change="removed")], OUT),
    ("died last month, still on allowance", "died_on_assistance", [*IN_BOTH, died()], DIFFERS),
    ("died last month, stopped", "died_on_assistance",
     [on_register(), assisted(change="stopped", day=date(2022, 6, 2)), died()], SAME),
    ("died on the last day of last month", "died_on_assistance",
     [*IN_BOTH, died(date(2022, 5, 31))], DIFFERS),
    ("died this month, still on allowance", "died_on_assistance",
     [*IN_BOTH, died(date(2022, 6, 1))], OUT),
    ("died, still on the chronic list", "died_on_chronic_list",
     [on_register(), patient(), died()], DIFFERS),
    ("treated the day after the death", "died_later_settlement",
     [on_register(), died(), settled(date(2022, 5, 11))], DIFFERS),
    ("treated on the day of death, settled later", "died_later_settlement",
     [on_register(), died(), settled(DIED, on=date(2022, 6, 3))], SAME),
    ("visited after the death", "died_later_visit",
     [on_register(), died(), visited(date(2022, 5, 11))], DIFFERS),
    ("visited before the death", "died_later_visit",
     [on_register(), died(), visited(date(2022, 5, 9))], SAME),
    ("contracted after the death", "died_later_contract",
     [on_register(), died(), contracted(day=date(2022, 5, 11))], DIFFERS),
    ("settled in the first of twelve months", "chronic_without_settlement",
     [on_register(), patient(), settled(date(2021, 7, 1))], SAME),
    ("settled the day before the twelve months", "chronic_without_settlement",
     [on_register(), patient(), settled(date(2021, 6, 30))], DIFFERS),
    ("settled for another disease", "chronic_without_settlement",
     [on_register(), patient(), settled(date(2022, 6, 1), "E11.900")], DIFFERS),
    ("settled as ordinary outpatient", "chronic_without_settlement",
     [on_register(), patient(), settled(date(2022, 6, 1), kind="outpatient")], DIFFERS),
    ("on the list for less than twelve months", "chronic_without_settlement",
     [on_register(), patient(change="added", day=date(2021, 7, 1))], OUT),
    ("on the list for just twelve months", "chronic_without_settlement",
     [on_register(), patient(change="added", day=date(2021, 6, 30))], DIFFERS),
    ("settled, on the list", "settlement_not_chronic",
     [on_register(), patient("diabetes"), settled(date(2022, 6, 1), "E11.900")], SAME),
    ("settled, not on the list", "settlement_not_chronic",
     [on_register(), settled(date(2022, 6, 1), "A15.000")], DIFFERS),
    ("settled, on the list with another disease", "settlement_not_chronic",
     [on_register(), patient(), settled(date(2022, 6, 1), "F20.900")], DIFFERS),
    ("settled, struck off within the months", "settlement_not_chronic",
     [on_register(), patient("tuberculosis", "removed", date(2021, 9, 1)),
      settled(date(2021, 8, 1), "A15.000")], SAME),
    ("settled for a disease outside the four", "settlement_not_chronic",
     [on_register(), settled(date(2022, 6, 1), "J44.900")], OUT),
    ("visited on the quarter's last day", "quarterly_visit_missing",
     [on_register(), patient(), visited(date(2022, 6, 30))], SAME),
    ("visited on the quarter's first day", "quarterly_visit_missing",
     [on_register(), patient(), visited(date(2022, 4, 1))], SAME),
    ("visited the day before the quarter", "quarterly_visit_missing",
     [on_register(), patient(), visited(date(2022, 3, 31))], DIFFERS),
    ("visited for another disease", "quarterly_visit_missing",
     [on_register(), patient(), visited(date(2022, 6, 1), "diabetes")], DIFFERS),
    ("on the list since the quarter began", "quarterly_visit_missing",
     [on_register(), patient(change="added", day=date(2022, 4, 1))], OUT),
    ("case with a plan", "case_without_plan",
     [on_register(), case(plan_date=date(2022, 1, 20))], SAME),
    ("case without a plan where others have one", "case_without_plan",
     [on_register(), case()], DIFFERS),
    ("planned for the month's last day, untreated", "plan_overdue",
     [on_register(), case(planned_treatment_date=date(2022, 6, 30))], DIFFERS),
    ("planned for the day after, untreated", "plan_overdue",
     [on_register(), case(planned_treatment_date=date(2022, 7, 1))], OUT),
    ("planned and treated", "plan_overdue",
     [on_register(), case(planned_treatment_date=date(2022, 6, 1),
                          treated_date=date(2022, 6, 20))], SAME),
    ("no day planned", "plan_overdue", [on_register(), case()], OPEN),
    ("stated untreated, stay on the day of diagnosis", "untreated_but_inpatient",
     [on_register(), case(), settled(date(2022, 1, 10), "C16.900", "inpatient")], DIFFERS),
    ("stated untreated, stay before the diagnosis", "untreated_but_inpatient",
     [on_register(), case(), settled(date(2022, 1, 9), "C16.900", "inpatient")], SAME),
    ("stated untreated, no stay", "untreated_but_inpatient", [on_register(), case()], SAME),
    ("treated", "untreated_but_inpatient",
     [on_register(), case(treated_date=date(2022, 2, 1)),
      settled(date(2022, 2, 1), "C16.900", "inpatient")], OUT),
]  # fmt: skip


def rows_of(number: int, told: list[tuple]) -> list[tuple[str, str, dict]]:
    rows = []
    for table, month, values in told:
        values = {"person_id": number} | values
        if table == "registered_persons":
            values = person(number, 1000 + number) | values
        if values.get("household_id") == OWN:
            values["household_id"] = 1000 + number
        rows.append((table, month, values))
    if any(table == "registered_persons" for table, _, _ in rows):
        home = household(1000 + number, village_code=VILLAGE)
        rows.append(("registered_households", "2019-01", home))
    return rows


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory):
    made, delivered = make_project(tmp_path_factory.mktemp("compared")), defaultdict(list)
    for number, (_, _, told, _) in enumerate(CASES, start=1):
        for table, month, values in rows_of(number, told):
            delivered[table, month].append(values)
    for (table, month), rows in delivered.items():
        deliver(made, table, month, rows)
    return made


@pytest.fixture(scope="module")
def facts(project):
    at = Moment(project, MONTH, load_consistency_terms(project.params))
    return at.terms, gather_facts(at)


@pytest.fixture(scope="module")
def said(facts):
    """What each comparison says of each person."""
    terms, frames = facts
    result = {}
    for name, comparison in terms.comparisons.items():
        rows = frames[comparison.frame].with_columns(**judge(comparison))
        frame = rows.select("person_id", *judge(comparison)).collect("pandas").to_native()
        for who, *flags in frame.itertuples(index=False):
            # null is neither: every flag that is not true says nothing
            held = dict(
                zip(judge(comparison), (pd.notna(f) and bool(f) for f in flags), strict=True)
            )
            states = {"differing": DIFFERS, "counted": SAME, "undetermined": OPEN}
            for flag, state in states.items():
                if held[flag]:
                    result.setdefault((name, who), state)
    return result


NUMBERED = [(number, *item[1:]) for number, item in enumerate(CASES, start=1)]


@pytest.mark.parametrize(
    ("number", "comparison", "told", "expected"),
    NUMBERED,
    ids=[f"{comparison}: {name}" for name, comparison, *_ in CASES],
)
def test_a_person_is(said: dict, number: int, comparison: str, told: list, expected: str) -> None:
    assert said.get((comparison, number), OUT) == expected


def test_every_comparison_has_a_case(project) -> None:
    terms = load_consistency_terms(project.params)
    assert set(terms.comparisons) == {comparison for _, comparison, *_ in CASES}


def test_counts_are_those_of_the_persons(project, said) -> None:
    counts = count_differences(project, MONTH).groupby("comparison").sum(numeric_only=True)
    for comparison in ("status_differs", "chronic_without_settlement", "plan_overdue"):
        states = [state for (name, _), state in said.items() if name == comparison]
        row = counts.loc[comparison]
        assert row["differing_person_count"] == states.count(DIFFERS)
        assert row["counted_person_count"] == states.count(DIFFERS) + states.count(SAME)
        assert row["undetermined_person_count"] == states.count(OPEN)


def test_a_difference_is_listed_with_the_rows_that_show_it(project) -> None:
    number = next(n for n, c in enumerate(CASES, 1) if c[0] == "household another one")
    rows = list_differences(project, MONTH).set_index(["comparison", "person_id"])
    row = rows.loc[("household_differs", number)]
    assert (row["county_code"], row["prefecture_code"]) == ("632801", "632800")
    assert row["left_file"] == row["right_file"] == "hand.csv"
    assert row["left_row"] >= 2
    missing = rows.loc["register_not_enrolled"]
    assert missing["right_file"].isna().any()
    assert not {"name", "household_id"} & set(rows.columns)


@pytest.mark.parametrize(
    ("month", "is_made"), [("2022-05", False), ("2022-06", True)], ids=["before", "from then on"]
)
def test_a_comparison_is_made_once_its_document_is_out(project, month: str, is_made: bool) -> None:
    made = set(count_differences(project, month)["comparison"])
    assert ("quarterly_visit_missing" in made) == is_made


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2022-05", date(2022, 1, 1), date(2022, 3, 31)),
        ("2022-06", date(2022, 4, 1), date(2022, 6, 30)),
        ("2022-01", date(2021, 10, 1), date(2021, 12, 31)),
    ],
    ids=["in the middle of a quarter", "at its end", "over the turn of the year"],
)
def test_the_last_full_quarter(project, month: str, first: date, last: date) -> None:
    at = Moment(project, month, load_consistency_terms(project.params))
    assert at.quarter == (first, last)


def test_nothing_delivered_leaves_everything_open_or_out(tmp_path) -> None:
    empty = make_project(tmp_path)
    deliver(empty, "registered_households", "2022-06", [household(1)])
    deliver(empty, "registered_persons", "2022-06", [person(1, 1)])
    deliver(empty, "major_disease_cases", "2022-06", [{"person_id": 1} | case()[2]])
    counts = count_differences(empty, MONTH).set_index("comparison")
    assert not counts["differing_person_count"].any()
    for name in ("register_not_enrolled", "case_without_plan", "plan_overdue"):
        assert counts.loc[name, "undetermined_person_count"] == 1


def test_one_person_in_two_files_of_a_month_counts_once(tmp_path) -> None:
    twice = make_project(tmp_path)
    deliver(twice, "registered_households", "2019-01", [household(1)])
    deliver(twice, "registered_persons", "2019-01", [person(1, 1)])
    rows = [listed("other")[2] | {"person_id": 1, "source_row": 2, "source_file": file}
            for file in (LIST, LIST.replace("632800", "630100"))]  # fmt: skip
    deliver(twice, "insurance_enrolment", "2022-01", rows)
    counts = count_differences(twice, MONTH).set_index("comparison")
    assert counts.loc["status_differs", "counted_person_count"] == 1


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("2022-06/民政/社会救助_630102_2022-06.xlsx", "630102"),
        ("2022-01/医保/参保名单_630100_2022.csv", "630100"),
        ("2022-06/卫生健康/慢病患者_2022-06.csv", None),
    ],
    ids=["a county's", "a prefecture's", "the province's"],
)
def test_the_place_in_a_file_name(path: str, place: str | None) -> None:
    assert place_of_file(path) == place


def test_facts_are_booleans_or_unknown(facts) -> None:
    terms, frames = facts
    for comparison in terms.comparisons.values():
        schema = frames[comparison.frame].collect_schema()
        for name in (*comparison.among, comparison.differs):
            assert schema[name] == nw.Boolean, name


def test_a_month_before_anything_came_is_empty(project) -> None:
    counts = count_differences(project, "2018-12")
    assert isinstance(counts, pd.DataFrame) and counts.empty


def test_counties_get_their_own_list_without_names(project) -> None:
    written = {path.stem: path for path in write_county_lists(Month(project, MONTH))}
    # who stands on the insurance's list alone is known by prefecture only
    assert {"632801", "632800"} <= set(written)
    rows = pd.read_excel(written["632801"], engine="openpyxl", dtype=str)
    assert rows["人员编号"].str.fullmatch(r"\d+").all()
    assert (rows["比对"] == "签约户编号与名册不符").sum() == 1
    assert not {"姓名", "证件号码", "数据"} & set(rows.columns)  # not simulated: no mark
    assert written["632801"].stat().st_mode & 0o077 == 0
    assert written["632801"].parent.stat().st_mode & 0o077 == 0
