"""Cases on how sheets are laid out: titles, merged headers, totals, notes, odd columns."""

from dataclasses import replace

from blind_case import Case, Line, Sheet, no_record
from blind_facilities import county_hospital, county_sheet, township_hospital, village, workbook_of
from blind_files import send_book, send_csv
from blind_people import assistance, enrolment, household, settlement, sheet_of

POINT = "1 layouts"
TITLE = ("城东区社会救助对象花名册（2022年6月）",)
FILLED = ("填报单位：城东区民政局", None, None, None, None, "填报日期：2022年7月5日")
SIGNED = ("填表人：祁连英", None, "审核人：马如海", None, "联系电话：19900000099")
DISEASES = ("高血压", "糖尿病", "严重精神障碍")


def _assist(*lines: Line, **layout) -> Sheet:
    return Sheet("social_assistance", lines or tuple(map(assistance, (1, 2, 3))), **layout)


def _renamed(sheet: Sheet, names: dict[str, str]) -> Sheet:
    """Return the sheet under other headers; the rows say the same."""
    lines = tuple(
        replace(line, cells={names.get(key, key): cell for key, cell in line.cells.items()})
        for line in sheet.lines
    )
    return replace(sheet, lines=lines)


def _title_cases() -> list[Case]:
    return [
        Case("a title row above the header", POINT,
             (send_book(_assist(above=(TITLE,)), said=("*",)),)),
        Case("a title, a row with unit and date, then the header", POINT,
             (send_book(_assist(above=(TITLE, FILLED)), said=("*",)),)),
        Case("a blank row between title and header", POINT,
             (send_book(_assist(above=(TITLE, (None, None)))),)),
        Case("title rows above the header of a CSV", POINT,
             (send_csv(sheet_of("settlements", settlement,
                                above=(("西宁市医保结算明细表",), ("单位：元",)))),)),
        Case("the table starts in cell C4", POINT,
             (send_book(_assist(above=((None,) * 2,) * 3, left=2)),)),
        Case("a row of column numbers below the header (栏次)", POINT,
             (send_book(_assist(no_record("甲", "乙", "1", "2", "3", "4", "5", "6"),
                                assistance(1), assistance(2),
                                headers=tuple(assistance(1).cells))),)),
    ]  # fmt: skip


def _band_cases() -> list[Case]:
    change = ((6, 7, "变动情况", None),)
    township = tuple(township_hospital(1).cells)
    patients = tuple(
        (township.index(f"{who}{disease}患者数"), township.index(f"{who}{disease}随访数"),
         f"{who}{disease}", ("患者数", "签约数", "随访数"))
        for who in ("贫困", "全部") for disease in DISEASES
    )  # fmt: skip
    devices = tuple(
        (township.index(f"{name}是否配备"), township.index(f"{name}能否使用"), name,
         ("是否配备", "能否使用"))
        for name in ("心电图机", "X光机", "生化分析仪")
    )  # fmt: skip
    wide = Sheet("township_hospitals", (township_hospital(1), township_hospital(2)),
                 band=devices + patients)  # fmt: skip
    money = tuple(settlement(1).cells)
    first = money.index("总费用(元)")
    bills = sheet_of("settlements", settlement, band=((first, first + 5, "费用情况", None),))
    return [
        Case("a merged header of two rows, groups named in the first", POINT,
             (send_book(_assist(band=change), said=("*",)),)),
        Case("a merged header whose two rows make the name together (心电图机 | 是否配备)", POINT,
             (send_book(workbook_of(wide), said=("*",)),)),
        Case("a header of two rows in a CSV", POINT, (send_csv(bills),)),
        Case("title, two-row header, totals and full-width digits in one sheet", POINT,
             (send_book(_assist(
                 assistance(1).but({"月救助金额(元)": "１，２３４．５０"},
                                   monthly_amount_fen=123450),
                 assistance(2).but({"变动日期": "2022年6月3日"}, change_date="2022-06-03"),
                 no_record("合计", "2人", None, None, None, 1614.5, None, None),
                 no_record(*SIGNED), headers=tuple(assistance(1).cells),
                 above=(TITLE, FILLED), band=change), said=("*", "月救助金额(元)")),)),
        Case("a township form: title, two-row header, column numbers, blank counts, totals", POINT,
             (send_book(workbook_of(_township_form(wide))),)),
    ]  # fmt: skip


def _township_form(wide: Sheet) -> Sheet:
    """Return the fullest form: what a prefecture's health commission really prints."""
    headers = wide.columns
    blank = township_hospital(2).but(
        {"贫困糖尿病患者数": "／", "乡镇常住人口": "９，８６０"},
        poor_diabetes_patient_count=None, resident_count=9860,
    )  # fmt: skip
    totals = ["合计", "2个机构", None, 21860] + [None] * (len(headers) - 4)
    lines = (
        no_record(*[str(at + 1) for at in range(len(headers))]),
        township_hospital(1),
        blank,
        Line(totals, fate="ignored"),
    )
    above = (("西宁市医疗机构监测表（乡镇卫生院）",), ("填报单位：西宁市卫生健康委员会", None))
    return replace(wide, lines=lines, headers=headers, above=above)


def _totals_cases() -> list[Case]:
    part = no_record("小计", None, None, None, None, 761, None, None)
    billed = no_record("总计", "", "", "", "", "", "", "", "", "", "", "3000.00", "1800.00",
                       "300.00", "300.00", "150.00", "600.00")  # fmt: skip
    heads = tuple(assistance(1).cells)
    return [
        Case("a totals row at the bottom", POINT,
             (send_book(_assist(assistance(1), assistance(2),
                                no_record("合计", None, None, None, None, 761, None, None)),
                        said=("*",)),)),
        Case("a totals row at the bottom of a CSV", POINT,
             (send_csv(Sheet("settlements", (settlement(1), settlement(2), settlement(3), billed)),
                       said=("*",)),)),
        Case("'合 计' written with spaces", POINT,
             (send_book(_assist(assistance(1),
                                no_record("合　计", None, None, None, None, 380.5, None, None))),)),
        Case("a subtotal in the middle is no person, and the rows after it count", POINT,
             (send_book(_assist(assistance(1), assistance(2), part, assistance(3), assistance(4),
                                part, no_record("合计", None, None, None, None, 1522))),)),
        Case("the last real row keeps its place when totals follow a blank row", POINT,
             (send_book(_assist(assistance(1), no_record(None), no_record("总计", "1人"))),)),
        Case("who filled it in, who checked it, and a note at the bottom", POINT,
             (send_book(_assist(assistance(1), assistance(2), no_record(*SIGNED),
                                no_record("注：本表每月10日前报送。"))),)),
        Case("a header repeated in the middle, from sheets put together", POINT,
             (send_book(_assist(assistance(1), no_record(*heads), assistance(2))),)),
    ]  # fmt: skip


def _column_cases() -> list[Case]:
    numbered = tuple(
        replace(line, cells={"序号": no, **line.cells, "备注": "已入户核实" if no == 2 else None})
        for no, line in enumerate(map(assistance, (1, 2, 3)), 1)
    )
    spaced = {"姓名": "姓  名", "证件号码": "*证件号码", "月救助金额(元)": "月救助金额\n（元）",
              "变动日期": " 变动日期　"}  # fmt: skip
    reordered = tuple(reversed(tuple(assistance(1).cells)))
    twice = (*tuple(assistance(1).cells), "变动日期 ")
    two_days = tuple(
        replace(line, cells={**line.cells, "变动日期 ": "2022-05-30"}, fate="aside")
        for line in (assistance(1), assistance(2))
    )
    return [
        Case("a running number in front and remarks behind", POINT,
             (send_book(_assist(*numbered)),)),
        Case("columns in another order", POINT, (send_book(_assist(headers=reordered)),)),
        Case("headers with spaces, a line break, full-width brackets and a star", POINT,
             (send_book(_renamed(_assist(), spaced)),)),
        Case("an alias that the list of exports names", POINT,
             (send_book(_renamed(_assist(), {"证件号码": "公民身份号码"})),),
             alias=("civil_affairs.yml", "证件号码", "公民身份号码")),
        Case("a header that says the same in other words: read, or the file is named", POINT,
             (send_book(_renamed(_assist(), {"证件号码": "身份证号"}), may_be_refused=True),)),
        Case("the same header twice with different days: nobody can choose", POINT,
             (send_book(_assist(*two_days, headers=twice), may_be_refused=True),)),
        Case("optional columns that are not there", POINT,
             (_no_optional_columns(),), until="2022-01"),
    ]  # fmt: skip


def _no_optional_columns():
    lines = tuple(replace(enrolment(no), clean={**enrolment(no).clean, "person_kind": None})
                  for no in (1, 2))  # fmt: skip
    headers = tuple(key for key in lines[0].cells if key not in ("姓名", "人员类别"))
    return send_csv(Sheet("insurance_enrolment", lines, headers=headers), month="2022-01")


def _sheet_cases() -> list[Case]:
    cover = Sheet("monitored_villages", (Line(["一、本表由市州卫生健康委填报。"], fate="ignored"),),
                  headers=("填表说明",), name="填表说明")  # fmt: skip
    merged = Sheet(
        "county_hospitals",
        tuple(county_hospital(3).either({"机构编码": f"X6301{no}"}, facility_code=f"X6301{no}")
              if no else county_hospital(3) for no in range(3)),
        merged_down=(("县级代码", 0, 2),),
    )  # fmt: skip
    return [
        Case("a cover sheet with instructions in front", POINT,
             (_with_cover(cover),)),
        Case("a sheet name with a blank at its end", POINT,
             (send_book(_assist(name="救助对象 "), may_be_refused=True),)),
        Case("the only sheet is called Sheet1", POINT,
             (send_book(_assist(name="Sheet1"), may_be_refused=True),)),
        Case("hidden rows are rows", POINT, (send_book(_assist(hidden_rows=(3, 4))),)),
        Case("blank rows in the middle and at the end", POINT,
             (send_book(_assist(assistance(1), no_record(None), no_record(" ", "　"),
                                assistance(2), no_record("", "", ""))),)),
        Case("a county code merged over three hospitals", POINT,
             (send_book(workbook_of(merged)),)),
        Case("blank lines in a CSV", POINT,
             (send_csv(Sheet("registered_households",
                             (household(1), no_record(), household(2),
                              no_record("", "", "", "")))),)),
        Case("villages whose name sounds like a total", POINT,
             (send_book(workbook_of(Sheet("monitored_villages", (
                 village(1).but({"行政村名称": "小计村"}, village_name="小计村"),
                 village(2).but({"行政村名称": "总计沟村"}, village_name="总计沟村"))))),)),
        Case("a hospital whose name begins with a total", POINT,
             (send_book(county_sheet(county_hospital(1).but(
                 {"机构名称": "合计乡人民医院"}, facility_name="合计乡人民医院"))),)),
    ]  # fmt: skip


def _with_cover(cover: Sheet):
    sheets = (cover, *workbook_of())
    sent = send_book(sheets)
    return replace(sent, sheets=sheets[1:])


def cases() -> list[Case]:
    """Return the cases on layouts."""
    return _title_cases() + _band_cases() + _totals_cases() + _column_cases() + _sheet_cases()
