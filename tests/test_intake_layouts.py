"""Forms as they are really filled in: titles, merged headers, totals, notes, units, values."""

import datetime
import io
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from bad_files import ASSISTANCE, BILLS, CLINIC, FORM, HELP, HELPED, HOMES, MONTH, lay, workbook

from healthmon.intake import take_in
from healthmon.intake.csv_file import read_csv
from healthmon.intake.headers import header_key, header_unit
from healthmon.intake.layout import find_layout
from healthmon.intake.manifest import read_manifest
from healthmon.tables import read_table

from small_exports import (
    CLINICS,
    HOUSEHOLDS,
    SETTLEMENTS,
    VILLAGE,
    SmallExports,
    household,
    identity,
    settlement,
)

TOWNSHIP = "630121100"


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def said(exports: SmallExports, file: str) -> dict[tuple, int]:
    """What was understood in a file: kind and column to how often."""
    about = read_manifest(exports.project)["months"][MONTH]["files"][f"{MONTH}/{file}"]
    return {(c["kind"], c["column"]): c["count"] for c in about["conversions"]}


def take(exports: SmallExports, file: str, data: bytes, table: str) -> pd.DataFrame:
    lay(exports.project.raw, {file: data})
    report = take_in(exports.project, MONTH)
    assert report.rows_read == report.rows_taken + report.rows_set_aside
    return read_table(exports.project, table)


def test_a_form_with_title_totals_and_signatures(exports: SmallExports) -> None:
    rows = [
        ["2022年6月社会救助对象花名册"],
        ["填报单位：大通县民政局（盖章）", None, None, "填报日期：2022年7月5日"],
        ASSISTANCE,
        HELPED,
        ["小　计", None, None, 350],
        ["达娃", identity(serial=2), "城市低保", "1,200.50", "新增", "2022-06-06"],
        [],
        ["合计", None, None, 1550.5],
        ["填表人：张三", None, "审核人：李四"],
        ["注：本表一式两份"],
    ]
    helped = take(exports, HELP, workbook({"救助对象": rows}), "social_assistance")
    assert helped["source_row"].tolist() == [4, 6]
    assert helped["monthly_amount_fen"].tolist() == [35000, 120050]
    assert len(read_table(exports.project, "set_aside")) == 0
    assert said(exports, HELP) == {
        ("title_row", None): 2,
        ("totals_row", None): 2,
        ("note_row", None): 2,
        ("thousands_separator", "monthly_amount_fen"): 1,
    }


def test_a_row_that_only_looks_like_a_note_stays(exports: SmallExports) -> None:
    clinic = ["注水村01", "说明村卫生室", VILLAGE, "是", "否", 61]
    rows = take(exports, FORM, workbook({"村卫生室": [CLINICS, clinic]}), "village_clinics")
    assert rows["facility_code"].tolist() == ["注水村01"]


def test_merged_headers_of_two_rows(exports: SmallExports) -> None:
    upper = [
        "机构编码",
        "机构名称",
        "乡镇代码",
        "心电图机",
        None,
        "X光机",
        None,
        "贫困高血压",
        None,
    ]
    lower = [None, None, None, "是否配备", "能否使用", "是否配备", "能否使用", "患者数", "签约数"]
    row = ["F1", "卫生院", TOWNSHIP, "有", "能", "√", "×", "１２", "10人"]
    book = workbook(
        {"乡镇卫生院": [["监测表"], upper, lower, row]},
        {"乡镇卫生院": ["A2:A3=机构编码", "D2:E2=心电图机", "F2:G2=X光机", "H2:I2=贫困高血压"]},
    )
    found = take(exports, FORM, book, "township_hospitals").iloc[0]
    assert found["source_row"] == 4
    assert [found[k] for k in ("has_ecg", "is_ecg_operable", "has_xray", "is_xray_operable")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert found["poor_hypertension_patient_count"] == 12
    assert found["poor_hypertension_contracted_count"] == 10
    kinds = said(exports, FORM)
    assert kinds["two_row_header", None] == 1
    assert kinds["yes_no_word", "has_xray"] == 1
    assert kinds["full_width", "poor_hypertension_patient_count"] == 1


HEADERS = [
    ("one row", [["姓名", "金额"], ["a", "1"]], 1, ["姓名", "金额"]),
    ("a title above", [["表"], ["姓名", "金额"]], 2, ["姓名", "金额"]),
    ("a title merged over all", [["表", "", ""], ["", "", ""], ["姓名", "金额"]], 3, None),
    ("two rows", [["姓名", "费用", ""], ["", "金额", "自付"]], 2, ["姓名", "费用金额", "费用自付"]),
    ("three rows", [["人", "医疗", ""], ["", "费用", ""], ["姓名", "金额", "自付"]], 3, None),
]


@pytest.mark.parametrize(
    ("top", "end", "headers"), [h[1:] for h in HEADERS], ids=[h[0] for h in HEADERS]
)
def test_headers_are_found_in(top: list, end: int, headers: list | None) -> None:
    known = {"姓名", "金额", "费用金额", "费用自付"}
    layout = find_layout(top, known)
    assert layout.end == end
    if headers:
        assert layout.headers == headers


KEYS = [
    ("总费用（元）", "总费用", "元"),
    ("总费用(万元)", "总费用", "万元"),
    ("总费用（单位：万元）", "总费用", "万元"),
    ("总 费 用", "总费用", None),
    ("*证件号码：", "证件号码", None),
    ("CT是否\n配备", "ct是否配备", None),
    ("就诊率（％）", "就诊率", "%"),
    ("填报单位(盖章)", "填报单位(盖章)", None),
]


@pytest.mark.parametrize(("header", "key", "unit"), KEYS, ids=[repr(k[0]) for k in KEYS])
def test_a_header_is_compared_without_marks_and_unit(
    header: str, key: str, unit: str | None
) -> None:
    assert (header_key(header), header_unit(header)) == (key, unit)


UNITS = [
    ("in the header", SETTLEMENTS.replace("总费用(元)", "总费用（万元）"), "0.01", ""),
    ("in the cell", SETTLEMENTS, "0.01万元", ""),
    ("above the headers", SETTLEMENTS.replace("总费用(元)", "总费用"), "0.01", "单位：万元\r\n"),
    ("in the cell against the header", SETTLEMENTS.replace("(元)", "(万元)"), "100元", ""),
]


@pytest.mark.parametrize(
    ("header", "total", "title"), [u[1:] for u in UNITS], ids=[u[0] for u in UNITS]
)
def test_ten_thousands_of_yuan_are_exact(
    exports: SmallExports, header: str, total: str, title: str
) -> None:
    line = settlement(date="2022-06-15", total=total)
    if "against" in total or header.count("万元") > 1:
        for yuan in ("60.00", "40.00", "5.00"):
            line = line.replace(yuan, f"{yuan}元")
    data = f"{title}{header}\r\n{line}\r\n".encode("gb18030")
    row = take(exports, BILLS, data, "settlements").iloc[0]
    assert (row["total_fen"], row["basic_paid_fen"], row["out_of_scope_fen"]) == (10000, 6000, 500)
    kinds = said(exports, BILLS)
    assert ("ten_thousand_yuan", "total_fen") in kinds or ("unit_word", "total_fen") in kinds


@pytest.mark.parametrize("from_1904", [False, True])
def test_days_as_excel_counts_them(exports: SmallExports, from_1904: bool) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"date_1904": from_1904}) as book:
        sheet = book.add_worksheet("救助对象")
        sheet.write_row(0, 0, ASSISTANCE)
        sheet.write_row(1, 0, [*HELPED[:5], 44717 - 1462 * from_1904])
        sheet.write_row(2, 0, ["达娃", identity(serial=2), *HELPED[2:5]])
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(2, 5, datetime.datetime(2022, 6, 6), form)
    rows = take(exports, HELP, data.getvalue(), "social_assistance")
    assert rows["change_date"].tolist() == [pd.Timestamp("2022-06-05"), pd.Timestamp("2022-06-06")]
    assert said(exports, HELP) == {("excel_serial_date", "change_date"): 1}


def test_an_identity_number_stored_as_a_number_is_set_aside(exports: SmallExports) -> None:
    book = workbook({"救助对象": [ASSISTANCE, ["卓玛", float(identity()[:17] + "0"), *HELPED[2:]]]})
    take(exports, HELP, book, "social_assistance")
    assert read_table(exports.project, "set_aside")["reason_code"].tolist() == ["lost_digits"]


def test_a_month_where_a_day_is_asked_for_is_set_aside(exports: SmallExports) -> None:
    book = workbook({"救助对象": [ASSISTANCE, [*HELPED[:5], "2022年6月"]]})
    take(exports, HELP, book, "social_assistance")
    assert read_table(exports.project, "set_aside")["reason_code"].tolist() == ["month_for_date"]


def test_headers_may_have_other_names_and_are_said(exports: SmallExports) -> None:
    header = ["姓 名", "身份证号码", "保障类别", "月救助金额", "*变动类型", "变动时间"]
    rows = take(exports, HELP, workbook({"救助对象": [header, HELPED]}), "social_assistance")
    assert rows["monthly_amount_fen"].tolist() == [35000]
    assert said(exports, HELP) == {
        ("header_alias", "person_id"): 1,
        ("header_alias", "kind"): 1,
        ("header_alias", "change_date"): 1,
    }


def test_headers_repeated_on_each_page_are_no_rows(exports: SmallExports) -> None:
    book = workbook({"村卫生室": [CLINICS, CLINIC, CLINICS, ["C2", *CLINIC[1:]]]})
    rows = take(exports, FORM, book, "village_clinics")
    assert rows["source_row"].tolist() == [2, 4]
    assert said(exports, FORM) == {("repeated_header", None): 1}


def test_lines_numbered_and_left_empty_are_no_rows(exports: SmallExports) -> None:
    rows = [["序号", *CLINICS], [1, *CLINIC], [2], [3]]
    clinics = take(exports, FORM, workbook({"村卫生室": rows}), "village_clinics")
    assert clinics["source_row"].tolist() == [2]
    assert said(exports, FORM) == {("empty_row", None): 2}


def test_an_alias_beside_the_header_itself_is_another_column(exports: SmallExports) -> None:
    rows = [[*CLINICS, "机构代码"], [*CLINIC, "X"]]
    clinics = take(exports, FORM, workbook({"村卫生室": rows}), "village_clinics")
    assert clinics["facility_code"].tolist() == ["C1"]


def test_a_text_file_with_title_total_and_note(exports: SmallExports) -> None:
    lines = ["2022年6月建档立卡户", "", HOUSEHOLDS, household(), "合计,,,,1,,,", "填表人：张三"]
    rows = take(exports, HOMES, "\r\n".join(lines).encode("utf-8-sig"), "registered_households")
    assert rows["source_row"].tolist() == [4]
    assert said(exports, HOMES) == {
        ("title_row", None): 1,
        ("totals_row", None): 1,
        ("note_row", None): 1,
    }


BROKEN = [
    ("a line break in a field", ['"a\nb",男,1', "c,女,2"], {2: "a b", 4: "c"}, {}),
    ("two line breaks in a field", ['"a\n\nb",男,1', "c,女,2"], {2: "a  b", 5: "c"}, {}),
    ("a forgotten quote", ['"a,男,1', "c,女,2"], {3: "c"}, {2: "open_quote"}),
    (
        "two forgotten quotes",
        ['"a,男,1', "b,女,2", '"c,女,3', "d,女,4"],
        {3: "b", 5: "d"},
        {2: "open_quote", 4: "open_quote"},
    ),
    (
        "a forgotten quote before a line break",
        ['"a,男,1', '"b\nb",女,2', "c,女,3"],
        {3: "b b", 5: "c"},
        {2: "open_quote"},
    ),
    (
        "forgotten quotes at both ends of a row's width",
        ['"a,男,1', 'b",女,2', "c,女,3"],
        {4: "c"},
        {2: "open_quote", 3: "open_quote"},
    ),
    ("a comma in a field over two lines", ['"a,\nb",男,1'], {2: "a, b"}, {}),
    ("the last line cut short", ["a,男,1", "b,男"], {2: "a"}, {3: "cut_short"}),
    ("the last line whole, without an end", ["a,男,1", "b,男,2"], {2: "a", 3: "b"}, {}),
    ("the last line cut in quotes", ["a,男,1", '"b,男'], {2: "a"}, {3: "cut_short"}),
]


@pytest.mark.parametrize(
    ("lines", "taken", "faults"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_records_and_lines(lines: list[str], taken: dict, faults: dict) -> None:
    text = "\n".join(["姓名,性别,金额", *lines])
    sheet = read_csv(text.encode(), "utf-8-sig", {"姓名", "性别", "金额"})
    names = sheet.columns[0].to_pylist()
    assert dict(zip(sheet.rows.tolist(), names, strict=True)) == taken
    assert {fault.row: fault.code for fault in sheet.faults} == faults


def test_a_header_over_two_lines_is_one_header() -> None:
    text = '姓名,"性\n别",金额\na,男,1\n'
    sheet = read_csv(text.encode(), "utf-8-sig", {"姓名", "性别", "金额"})
    assert sheet.rows.tolist() == [3]
    assert [header_key(header) for header in sheet.headers] == ["姓名", "性别", "金额"]
