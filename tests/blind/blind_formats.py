"""Cases on file formats and encodings (what is really sent)."""

import datetime

import pyarrow as pa
from blind_case import Case, Delivery, Line, Sheet, file_name
from blind_facilities import workbook_of
from blind_files import (
    csv_text,
    deliver,
    gz_bytes,
    html_table,
    parquet_bytes,
    send_book,
    send_csv,
    xls_bytes,
    xlsx_bytes,
)
from blind_people import (
    assistance,
    contract,
    major_case,
    registered,
    settlement,
    sheet_of,
)

POINT = "1 formats"
GZ = file_name("settlements") + ".gz"
XLS = file_name("social_assistance").replace(".xlsx", ".xls")


def _settlements(**layout) -> Sheet:
    return sheet_of("settlements", settlement, **layout)


def _text_cases() -> list[Case]:
    lines = tuple(contract(no) for no in (1, 2, 3))
    awkward = contract(3).but({"姓名": '韩,阿依舍\n"曾用名"'})
    rare = registered(1).but({"姓名": "王𠮷䶮", "民族": "藏族"})
    return [
        Case("settlements in UTF-8 with BOM instead of GB18030", POINT,
             (send_csv(_settlements(), encoding="utf-8-sig"),)),
        Case("settlements in UTF-8 without BOM", POINT,
             (send_csv(_settlements(), encoding="utf-8"),)),
        Case("the register in GB18030 instead of UTF-8", POINT,
             (send_csv(sheet_of("registered_persons", registered), encoding="gb18030"),)),
        Case("the register in UTF-8 without BOM", POINT,
             (send_csv(sheet_of("registered_persons", registered), encoding="utf-8"),)),
        Case("a name with characters that only four-byte GB18030 has", POINT,
             (send_csv(Sheet("registered_persons", (rare, registered(2))), encoding="gb18030"),)),
        Case("lines that end with LF alone, without one at the end", POINT,
             (deliver(Sheet("family_doctor_contracts", lines),
                      csv_text(Sheet("family_doctor_contracts", lines), newline="\n")
                      .rstrip("\n").encode()),)),
        Case("a quoted name with a comma, quotes and a line break in it", POINT,
             (send_csv(Sheet("family_doctor_contracts", (contract(1), contract(2), awkward))),)),
        Case("every line ends in spare commas, as Excel leaves them", POINT,
             (_spare_commas(),)),
        Case("tabs between the fields of a .csv", POINT,
             (_text_with("\t", "utf-8-sig"),)),
        Case("semicolons between the fields", POINT, (_text_with(";", "utf-8-sig"),)),
        Case("Excel's 'Unicode text': UTF-16 and tabs", POINT, (_text_with("\t", "utf-16"),)),
    ]  # fmt: skip


def _text_with(separator: str, encoding: str) -> Delivery:
    sheet = sheet_of("family_doctor_contracts", contract)
    return deliver(sheet, csv_text(sheet, separator).encode(encoding), may_be_refused=True)


def _spare_commas() -> Delivery:
    sheet = sheet_of("family_doctor_contracts", contract)
    text = csv_text(sheet).replace("\r\n", ",,,\r\n") + ",,,,,,\r\n"
    return deliver(sheet, text.encode("utf-8-sig"))


def _broken_text_cases() -> list[Case]:
    return [
        Case("one byte that is no GB18030 costs its own line, not the file", POINT,
             (_one_bad_byte(),)),
        Case("a part in UTF-8 and a part in GB18030, put together with copy a+b", POINT,
             (_two_encodings(),)),
        Case("two files put together: a second BOM and header in the middle", POINT,
             (_two_headers(),)),
        Case("a field too few and a field too many", POINT, (_field_counts(),)),
        Case("a quotation mark that nobody closes does not swallow the file in silence", POINT,
             (_open_quote(),)),
    ]  # fmt: skip


def _one_bad_byte() -> Delivery:
    lines = (settlement(1), settlement(2).aside({}), settlement(3))
    text = csv_text(Sheet("settlements", lines)).encode("gb18030").split(b"\r\n")
    # a lead byte and a byte that can follow none
    text[2] = text[2].replace("住院".encode("gb18030"), b"\xd7\x20\xff")
    return deliver(Sheet("settlements", lines), b"\r\n".join(text))


def _two_encodings() -> Delivery:
    lines = (major_case(1), major_case(2), major_case(3).either({}), major_case(4).either({}))
    text = csv_text(Sheet("major_disease_cases", lines)).split("\r\n")
    start, rest = "\r\n".join(text[:3]) + "\r\n", "\r\n".join(text[3:])
    sheet = Sheet("major_disease_cases", lines)
    return deliver(sheet, start.encode("utf-8-sig") + rest.encode("gb18030"), may_be_refused=True)


def _two_headers() -> Delivery:
    lines = (contract(1), contract(2), Line(list(contract(1).cells), fate="ignored"), contract(3))
    text = csv_text(Sheet("family_doctor_contracts", lines)).split("\r\n")
    text[3] = "\ufeff" + text[3]
    return deliver(Sheet("family_doctor_contracts", lines), "\r\n".join(text).encode("utf-8-sig"))


def _field_counts() -> Delivery:
    lines = (settlement(1), settlement(2).aside({}), settlement(3).aside({}), settlement(4))
    text = csv_text(Sheet("settlements", lines)).split("\r\n")
    text[2] = text[2].replace(",住院,", ",")
    text[3] = text[3].replace(",I10,", ",I10,J44,")
    return deliver(Sheet("settlements", lines), "\r\n".join(text).encode("gb18030"))


def _open_quote() -> Delivery:
    lines = (contract(1), contract(2).aside({}), contract(3).either({}), contract(4).either({}))
    text = csv_text(Sheet("family_doctor_contracts", lines)).split("\r\n")
    text[2] = '"' + text[2]
    sheet = Sheet("family_doctor_contracts", lines)
    return deliver(sheet, "\r\n".join(text).encode("utf-8-sig"), may_be_refused=True)


def _container_cases() -> list[Case]:
    settled, poor = _settlements(), sheet_of("social_assistance", assistance)
    parquet = file_name("settlements").replace(".csv", ".parquet")
    return [
        Case("settlements as .csv.gz", POINT,
             (deliver(settled, gz_bytes(csv_text(settled).encode("gb18030")), GZ),)),
        Case("settlements as .csv.gz in UTF-8", POINT,
             (deliver(settled, gz_bytes(csv_text(settled).encode("utf-8")), GZ),)),
        Case("settlements as Parquet with everything as text", POINT,
             (deliver(settled, parquet_bytes(settled), parquet),)),
        Case("settlements as Parquet with numbers and dates", POINT,
             (_typed_parquet(parquet),)),
        Case("settlements as .xlsx, in a sheet called Sheet1", POINT, (send_book(settled),)),
        Case("social assistance as .xls of Excel 97-2003", POINT,
             (deliver(poor, _xls(poor), XLS),)),
        Case("the facility workbook with its five sheets as .xls", POINT, (_facility_xls(),)),
        Case("social assistance as CSV in UTF-8", POINT, (send_csv(poor),)),
        Case("social assistance as CSV in GB18030", POINT, (send_csv(poor, encoding="gb18030"),)),
    ]  # fmt: skip


def _xls(*sheets: Sheet) -> bytes:
    return xls_bytes(sheets)


def _facility_xls() -> Delivery:
    sheets = workbook_of()
    name = file_name("county_hospitals").replace(".xlsx", ".xls")
    return Delivery(name, xls_bytes(sheets), sheets, "卫生健康")


def _typed_parquet(name: str) -> Delivery:
    money = [header for header in settlement(1).cells if header.endswith("(元)")]
    days = ("就诊日期", "出院日期", "结算日期")
    lines = tuple(
        line.but(
            {header: float(line.cells[header]) for header in money}
            | {header: datetime.date.fromisoformat(line.cells[header]) for header in days}
        )
        for line in (settlement(1), settlement(2))
    )
    sheet = Sheet("settlements", lines)
    kinds = dict.fromkeys(money, pa.float64()) | dict.fromkeys(days, pa.date32())
    return deliver(sheet, parquet_bytes(sheet, kinds), name)


def _wrong_name_cases() -> list[Case]:
    poor, settled = sheet_of("social_assistance", assistance), _settlements()
    tabbed = csv_text(poor, "\t").encode("gb18030")
    upper = file_name("settlements").replace(".csv", ".CSV")
    said = {"may_be_refused": True}
    return [
        Case("called .xls, but .xlsx inside", POINT,
             (deliver(poor, xlsx_bytes([poor]), XLS, **said),)),
        Case("called .xls, but a web page with a table inside", POINT,
             (deliver(poor, html_table(poor).encode(), XLS, **said),)),
        Case("called .xls, but text with tabs in GB18030 inside", POINT,
             (deliver(poor, tabbed, XLS, **said),)),
        Case("called .xlsx, but text inside", POINT,
             (deliver(poor, csv_text(poor).encode("gb18030"), **said),)),
        Case("called .csv, but a workbook inside", POINT,
             (deliver(settled, xlsx_bytes([settled]), **said),)),
        Case("called .csv, but gzip inside", POINT,
             (deliver(settled, gz_bytes(csv_text(settled).encode("gb18030")), **said),)),
        Case("an ending in capitals", POINT,
             (deliver(settled, csv_text(settled).encode("gb18030"), upper, **said),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases on formats."""
    return _text_cases() + _broken_text_cases() + _container_cases() + _wrong_name_cases()
