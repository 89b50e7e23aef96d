"""Good files: whatever is said of them is a false accusation."""

import datetime

from blind_case import Case, Line, Sheet
from blind_facilities import county_hospital, township_hospital, workbook_of
from blind_files import send_book, send_csv
from blind_people import (
    assistance,
    chronic,
    contract,
    enrolment,
    household,
    income,
    major_case,
    person_with_x,
    registered,
    settlement,
    sheet_of,
    visit,
)

POINT = "good files"
CSV = {
    "registered_households": household,
    "registered_persons": registered,
    "chronic_patients": chronic,
    "major_disease_cases": major_case,
    "family_doctor_contracts": contract,
    "follow_up_visits": visit,
    "settlements": settlement,
}


def _receipt(name: str, day: str) -> Line:
    return Line({"文件名": name, "收到日期": day}, {"file_name": name, "received_date": day})


def _receipts():
    lines = (
        _receipt("社会救助_630102_2022-06.xlsx", "2022-07-10"),
        _receipt("医保结算_630100_2022-06.csv", "2022-07-16"),
    )
    return send_csv(Sheet("receipts", lines), is_good=True)


def _blanks():
    """Return a workbook with everything that is not required left out."""
    hospital, clinic = county_hospital(1), township_hospital(1)
    kept = {
        "county_hospitals": (hospital, ("facility_code", "county_code", "hospital_type"),
                             ("机构编码", "县级代码", "机构类别")),
        "township_hospitals": (clinic, ("facility_code", "township_code"),
                               ("机构编码", "乡镇代码")),
    }  # fmt: skip
    sheets = [
        Sheet(table, (Line(
            {key: (cell if key in headers else None) for key, cell in line.cells.items()},
            {key: (value if key in columns else None) for key, value in line.clean.items()}),))
        for table, (line, columns, headers) in kept.items()
    ]  # fmt: skip
    return send_book(workbook_of(*sheets), is_good=True)


def _extremes():
    lines = (
        settlement(1).but({"总费用(元)": "1234567.89", "基本医保支付(元)": "1234167.89"},
                          total_fen=123456789, basic_paid_fen=123416789),
        settlement(2).but({"结算日期": "2022-01-03", "就诊日期": "2021-12-20",
                           "出院日期": "2021-12-31"},
                          settled_date="2022-01-03", visit_date="2021-12-20",
                          discharge_date="2021-12-31"),
        settlement(3, person_with_x()),
        settlement(4).but({"机构级别": "未定级", "就诊机构编码": "", "主要诊断编码": "M06.900x001"},
                          facility_level="unrated", facility_code=None,
                          diagnosis_code="M06.900x001"),
    )  # fmt: skip
    return send_csv(Sheet("settlements", lines), is_good=True)


def cases() -> list[Case]:
    """Return the good files."""
    days = (assistance(1).but({"变动日期": datetime.date(2022, 6, 8)}),
            assistance(2).but({"月救助金额(元)": 0}, monthly_amount_fen=0))  # fmt: skip
    return [
        *(Case(f"good: {table}", POINT, (send_csv(sheet_of(table, make), is_good=True),))
          for table, make in CSV.items()),
        Case("good: social assistance", POINT,
             (send_book(Sheet("social_assistance", days), is_good=True),)),
        Case("good: the facility workbook", POINT, (send_book(workbook_of(), is_good=True),)),
        Case("good: only what is required is filled in", POINT, (_blanks(),)),
        Case("good: enrolment", POINT,
             (send_csv(sheet_of("insurance_enrolment", enrolment), month="2022-01", is_good=True),),
             until="2022-01"),
        Case("good: incomes", POINT,
             (send_csv(sheet_of("household_incomes", income), month="2022-01", is_good=True),),
             until="2022-01"),
        Case("good: receipts", POINT, (_receipts(),)),
        Case("good: large amounts, a late settlement, an X, no level", POINT, (_extremes(),)),
    ]  # fmt: skip
