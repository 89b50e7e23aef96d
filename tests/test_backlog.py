"""Lists of undone work: who is on them, who is not, and where the registers name each."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from healthmon.county_lists import write_backlog_lists
from healthmon.month import Month

from clean_tables import COUNTIES, deliver, household, make_project, person, settlement

LONG = 3_076_847_101_343_058_801
"""An id as they are: a spreadsheet would round it."""
DAY = date(2022, 1, 10)


def case(person_id: int, disease: str = "胃癌", **days: date) -> dict:
    return {"person_id": person_id, "disease": disease, "change_date": DAY} | days


def chronic(person_id: int) -> dict:
    return {
        "person_id": person_id, "disease": "hypertension", "change": "existing",
        "change_date": date(2019, 1, 1),
    }  # fmt: skip


def unsigned(person_id: int, class_: str | None, action: str | None = None) -> dict:
    return {
        "person_id": person_id, "class": class_, "action": action, "change": "existing",
        "change_date": DAY,
    }  # fmt: skip


def stay(number: str, outside_fen: int, **other: object) -> dict:
    """A stay of 1,000 yuan in a secondary hospital, of which 5 % may lie outside the scope."""
    return settlement(
        number, 2, date(2022, 5, 20), 500_00, out_of_scope_fen=outside_fen, facility_code="F1",
        facility_level="level_2", visit_date=date(2022, 5, 10), discharge_date=date(2022, 5, 20),
    ) | other  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, Path]:
    """The lists of June 2022, by county; the households are lifted ones of 632801."""
    project = make_project(tmp_path_factory.mktemp("backlog"))
    ids = [LONG, 2, 3, 4, 5]
    homes = [household(home) for home in (1, 2, 3)]
    homes += [
        household(7, household_kind="marginal", change="added", change_date=day)
        for day in (date(2022, 6, 22),)
    ]
    homes += [
        household(8, household_kind="marginal", change="added", change_date=date(2022, 6, 1),
                  village_code=COUNTIES[0] + "001201"),
    ]  # fmt: skip
    deliver(project, "registered_households", "2022-01", homes)
    deliver(project, "registered_persons", "2022-01", [person(one, 1) for one in ids])
    deliver(
        project, "major_disease_cases", "2022-01",
        [
            case(LONG, verified_date=date(2022, 6, 20)),
            case(2, "食道癌", verified_date=date(2022, 6, 1)),        # another name of it
            case(3, verified_date=DAY, treated_date=DAY),
            case(4, "某病", verified_date=DAY),                       # on no list that is known
            case(5),                                                  # not verified yet
        ],
    )  # fmt: skip
    deliver(project, "chronic_patients", "2022-01", [chronic(2), chronic(3)])
    contracts = [
        {"person_id": one, "team_code": "T1", "signed_date": date(2022, 2, 1)} for one in (3, 5)
    ]
    deliver(project, "family_doctor_contracts", "2022-01", contracts)
    ledger = [unsigned(2, "away"), unsigned(4, "no_card", "notified")]
    deliver(project, "unsigned_persons", "2022-01", ledger)
    records = [
        {"household_id": 7, "listed_date": date(2022, 6, 22), "change_date": date(2022, 6, 22)}
    ]
    deliver(project, "monitored_households", "2022-06", records)
    deliver(project, "settlements", "2022-05", [stay("S0", 90_00)])
    deliver(
        project, "settlements", "2022-06",
        [
            stay("S1", 60_01), stay("S2", 50_00), stay("S3", 90_00, facility_level="level_3"),
            stay("S4", 50_01, facility_county_code="110105"),
        ],
    )  # fmt: skip
    return {path.stem: path for path in write_backlog_lists(Month(project, "2022-06"))}


def sheet(books: dict[str, Path], name: str, county: str = COUNTIES[1]) -> pd.DataFrame:
    return pd.read_excel(books[county], name, dtype={"人员编号": str, "户编号": str})


def test_the_untreated_stand_with_their_days_and_their_row(books) -> None:
    rows = sheet(books, "大病未救治（建档立卡）")
    # the longest first; treated, unknown and unverified cases are not on it
    assert rows["人员编号"].tolist() == ["2", str(LONG)]
    assert rows["核实（无则确诊）后天数"].tolist() == [29, 10]
    assert rows["病种"].tolist() == ["食管癌", "胃癌"]
    assert rows["登记行号"].tolist() == [3, 2]
    assert rows["核实日期"].tolist() == ["2022-06-01", "2022-06-20"]


def test_patients_without_contract_are_listed(books) -> None:
    rows = sheet(books, "慢病未签约")
    assert rows[["人员编号", "病种"]].to_numpy().tolist() == [["2", "高血压"]]


def test_each_class_has_its_own_action(books) -> None:
    rows = sheet(books, "未签约人员和应采取的措施").set_index("人员编号")
    assert set(rows.index) == {str(LONG), "2", "4"}
    assert rows.loc["2", ["未签约原因", "应采取措施"]].tolist() == ["长期外出", "电话联系"]
    # what was due has been done; who is not classed is to be classed first
    assert rows.loc["4", ["未签约原因", "已采取措施"]].tolist() == ["无身份证或社保卡", "告知办证"]
    assert pd.isna(rows.loc["4", "应采取措施"])
    assert rows.loc[str(LONG), "应采取措施"] == "先归类"


def test_deadlines_are_listed_when_missed_or_due_within_a_week(books) -> None:
    rows = sheet(books, "时限超期和即将到期", COUNTIES[0])
    # verification by 8 June, measures by 1 July
    assert rows[["户编号", "时限", "最后期限", "剩余天数（负数为已超期）"]].to_numpy().tolist() == [
        ["8", "入户核实", "2022-06-08", -22], ["8", "落实帮扶措施", "2022-07-01", 1],
    ]  # fmt: skip
    # listed on 22 June: verification was due on the 29th, measures are not due for three weeks
    soon = sheet(books, "时限超期和即将到期")
    assert soon[["户编号", "时限"]].to_numpy().tolist() == [["7", "入户核实"]]


def test_hospitals_bear_what_lies_above_the_cap_of_stays_that_came_this_month(books) -> None:
    rows = sheet(books, "目录外费用超上限的住院")
    # 60.01 of 1,000 yuan; exactly 50.00 is within 5 %, 90.00 within 10 %; S0 came in May; for a
    # hospital outside the province the county of the patient asks
    assert rows["结算单号"].tolist() == ["S1", "S4"]
    assert rows[["总费用（元）", "上限（%）", "应由医院承担（元）"]].to_numpy().tolist() == [
        [1000, 5, 10.01],
        [1000, 5, 0.01],
    ]
    assert rows["登记行号"].tolist() == [2, 5]


def test_a_county_without_undone_work_of_a_kind_has_no_sheet_of_it(books) -> None:
    assert openpyxl.load_workbook(books[COUNTIES[0]]).sheetnames == ["时限超期和即将到期"]


def test_the_lists_are_for_the_owner_alone(books) -> None:
    assert all(path.stat().st_mode & 0o077 == 0 for path in books.values())
