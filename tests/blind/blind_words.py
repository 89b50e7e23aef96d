"""Cases on dates, yes and no, categories, codes and texts."""

import datetime
from dataclasses import replace

from blind_case import AnyOf, Case, Cell, Line, Sheet
from blind_facilities import (
    clinic_sheet,
    county_hospital,
    county_sheet,
    village_clinic,
)
from blind_files import deliver, send_book, send_csv, xlsx_bytes
from blind_people import (
    assistance,
    chronic,
    contract,
    enrolment,
    household,
    registered,
    settlement,
)

POINT = "1 dates and words"
DAY = "变动日期"
JUNE_5 = "2022-06-05"


def _days(cells, fate: str = "taken", day: str | None = JUNE_5, **said):
    """Return a workbook whose days of change are written like this."""
    lines = tuple(
        replace(assistance(no).but({DAY: cell}, change_date=day), fate=fate)
        for no, cell in enumerate(cells, 1)
    )
    return (send_book(Sheet("social_assistance", lines), **said),)


def _date_cases() -> list[Case]:
    moment = Cell(44717.4326, "yyyy-mm-dd hh:mm:ss")
    return [
        Case("days as Excel dates", POINT, _days([datetime.date(2022, 6, 5), moment])),
        Case("an Excel date shown as 2022年6月5日", POINT,
             _days([Cell(44717, 'yyyy"年"m"月"d"日"'), Cell(44717, "m/d/yy")])),
        Case("an Excel serial number for a day", POINT, _days([44717, 44717.0], said=(DAY,))),
        Case("an Excel serial number as text", POINT, _days(["44717"], "either")),
        Case("a workbook that counts its days from 1904", POINT, (_since_1904(),)),
        Case("days as 2022年6月5日, 2022/6/5, 2022.6.5, 20220605", POINT,
             _days(["2022年6月5日", "2022年06月05日", "2022/6/5", "2022/06/05", "2022.6.5",
                    "2022-6-5", "20220605"])),
        Case("full-width days", POINT, _days(["２０２２－０６－０５", "２０２２年６月５日"])),
        Case("a number 20220605 is a day, not a serial", POINT, _days([20220605])),
        Case("a day with its time", POINT,
             _days(["2022-06-05 10:23:45", "2022/6/5 0:00", "2022-06-05T00:00:00"])),
        Case("a day in Chinese numerals", POINT, _days(["二〇二二年六月五日"], "either")),
        Case("2022年6月 where a day is required", POINT,
             _days(["2022年6月", "2022-06", "202206", "2022.06"], "aside")),
        Case("2022年 or 6月5日 alone", POINT, _days(["2022年", "2022", 2022, "6月5日"], "aside")),
        Case("days that no calendar has", POINT,
             _days(["2022-02-30", "2021-02-29", "2022-13-01", "2022-06-00", "2022-06-31"],
                   "aside")),
        Case("1900-01-00, and serial numbers that Excel invented", POINT,
             _days(["1900-01-00", "1900/1/0", Cell(0, "yyyy-mm-dd"), Cell(60, "yyyy-mm-dd"),
                    "1900-02-29", "0000-00-00"], "aside")),
        Case("day or month first: nobody knows", POINT,
             _days(["05/06/2022", "5/6/22", "22-06-05", "06-05-2022"], "aside")),
        Case("two days in one cell", POINT,
             _days(["2022-06-05、2022-06-08", "2022-06-05至2022-06-08", "2022-06-05前"], "aside")),
        Case("a leap day is a day", POINT,
             _days(["2020-02-29", "2020年2月29日"], day="2020-02-29")),
        Case("an optional month of diagnosis is not a day", POINT,
             (send_csv(Sheet("chronic_patients", (
                 chronic(1), chronic(2).either({"确诊日期": "2019年3月"}, diagnosed_date=AnyOf(
                     (None, "2019-03-01"))))),),)),
        Case("no day of discharge for an outpatient", POINT,
             (send_csv(Sheet("settlements", tuple(
                 settlement(no).but({"医疗类别": "普通门诊", "出院日期": blank},
                                    visit_type="outpatient", discharge_date=None)
                 for no, blank in enumerate(("", " ", "/", "-", "　", "NULL"), 1)))),)),
        Case("a day after the month that was delivered", POINT,
             (send_csv(Sheet("settlements", (
                 settlement(1), settlement(2).aside({"结算日期": "2202-06-10"})))),)),
        Case("years with 年, in full width, as 2022.0; 22 is no year", POINT,
             (_years(),), until="2022-01"),
    ]  # fmt: skip


def _since_1904():
    lines = (
        assistance(1).but({DAY: datetime.date(2022, 6, 5)}, change_date=JUNE_5),
        assistance(2).either({DAY: 44717 - 1462}, change_date=JUNE_5),
    )
    sheet = Sheet("social_assistance", lines)
    return deliver(sheet, xlsx_bytes([sheet], date_1904=True))


def _years():
    lines = (
        enrolment(1).but({"年度": "２０２２"}),
        enrolment(2).either({"年度": "2022年"}),
        enrolment(3).but({"年度": 2022}),
        enrolment(4).aside({"年度": "22"}),
        enrolment(5).aside({"年度": "2022-2023"}),
    )
    return send_book(Sheet("insurance_enrolment", lines), month="2022-01")


def _said(words, key: str = "是否公有产权", fate: str = "taken"):
    lines = tuple(
        replace(village_clinic(no).but({key: word}, is_public_owned=value), fate=fate)
        for no, (word, value) in enumerate(words, 1)
    )
    return (send_book(clinic_sheet(*lines)),)


def _yes_no_cases() -> list[Case]:
    return [
        Case("是 and 否 with blanks around them", POINT,
             _said([("是", True), ("否", False), (" 是", True), ("否　", False)])),
        Case("other words for yes and no", POINT,
             _said([("有", True), ("无", AnyOf((False, None))), ("√", True), ("×", False),
                    ("Y", True), ("N", False), (1, True), (0, False), (True, True),
                    (False, False)], fate="either")),
        Case("neither yes nor no", POINT,
             _said([("部分", None), ("是/否", None), ("待定", None), ("是（维修中）", None),
                    (2, None)], fate="aside")),
        Case("a blank is neither yes nor no", POINT,
             _said([(None, None), ("", None), ("　", None), ("/", None), ("—", None)])),
    ]  # fmt: skip


def _kind(no: int, word: str, kind: str | None = None, fate: str = "aside") -> Line:
    return replace(assistance(no).but({"救助类别": word}, kind=kind), fate=fate)


def _category_cases() -> list[Case]:
    ill = (chronic(1).aside({"病种": "高血压、糖尿病"}), chronic(2).aside({"病种": "慢性病"}),
           chronic(3).aside({"病种": "高血压前期"}), chronic(4).aside({"病种": "无高血压"}),
           chronic(5).aside({"病种": ""}), chronic(6))  # fmt: skip
    return [
        Case("categories with blanks around and inside", POINT,
             (send_book(Sheet("social_assistance", (
                 _kind(1, " 农村低保", "rural_allowance", "taken"),
                 _kind(2, "城市低保　", "urban_allowance", "taken"),
                 _kind(3, "特困供养\n", "extreme_poverty_support", "taken")))),)),
        Case("低保 alone is rural or urban: undecided", POINT,
             (send_book(Sheet("social_assistance", (
                 _kind(1, "低保"), _kind(2, "农村"), _kind(3, "农村低保/特困供养"),
                 assistance(4)))),)),
        Case("two diseases in a cell, a disease that is none of the four", POINT,
             (send_csv(Sheet("chronic_patients", ill)),)),
        Case("other names of the same disease are that disease or undecided", POINT,
             (send_csv(Sheet("chronic_patients", (
                 chronic(1).either({"病种": "重性精神疾病"}, disease="severe_mental_disorder"),
                 chronic(2).either({"病种": "高血压病"}, disease="hypertension"),
                 chronic(3).either({"病种": "2型糖尿病"}, disease="diabetes")))),)),
        Case("a sex that is neither", POINT,
             (send_csv(Sheet("registered_persons", (
                 registered(1), registered(2).aside({"性别": "未知"}),
                 registered(3).aside({"性别": "1"}), registered(4).aside({"性别": ""})))),)),
        Case("其它 is 其他 or undecided, and no cause stays missing", POINT,
             (send_csv(Sheet("registered_households", (
                 household(1).either({"主要致贫原因": "其它"}, main_cause="other"),
                 household(2).but({"主要致贫原因": ""}, main_cause=None),
                 household(3).but({"主要致贫原因": "　"}, main_cause=None)))),)),
    ]  # fmt: skip


def _code_cases() -> list[Case]:
    code = "630102003203"
    written = ("６３０１０２００３２０３", f" {code}", f"{code}\t")
    lines = [household(1).but({"行政村代码": cell}, village_code=code) for cell in written]
    good = tuple(replace(line, cells={**line.cells, "户编号": household(no).cells["户编号"]})
                 for no, line in enumerate(lines, 1))  # fmt: skip
    bad = tuple(household(no).aside({"行政村代码": cell}) for no, cell in enumerate(
        ("6.30102E+11", "63010200320", "6301020032030", "630102003", "630102999999", "友谊村",
         ""), 1))  # fmt: skip
    numbers = (county_hospital(1).but({"县级代码": 630121, "机构编码": 63010001},
                                      county_code="630121", facility_code="63010001"),
               county_hospital(2).but({"县级代码": 630103.0, "机构编码": "0012"},
                                      county_code="630103", facility_code="0012"),
               county_hospital(3).aside({"县级代码": "630100"}),
               county_hospital(4).aside({"县级代码": 63012}),
               county_hospital(5).aside({"县级代码": "城东区"}))  # fmt: skip
    return [
        Case("codes in full width, with blanks and tabs", POINT,
             (send_csv(Sheet("registered_households", good)),)),
        Case("codes that are no code of a village", POINT,
             (send_csv(Sheet("registered_households", (*bad, household(9)))),)),
        Case("codes that Excel keeps as numbers, and leading zeros that it kept", POINT,
             (send_book(county_sheet(*numbers)),)),
        Case("a hospital in another province is where it is, one nowhere is not", POINT,
             (send_csv(Sheet("settlements", (
                 settlement(1).but({"机构所在县代码": "620102"}, facility_county_code="620102"),
                 settlement(2).but({"机构所在县代码": ""}, facility_county_code=None),
                 settlement(3).aside({"机构所在县代码": "62010"})))),)),
        Case("a village number with twelve digits kept as a number", POINT,
             (send_book(Sheet("social_assistance", (
                 assistance(1).but({"行政村代码": 630102003203}, village_code=code),))),)),
        Case("a household number that Excel rounded", POINT,
             (send_csv(Sheet("registered_households", (
                 household(1), household(2).aside({"户编号": "6.30102E+15"}),
                 household(3).aside({"户编号": ""})))),)),
        Case("a team code keeps its zeros and hyphens", POINT,
             (send_csv(Sheet("family_doctor_contracts", (
                 contract(1).but({"团队编码": "007"}, team_code="007"),
                 contract(2).but({"团队编码": "1-2"}, team_code="1-2"),
                 contract(3).but({"团队编码": "1E5"}, team_code="1E5")))),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases on dates and words."""
    return [*_date_cases(), *_yes_no_cases(), *_category_cases(), *_code_cases()]
