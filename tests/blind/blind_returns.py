"""Cases on what goes back to the sender."""

import datetime

from blind_case import Case, Sheet, no_record
from blind_facilities import village_clinic, workbook_of
from blind_files import send_book, send_csv
from blind_people import assistance, settlement, sheet_of

POINT = "2 returned"


def cases() -> list[Case]:
    """Return the cases on returned files."""
    bills = (
        settlement(1),
        settlement(2).aside({"总费用(元)": "一千"}),
        settlement(3),
        settlement(4).aside({"医疗类别": "体检", "结算日期": "2022-02-30"}),
    )
    people = (
        assistance(1).but({"变动日期": datetime.date(2022, 6, 8)}),
        assistance(2).aside({"月救助金额(元)": "见附件"}),
        no_record("合计", None, None, None, None, 761, None, None),
    )
    clinics = (village_clinic(1), village_clinic(2).aside({"药品种类数": "六十种"}))
    titled = Sheet("social_assistance", people, above=(("社会救助对象花名册",),))
    book = workbook_of(Sheet("village_clinics", clinics))
    return [
        Case("a CSV sender gets the bad rows alone", POINT,
             (send_csv(Sheet("settlements", bills), is_returned=True),)),
        Case("an Excel sender gets the whole workbook with the reason beside the row", POINT,
             (send_book(Sheet("social_assistance", people), is_returned=True),)),
        Case("the same with a title row above", POINT, (send_book(titled, is_returned=True),)),
        Case("a workbook of five sheets comes back with all five", POINT,
             (send_book(book, is_returned=True),)),
        Case("nothing goes back for a good CSV", POINT,
             (send_csv(sheet_of("settlements", settlement), is_returned=False),)),
        Case("nothing goes back for a good workbook", POINT,
             (send_book(workbook_of(), is_returned=False),)),
    ]  # fmt: skip
