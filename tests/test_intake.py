"""The intake from files to tables: what is taken, what is set aside, and what a second run does."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from healthmon.errors import UserError
from healthmon.intake import take_in
from healthmon.intake.faults import Fault
from healthmon.intake.identity import DEMONSTRATION_KEY, Pseudonyms
from healthmon.intake.month import SheetTally, StagedMonth, tally
from healthmon.tables import read_table

from small_exports import (
    CLINICS,
    DOCTORS,
    HOSPITALS,
    HOUSEHOLDS,
    OTHER_VILLAGE,
    VILLAGE,
    SmallExports,
    household,
    identity,
    person,
    settlement,
)

MONTH = "2019-01"
SHOWN = ["source_row", "column", "value", "reason_code"]


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def aside(exports: SmallExports, table: str | None = None) -> pd.DataFrame:
    found = read_table(exports.project, "set_aside")
    return found[found["table"] == table] if table else found


def test_a_settlement_is_taken_as_written(exports: SmallExports) -> None:
    exports.settlements(MONTH, settlement(total="100.29", basic="60.29"))
    report = take_in(exports.project, MONTH)
    row = read_table(exports.project, "settlements").iloc[0]
    who = Pseudonyms(DEMONSTRATION_KEY, simulated=True).person_id(identity())
    expected = {
        "settlement_no": "S1", "person_id": who, "facility_code": "F1", "facility_level": "level_2",
        "facility_county_code": "630121", "visit_type": "inpatient",
        "visit_date": pd.Timestamp("2019-01-10"), "discharge_date": pd.Timestamp("2019-01-14"),
        "settled_date": pd.Timestamp("2019-01-15"), "diagnosis_code": "I10", "total_fen": 10029,
        "basic_paid_fen": 6029, "major_illness_paid_fen": 0, "assistance_paid_fen": 0,
        "out_of_scope_fen": 500, "out_of_pocket_fen": 4000,
        "source_file": "2019-01/医保/医保结算_630100_2019-01.csv", "source_row": 2,
        "delivered_month": "2019-01",
    }  # fmt: skip
    assert {key: row[key] for key in expected} == expected
    assert list(row.index) == [*list(expected)[:17], "source_sheet", *list(expected)[17:]]
    assert (report.rows_read, report.rows_taken, report.rows_set_aside) == (1, 1, 0)


PERSON_CASES = [
    (
        "a wrong check character",
        {"number": identity()[:17] + "0"},
        "person_id",
        "wrong_check_digit",
    ),
    ("a number too short", {"number": identity()[:17]}, "person_id", "wrong_length"),
    ("a real region", {"number": identity(region="630121")}, "person_id", "mixed_data"),
    ("no number", {"number": " "}, "person_id", "missing"),
    ("another birthday", {"born": "1960-01-03"}, "birth_date", "birth_date_disagrees"),
    ("an impossible birthday", {"born": "1960-02-30"}, "birth_date", "not_a_date"),
    ("an unknown word", {"sex": "南"}, "sex", "unknown_word"),
    ("an unknown word where none is required", {"education": "博士"}, "education", "unknown_word"),
    ("no day of change", {"date": ""}, "change_date", "missing"),
    ("no household", {"home": ""}, "household_id", "missing"),
]


@pytest.mark.parametrize(
    ("change", "column", "code"), [c[1:] for c in PERSON_CASES], ids=[c[0] for c in PERSON_CASES]
)
def test_a_person_is_set_aside_for(
    exports: SmallExports, change: dict, column: str, code: str
) -> None:
    good = person(identity(serial=2))
    exports.persons(MONTH, good, person(**change), person(identity(serial=3)))
    report = take_in(exports.project, MONTH)
    assert aside(exports)[["source_row", "column", "reason_code"]].values.tolist() == [
        [3, column, code]
    ]
    assert read_table(exports.project, "registered_persons")["source_row"].tolist() == [2, 4]
    assert (report.rows_read, report.rows_taken, report.rows_set_aside) == (3, 2, 1)


def test_a_number_with_spaces_still_agrees_with_the_birthday(exports: SmallExports) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in identity(serial=2))
    exports.persons(MONTH, person(f" {identity()} "), person(wide))
    take_in(exports.project, MONTH)
    assert len(read_table(exports.project, "registered_persons")) == 2


SETTLEMENT_CASES = [
    ("parts that do not add up", {"own": "40.01"}, "total_fen", "100.00", "sum_disagrees"),
    ("three decimals", {"total": "100.001"}, "total_fen", "100.001", "too_many_decimals"),
    ("no number", {"basic": "六十"}, "basic_paid_fen", "六十", "not_an_amount"),
    ("less than nothing", {"own": "-40.00"}, "out_of_pocket_fen", "-40.00", "below_minimum"),
    ("no amount", {"total": ""}, "total_fen", None, "missing"),
    ("no such day", {"date": "2019-02-30"}, "settled_date", "2019-02-30", "not_a_date"),
]


@pytest.mark.parametrize(
    ("change", "column", "value", "code"),
    [c[1:] for c in SETTLEMENT_CASES],
    ids=[c[0] for c in SETTLEMENT_CASES],
)
def test_a_settlement_is_set_aside_for(
    exports: SmallExports, change: dict, column: str, value: str | None, code: str
) -> None:
    exports.settlements(MONTH, settlement("S0"), settlement(**change))
    take_in(exports.project, MONTH)
    found = aside(exports)[SHOWN].astype(object)
    assert found.where(found.notna(), None).values.tolist() == [[3, column, value, code]]
    assert read_table(exports.project, "settlements")["settlement_no"].tolist() == ["S0"]


def test_every_fault_of_a_row_is_listed_and_the_row_counted_once(exports: SmallExports) -> None:
    exports.settlements(MONTH, settlement(date="", basic="x", own="y"))
    report = take_in(exports.project, MONTH)
    assert set(aside(exports)["column"]) == {"settled_date", "basic_paid_fen", "out_of_pocket_fen"}
    assert (report.rows_read, report.rows_set_aside) == (1, 1)


def test_missing_values_that_are_not_required_are_null(exports: SmallExports) -> None:
    line = household().replace("因病", "").replace("13900000001", "")
    exports.households(MONTH, line)
    take_in(exports.project, MONTH)
    assert read_table(exports.project, "registered_households")["main_cause"].isna().tolist() == [
        True
    ]


def test_sheets_of_a_workbook_become_tables(exports: SmallExports) -> None:
    exports.workbook(
        MONTH,
        {
            "村卫生室": [
                CLINICS,
                ["C1", "东村", int(VILLAGE), "是", "否", 61],
                ["C2", "西村", OTHER_VILLAGE, "是", "也许", "三"],
                ["C3", "西村", OTHER_VILLAGE, "", "", ""],
            ],
            "村医": [DOCTORS, ["卓玛", identity(), VILLAGE, "C1", "1960-01-02", "是", "本地", 800]],
            "县级医院": [
                HOSPITALS,
                ["H1", "县医院", "630121", "综合医院", "是", "二级", *["是"] * 11, 5, 0.57],
                ["H2", "县医院", "630121", "综合医院", "是", "二级", *["是"] * 11, 5, 1],
            ],
            "说明": [["anything"]],
        },
    )
    report = take_in(exports.project, MONTH)
    clinics = read_table(exports.project, "village_clinics")
    assert clinics["drug_kind_count"].tolist() == [61, pd.NA]
    assert clinics["village_code"].tolist() == [VILLAGE, OTHER_VILLAGE]
    assert clinics["source_sheet"].tolist() == ["村卫生室"] * 2
    hospitals = read_table(exports.project, "county_hospitals")
    assert hospitals["in_county_visit_rate_bp"].tolist() == [5700]
    assert read_table(exports.project, "village_doctors")["birth_date"].tolist() == [
        pd.Timestamp("1960-01-02")
    ]
    file = "2019-01/卫生健康/医疗机构监测表_630100_2019-01.xlsx"
    found = aside(exports, "village_clinics")
    assert found[["source_sheet", "source_row", "header", "value"]].values.tolist() == [
        ["村卫生室", 3, "药品种类数", "三"],
        ["村卫生室", 3, "是否流动卫生室", "也许"],
    ]
    assert aside(exports, "county_hospitals")[["source_row", "reason_code"]].values.tolist() == [
        [3, "undecidable_percentage"]
    ]
    assert f"{file}, sheet 乡镇卫生院: the sheet is missing" in report.problems
    assert any(p.startswith(f"{file}, sheet 说明: ") for p in report.problems)
    of_file = next(f for f in report.files if f.path == file)
    assert (of_file.rows_read, of_file.rows_taken, of_file.rows_set_aside) == (6, 4, 2)


def test_nothing_shows_who_a_person_is(exports: SmallExports) -> None:
    fields = person(identity(serial=2)).split(",")
    slipped = ",".join([fields[0], "", "", *fields[1:-2]])  # the name stands under 与户主关系
    exports.persons(
        MONTH,
        person(),
        slipped,
        person(identity(serial=5), sex="卓玛"),
        person(identity()[:17] + "0", sex="卓玛玛"),
        person(identity(serial=3), education=identity(serial=4)),
        person(identity(serial=6), education="13900000001"),
        person(identity(serial=7)) + ",多",
        'H3,"卓玛',
    )
    exports.households(MONTH, household(), household(village="139"))
    take_in(exports.project, MONTH)
    assert len(aside(exports)) >= 7
    for path in exports.project.processed.rglob("*"):
        if path.suffix == ".parquet":
            text = pq.read_table(path).to_pandas().to_csv()
        elif path.is_file():
            text = path.read_text(encoding="utf-8")
        else:
            continue
        for word in ("卓玛", "13900000001", identity()[:14], "H1,"):
            assert word not in text, path


def test_faults_are_said_as_a_person_would(exports: SmallExports) -> None:
    path = exports.workbook("2020-05", {"村卫生室": [CLINICS, ["C", "", VILLAGE, "", "", "三"]]})
    take_in(exports.project, "2020-05")
    row = read_table(exports.project, "set_aside").iloc[0]
    assert Fault(**row).message() == (
        f"{path.name}, sheet 村卫生室, row 2, column 药品种类数: '三' is not a whole number"
    )


def test_a_key_that_stands_twice_counts_once(exports: SmallExports) -> None:
    exports.settlements(MONTH, settlement("S1"), settlement("S2"), settlement("S1"))
    exports.settlements(MONTH, settlement("S2"), settlement("S3"), prefecture="630200")
    report = take_in(exports.project, MONTH)
    found = aside(exports)
    assert found[["source_row", "value", "reason"]].values.tolist() == [
        [4, "S1", "stands in row 2 already"],
        [2, "S2", "stands in 2019-01/医保/医保结算_630100_2019-01.csv, row 3 already"],
    ]
    assert (report.rows_read, report.rows_taken, report.rows_set_aside) == (5, 3, 2)


def test_the_first_good_row_counts_where_an_earlier_one_is_bad(exports: SmallExports) -> None:
    exports.settlements(MONTH, settlement("S1", own="x"), settlement("S1"))
    take_in(exports.project, MONTH)
    assert read_table(exports.project, "settlements")["source_row"].tolist() == [3]


def test_a_settlement_that_came_in_an_earlier_month_is_set_aside(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    exports.settlements("2019-02", settlement("S2"), settlement("S1"))
    exports.settlements("2019-03", settlement("S1"), settlement("S2"), settlement("S3"))
    report = take_in(exports.project, "2019-03")
    assert read_table(exports.project, "settlements")["settlement_no"].tolist() == [
        "S1",
        "S2",
        "S3",
    ]
    first, second = (f"2019-0{n}/医保/医保结算_630100_2019-0{n}.csv" for n in (1, 2))
    assert aside(exports)[["source_row", "reason"]].values.tolist() == [
        [3, f"stands in {first}, row 2 already"],
        [2, f"stands in {first}, row 2 already"],
        [3, f"stands in {second}, row 2 already"],
    ]
    assert report.rows_read == report.rows_taken + report.rows_set_aside == 6


def test_monthly_forms_may_name_a_facility_every_month(exports: SmallExports) -> None:
    for month in ("2019-01", "2019-02"):
        exports.workbook(month, {"村卫生室": [CLINICS, ["C1", "", VILLAGE, "", "", 61]]})
    take_in(exports.project, "2019-02")
    assert len(read_table(exports.project, "village_clinics")) == 2


FILE_CASES = [
    ("an empty file", lambda path: path.write_bytes(b""), "the file is empty"),
    (
        "a missing column",
        lambda path: path.write_text("户编号,户类型,变动类型,变动日期\n", encoding="utf-8"),
        "column 行政村代码 is missing",
    ),
    (
        "a column that stands twice",
        lambda path: path.write_text(HOUSEHOLDS + ",户编号\n", encoding="utf-8"),
        "column 户编号 stands twice",
    ),
    (
        "a header that cannot be decoded",
        lambda path: path.write_bytes(b"\xff\xfe" + HOUSEHOLDS.encode() + b"\n"),
        "the header holds bytes that are no text",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "reason"), [c[1:] for c in FILE_CASES], ids=[c[0] for c in FILE_CASES]
)
def test_the_other_files_go_on_after(exports: SmallExports, spoil, reason: str) -> None:
    spoil(exports.households(MONTH, household()))
    exports.persons(MONTH, person())
    report = take_in(exports.project, MONTH)
    assert f"2019-01/乡村振兴/建档立卡户_2019-01.csv: {reason}" in report.problems
    assert len(read_table(exports.project, "registered_households")) == 0
    assert len(read_table(exports.project, "registered_persons")) == 1


def test_columns_may_stand_in_another_order_and_too_many_are_named(exports: SmallExports) -> None:
    header = "备注,变动日期,变动类型,户类型,行政村代码,户编号"
    exports.households(MONTH, f"x,2019/1/1,存量,脱贫户,{VILLAGE},H1", header=header)
    report = take_in(exports.project, MONTH)
    row = read_table(exports.project, "registered_households").iloc[0]
    assert (row["village_code"], row["household_kind"]) == (VILLAGE, "lifted")
    file = "2019-01/乡村振兴/建档立卡户_2019-01.csv"
    assert f"{file}: column 备注 is not in the list of exports and was not read" in report.problems
    assert (
        f"{file}: column 主要致贫原因 is missing, its values are taken as missing"
        in report.problems
    )


def test_missing_and_unexpected_files_are_named(exports: SmallExports) -> None:
    exports.persons(MONTH, person())
    exports.path(MONTH, "乡村振兴", "建档立卡人口_2018-12.csv").write_text("x")
    exports.path(MONTH, "乡村振兴", "~$lock.xlsx").write_text("x")
    report = take_in(exports.project, MONTH)
    problems = "\n".join(report.problems)
    assert "2019-01/乡村振兴/建档立卡户_2019-01.csv: the file is missing" in problems
    assert "2019-01/医保/医保结算_632800_2019-01.csv: the file is missing" in problems
    assert "2019-01/医保/参保名单_632800_2019.csv: the file is missing" in problems
    assert "2019-01/乡村振兴/家庭收入_2018.csv: the file is missing" in problems
    assert "建档立卡人口_2018-12.csv: the file is not in the list of exports" in problems
    assert "lock" not in problems
    assert (
        "months up to 2019-01: 1, read now: 1; files: 2; rows: 1 = 1 taken + 0 set aside"
        in report.summary()
    )


def test_real_and_simulated_persons_are_never_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    exports = SmallExports(tmp_path / "real", simulated=False)
    exports.persons(MONTH, person(identity(region="630121")), person())
    take_in(exports.project, MONTH)
    assert read_table(exports.project, "registered_persons")["source_row"].tolist() == [2]
    assert aside(exports)["reason_code"].tolist() == ["mixed_data"]


def test_counts_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    staged = StagedMonth("2019-01", tmp_path, [SheetTally("a.csv", "settlements", rows_read=1)])
    with pytest.raises(RuntimeError, match="do not add up"):
        tally(staged)


def test_nothing_delivered_is_an_empty_report(exports: SmallExports) -> None:
    assert take_in(exports.project, "2019-01").months == ()
    with pytest.raises(UserError, match="not a month"):
        take_in(exports.project, "2019-13")
