"""Files as they come: encodings, bad bytes, short lines, forgotten quotes, cells of a workbook."""

import datetime
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from healthmon.intake.csv_file import read_csv
from healthmon.intake.faults import UnreadableError
from healthmon.intake.reading import Workbook, cell_text, read_text_file
from healthmon.intake.sheet import Sheet

HEADERS = {"姓名", "性别", "金额"}
HEADER = "姓名,性别,金额\n"


def rows(sheet: Sheet) -> dict[int, list[str]]:
    """Row number to fields."""
    columns = [column.to_pylist() for column in sheet.columns]
    return {
        int(row): list(cells)
        for row, cells in zip(sheet.rows, zip(*columns, strict=True), strict=True)
    }


def faults(sheet: Sheet) -> dict[int, str]:
    return {fault.row: fault.code for fault in sheet.faults}


@pytest.mark.parametrize("declared", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("actual", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_is_found_where_the_declared_one_is_wrong(declared: str, actual: str) -> None:
    sheet = read_csv((HEADER + "卓玛,女,1\n").encode(actual), declared, HEADERS)
    assert sheet.headers == ["姓名", "性别", "金额"]
    assert rows(sheet) == {2: ["卓玛", "女", "1"]}


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [
        ("utf-8", b"\xff"),
        ("utf-8", b"\xe5\x8d"),
        ("gb18030", b"\xff"),
        ("gb18030", b"\x81"),
        ("gb18030", b"\x81\x30"),
    ],
)
def test_a_bad_byte_costs_its_own_line(encoding: str, bad: bytes) -> None:
    before, spoilt, after = (
        text.encode(encoding) for text in (HEADER + "卓玛,女,1\n", ",男,2\n", "尼玛,男,3\n")
    )
    sheet = read_csv(before + bad + spoilt + after, encoding, HEADERS)
    assert rows(sheet) == {2: ["卓玛", "女", "1"], 4: ["尼玛", "男", "3"]}
    assert faults(sheet) == {3: "undecodable"}
    assert sheet.row_count == 3


def test_ragged_lines_are_set_aside_with_their_row() -> None:
    text = HEADER + "a,男,1\nb,男\n\nc,男,3,4\n,,\nd,男,5\n"
    sheet = read_csv(text.encode(), "utf-8-sig", HEADERS)
    assert rows(sheet) == {2: ["a", "男", "1"], 7: ["d", "男", "5"]}
    assert faults(sheet) == {3: "wrong_field_count", 5: "wrong_field_count"}
    assert [fault.reason for fault in sheet.faults] == [
        "has 2 fields instead of 3",
        "has 4 fields instead of 3",
    ]
    assert sheet.row_count == 4  # lines that hold nothing are no rows


def test_a_forgotten_quote_costs_its_own_line() -> None:
    text = HEADER + 'a,男,1\n"b,男,2\n"c,d",男,3\n"e ""f""",男,4\n'
    sheet = read_csv(text.encode(), "utf-8-sig", HEADERS)
    assert rows(sheet) == {2: ["a", "男", "1"], 4: ["c,d", "男", "3"], 5: ['e "f"', "男", "4"]}
    assert faults(sheet) == {3: "open_quote"}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_line_endings_do_not_matter(ending: str, last: str) -> None:
    text = (HEADER + "a,男,1\nb,女,2" + last).replace("\n", ending)
    assert rows(read_csv(text.encode(), "utf-8-sig", HEADERS)) == {
        2: ["a", "男", "1"],
        3: ["b", "女", "2"],
    }


@pytest.mark.parametrize("text", [HEADER, HEADER.strip()])
def test_a_header_alone_is_a_file_without_rows(text: str) -> None:
    assert read_csv(text.encode(), "utf-8-sig", HEADERS).row_count == 0


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError) as raised:
        read_csv(data, "utf-8-sig", HEADERS)
    assert raised.value.code == "empty_file"


def test_headers_are_read_full_width_or_not() -> None:
    sheet = read_csv(" 月救助金额（元） ,姓名\n1,a\n".encode(), "utf-8-sig", HEADERS)
    assert sheet.headers == ["月救助金额(元)", "姓名"]


def test_compressed_csv_and_parquet_are_read_as_csv_is(tmp_path: Path) -> None:
    zipped, parquet = tmp_path / "a.csv.gz", tmp_path / "a.parquet"
    zipped.write_bytes(gzip.compress((HEADER + "卓玛,女,1.50\n").encode("gb18030")))
    day = datetime.date(2021, 3, 5)
    pq.write_table(pa.table({"姓名": ["卓玛"], "日期": [day], "是": [True], "数": [2.0]}), parquet)
    assert rows(read_text_file(zipped, "gb18030", HEADERS)) == {2: ["卓玛", "女", "1.50"]}
    assert rows(read_text_file(parquet, "gb18030", HEADERS)) == {
        2: ["卓玛", "2021-03-05", "是", "2"]
    }


@pytest.mark.parametrize("name", ["a.csv.gz", "a.parquet"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(bytes(range(256)))[:100])
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_text_file(tmp_path / name, "utf-8", HEADERS)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (630121100208.0, "630121100208"),
        (0.57, "0.57"),
        (0.1 + 0.2, "0.3"),
        (123456.78, "123456.78"),
        (1e-7, "0.0000001"),
        (1e20, "100000000000000000000"),
        (True, "是"),
        (False, "否"),
        ("", ""),
        (None, ""),
        (datetime.date(2021, 3, 5), "2021-03-05"),
        (datetime.datetime(2021, 3, 5), "2021-03-05"),
        (datetime.datetime(2021, 3, 5, 8, 30), "2021-03-05 08:30:00"),
    ],
)
def test_a_cell_becomes_the_text_that_the_sheet_shows(cell: object, text: str) -> None:
    assert cell_text(cell) == text


def test_rows_of_a_sheet_are_counted_from_its_top(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表 一")
        sheet.write_row(0, 0, ["姓名", "金额", "日期"])
        sheet.write_row(1, 0, ["a", 1])
        sheet.write_row(4, 0, ["b", 2.5])
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(4, 2, datetime.datetime(2021, 3, 5), form)
    read = Workbook(path).read("表 一")
    assert read.headers == ["姓名", "金额", "日期"]
    assert rows(read) == {2: ["a", "1", ""], 5: ["b", "2.5", "2021-03-05"]}


def test_a_workbook_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("空")
        book.add_worksheet("低").write_row(2, 0, ["姓名", "金额"])
    with pytest.raises(UnreadableError, match="first row holds no headers"):
        Workbook(path).read("空")
    assert Workbook(path).read("低").header_row == 3
    with pytest.raises(UnreadableError, match="sheet is missing"):
        Workbook(path).read("村医")
    for data, code in ((b"", "empty_file"), (b"no workbook", "unreadable")):
        path.write_bytes(data)
        with pytest.raises(UnreadableError) as raised:
            Workbook(path)
        assert raised.value.code == code
