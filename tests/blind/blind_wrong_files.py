"""Cases on files that are wrong as a whole, and on what comes twice."""

import datetime
from dataclasses import replace

from blind_case import Case, Delivery, Line, Sheet, file_name
from blind_facilities import county_hospital, county_sheet, workbook_of
from blind_files import csv_text, deliver, encrypted, gz_bytes, send_book, send_csv, xlsx_bytes
from blind_people import (
    assistance,
    contract,
    enrolment,
    household,
    person,
    registered,
    settlement,
    sheet_of,
)

POINT = "2 whole files"
TWICE = "2 twice"
MAY = "2022-05"
SETTLED = sheet_of("settlements", settlement)
POOR = sheet_of("social_assistance", assistance)


def _nothing(table: str) -> Sheet:
    make = {"settlements": settlement, "social_assistance": assistance}[table]
    return Sheet(table, (), headers=tuple(make(1).cells))


def _named(content: bytes, table: str = "settlements", name: str = "") -> Delivery:
    return deliver(_nothing(table), content, name, is_named=True)


def _beside(name: str, content: bytes) -> tuple[Delivery, ...]:
    """Return a good file and one that nobody asked for."""
    return (send_csv(SETTLED), Delivery(name, content, is_named=True))


def _without(sheet: Sheet, header: str) -> Sheet:
    return replace(sheet, headers=tuple(key for key in sheet.columns if key != header))


def _empty_cases() -> list[Case]:
    return [
        Case("a file of 0 bytes", POINT, (_named(b""),)),
        Case("a workbook of 0 bytes", POINT, (_named(b"", "social_assistance"),)),
        Case("only a header, where there are settlements every month", POINT,
             (_named(csv_text(_nothing("settlements")).encode("gb18030")),)),
        Case("only blank lines", POINT, (_named(b"\r\n\r\n,,,\r\n"),)),
        Case("a workbook whose sheet is empty", POINT,
             (_named(_blank_book(), "social_assistance"),)),
        Case("a workbook with a title and no table", POINT,
             (_named(_blank_book("本月无变动"), "social_assistance"),)),
    ]  # fmt: skip


def _blank_book(text: str = "") -> bytes:
    line = Line([], fate="ignored")
    return xlsx_bytes([Sheet("social_assistance", (line,), headers=(text,) if text else (None,))])


def _broken_cases() -> list[Case]:
    whole = xlsx_bytes([POOR])
    text = csv_text(SETTLED).encode("gb18030")
    packed = gz_bytes(csv_text(sheet_of("settlements", settlement, 60)).encode("gb18030"))
    return [
        Case("a workbook locked with a password", POINT, (_locked(whole),)),
        Case("a workbook cut short", POINT,
             (_named(whole[: len(whole) // 2], "social_assistance"),)),
        Case("a workbook of random bytes", POINT,
             (_named(b"\x8a\x01PK" * 400, "social_assistance"),)),
        Case("a .csv.gz cut short gives no half file", POINT,
             (_named(packed[: len(packed) * 2 // 3], name=file_name("settlements") + ".gz"),)),
        Case("a CSV cut short in the middle of its last row", POINT,
             (_cut(text, 60),)),
        Case("a CSV cut short in its last number", POINT, (_cut(text, 7),)),
        Case("a download page of a web system in place of the file", POINT,
             (_named("<html><body>登录超时，请重新登录！</body></html>".encode()),)),
        Case("a Parquet file cut short", POINT,
             (_named(b"PAR1" + bytes(500), name="医保结算_630100_2022-06.parquet"),)),
        Case("a good file beside a broken one is still taken", POINT,
             (send_csv(SETTLED), _named(b"PK\x03\x04", "social_assistance"))),
    ]  # fmt: skip


def _locked(whole: bytes) -> Delivery:
    return _named(encrypted(whole), "social_assistance")


def _cut(text: bytes, at_end: int) -> Delivery:
    lines = (settlement(1), settlement(2), settlement(3).aside({}))
    return deliver(Sheet("settlements", lines), text[:-at_end])


def _column_cases() -> list[Case]:
    renamed = tuple(
        replace(line, cells={{"总费用(元)": "甲类"}.get(key, key): cell
                             for key, cell in line.cells.items()})
        for line in SETTLED.lines
    )  # fmt: skip
    no_header = replace(SETTLED, lines=tuple(line.either({}) for line in SETTLED.lines))
    bare = csv_text(no_header).split("\r\n", 1)[1].encode("gb18030")
    fewer = _without(sheet_of("insurance_enrolment", enrolment), "医疗救助")
    fewer = replace(fewer, lines=tuple(
        replace(line, clean={**line.clean, "has_medical_assistance": None})
        for line in fewer.lines))  # fmt: skip
    before = Sheet("insurance_enrolment", tuple(
        enrolment(no).but({"年度": "2021"}, year=2021) for no in (1, 2, 3)))  # fmt: skip
    missing = workbook_of()[:-1]
    return [
        Case("a required column is missing", POINT,
             (replace(send_csv(_without(SETTLED, "总费用(元)"), is_named=True), sheets=()),)),
        Case("a required column has another name", POINT,
             (replace(send_csv(Sheet("settlements", renamed), is_named=True), sheets=()),)),
        Case("a column that was there before is missing: said, and the rows count", POINT,
             (send_csv(before, month="2021-01"), send_csv(fewer, month="2022-01", is_named=True))),
        Case("no header at all", POINT,
             (replace(deliver(SETTLED, bare, is_named=True), sheets=()),)),
        Case("the workbook lacks one of its sheets", POINT,
             (send_book(missing, is_named=True),)),
        Case("the table of another department under this name", POINT,
             (replace(deliver(SETTLED, csv_text(sheet_of("family_doctor_contracts", contract))
                              .encode("gb18030"), is_named=True), sheets=()),)),
    ]  # fmt: skip


def _name_cases() -> list[Case]:
    may = file_name("settlements", MAY)
    return [
        Case("the file of May in the folder of June", POINT,
             (send_csv(SETTLED, may, is_named=True, may_have_any_rows=True),)),
        Case("every settlement in a month that has not come yet", POINT, (_next_month(),)),
        Case("a prefecture that does not exist", POINT,
             (send_csv(SETTLED, "医保结算_639900_2022-06.csv", is_named=True,
                       may_have_any_rows=True),)),
        Case("the month in the name written as 2022年6月: read, or the file is named", POINT,
             (send_csv(SETTLED, "医保结算_630100_2022年6月.csv", may_be_refused=True),)),
        Case("a workbook that nobody asked for", POINT,
             _beside("新建 Microsoft Excel 工作表.xlsx", xlsx_bytes([POOR]))),
        Case("a letter beside the exports", POINT, _beside("报送说明.docx", b"PK\x03\x04letter")),
        Case("what Excel and file managers leave behind harms nothing", POINT,
             (send_csv(SETTLED), Delivery("~$医疗机构监测表_630100_2022-06.xlsx", b"\x05user"),
              Delivery("Thumbs.db", b"\xd0\xcf\x11\xe0"), Delivery(".DS_Store", b"\0"))),
        Case("a file in the folder of another department: read, or named", POINT,
             (replace(send_csv(SETTLED, may_be_refused=True), folder="民政"),)),
    ]  # fmt: skip


def _next_month() -> Delivery:
    july = {"就诊日期": "2022-07-01", "出院日期": "2022-07-09", "结算日期": "2022-07-10"}
    lines = tuple(line.aside(july) for line in SETTLED.lines)
    return send_csv(Sheet("settlements", lines), may_be_refused=True)


def _twice_in_a_file() -> list[Case]:
    other = settlement(2).but({"总费用(元)": "1100.00", "个人自付(元)": "300.00"})
    first = replace(settlement(2), fate="either")
    return [
        Case("the same row twice in a file: one is taken", TWICE,
             (send_csv(Sheet("settlements", (settlement(1), settlement(2),
                                             settlement(1).aside({})))),)),
        Case("one settlement number with two amounts", TWICE,
             (send_csv(Sheet("settlements", (settlement(1), first,
                                             replace(other, fate="aside")))),)),
        Case("one person twice under one kind of assistance on one day", TWICE,
             (send_book(Sheet("social_assistance", (assistance(1), assistance(1).aside({}),
                                                    assistance(2)))),)),
        Case("the same number written in two ways is one number", TWICE,
             (_two_spellings(),)),
        Case("added and stopped on one day are two rows", TWICE,
             (send_book(Sheet("social_assistance", (
                 assistance(1), assistance(1).but({"变动类型": "停发"}, change="stopped")))),)),
        Case("one hospital code twice with different equipment", TWICE,
             (send_book(county_sheet(
                 county_hospital(1).either({}),
                 county_hospital(2).aside({"机构编码": "X6301001", "CT是否配备": "否"}))),)),
    ]  # fmt: skip


def _two_spellings() -> Delivery:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    again = assistance(1).aside({"证件号码": person(1).number.translate(wide)})
    return send_book(Sheet("social_assistance", (assistance(1), again)))


def _twice_across_files() -> list[Case]:
    either = tuple(line.either({}) for line in SETTLED.lines)
    once = tuple(("settlements", "settlement_no", line.clean["settlement_no"])
                 for line in SETTLED.lines)  # fmt: skip
    text = csv_text(SETTLED).encode("gb18030")
    sheet = Sheet("settlements", either)
    same = [deliver(sheet, text, may_have_any_rows=True),
            deliver(sheet, gz_bytes(text), file_name("settlements") + ".gz", is_named=True,
                    may_have_any_rows=True)]  # fmt: skip
    moved = Sheet("settlements", (settlement(1).either({}), settlement(7)))
    here = Sheet("settlements", (settlement(1).either({}), settlement(2)))
    late = tuple(line.aside({}) for line in SETTLED.lines)
    copy = "医保结算_630100_2022-06 - 副本.csv"
    return [
        Case("the same file as .csv and as .csv.gz counts once", TWICE, tuple(same), once=once),
        Case("a copy beside the file (副本) is named and counts for nothing", TWICE,
             (send_csv(SETTLED), Delivery(copy, text, is_named=True)), once=once),
        Case("one settlement in the files of two prefectures counts once", TWICE,
             (send_csv(here), send_csv(moved, "医保结算_630200_2022-06.csv")), once=once[:1]),
        Case("the file of May sent again as June's", TWICE,
             (send_csv(SETTLED, month=MAY),
              send_csv(Sheet("settlements", late), may_be_refused=True)), once=once),
        Case("one settlement of May comes again in June among new ones", TWICE,
             (send_csv(Sheet("settlements", (settlement(1),)), month=MAY),
              send_csv(Sheet("settlements", (settlement(1).aside({}), settlement(2)))))),
        Case("a household updated in a later month is no repetition", TWICE,
             (send_csv(sheet_of("registered_households", household), month=MAY),
              send_csv(Sheet("registered_households", (household(1).but(
                  {"变动类型": "变更", "变动日期": "2022-06-20", "户类型": "脱贫不稳定户"},
                  change="updated", change_date="2022-06-20", household_kind="unstable"),))))),
        Case("a row of the register that was taken in May comes again in June", TWICE,
             (send_csv(sheet_of("registered_persons", registered), month=MAY),
              send_csv(Sheet("registered_persons", (registered(1).aside({}), registered(5)))))),
    ]  # fmt: skip


def _all_at_once() -> list[Case]:
    lines = (
        settlement(1),
        settlement(2).aside({"总费用(元)": "一千", "结算日期": "2022-02-30", "医疗类别": "体检"}),
        settlement(3).aside({"证件号码": "不详"}),
        settlement(4).aside({"机构级别": "四级"}),
        settlement(5),
    )
    sheet = Sheet("settlements", lines)
    parts = csv_text(sheet).split("\r\n")
    parts[4] = parts[4].replace(",住院,", ",")
    day = datetime.date(2022, 6, 8)
    book = Sheet("social_assistance", (
        assistance(1).but({"变动日期": day}),
        assistance(2).aside({"月救助金额(元)": "见附件", "变动日期": "待定"}),
        assistance(3).aside({"救助类别": "五保"})))  # fmt: skip
    return [
        Case("five kinds of bad rows in a CSV, all said at once", "2 at once",
             (deliver(sheet, "\r\n".join(parts).encode("gb18030")),)),
        Case("bad cells of a workbook, all said at once", "2 at once", (send_book(book),)),
        Case("all rows bad is not the same as no rows", "2 at once",
             (send_book(Sheet("social_assistance", tuple(
                 assistance(no).aside({"变动类型": "调标"}) for no in (1, 2, 3)))),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases on whole files and repetitions."""
    return [
        *_empty_cases(), *_broken_cases(), *_column_cases(), *_name_cases(),
        *_twice_in_a_file(), *_twice_across_files(), *_all_at_once(),
    ]  # fmt: skip
