"""Whole files laid out another way than the form asks: nothing of them may be lost.

They stand in the first year, so that a reader that cannot cope spoils no later figure.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import islice

from healthmon.simulate import words
from healthmon.simulate.planting import CONVERTIBLE
from healthmon.simulate.spoiling.desk import Desk
from healthmon.simulate.spoiling.opened import OpenFile, OpenSheet

FIRST_YEAR = range(1, 12)
"""Places of the months in which whole files are spoilt; the first month holds the registers."""

Change = Callable[[OpenFile, OpenSheet], tuple[str | None, str | None]]
"""Lays a sheet out anew; returns the header it is about and what its column should add up to."""


def _title_rows(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    width = len(sheet.headers)
    sheet.top = [_wide(f"{file.path[:4]}年{int(file.path[5:7])}月报表", width),
                 _wide("填报单位：（盖章）　　填报日期：", width)]  # fmt: skip
    return None, None


def _two_row_header(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    """Put the fees of a settlement, or a person's particulars, under a common heading."""
    first, last = len(sheet.headers) - 6, len(sheet.headers) - 1
    sheet.second = [""] * first + sheet.headers[first:]
    sheet.headers = [*sheet.headers[:first], "具体情况", *[""] * (last - first)]
    if file.is_workbook:
        sheet.merged = [(first, last, "具体情况")]
    return None, None


def _totals_row(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    total = ["合计", *[""] * (len(sheet.headers) - 1)]
    for place, header in enumerate(sheet.headers):
        if place and (header.endswith("(元)") or header in ("常住人口", "服务常住居民数")):
            total[place] = _total(sheet, place)
    sheet.bottom = [total]
    return None, None


def _other_names(file: OpenFile, sheet: OpenSheet) -> tuple[str, None]:
    """Use another usual name of a column."""
    return _rename(sheet, "证件号码", "身份证号码")


def _marked_headers(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    sheet.headers = [
        header.replace("(", "（").replace(")", "）") if "(" in header else f" {header} "
        for header in sheet.headers
    ]
    return None, None


def _other_order(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    sheet.headers = sheet.headers[::-1]
    for row in sheet.rows:
        row.reverse()
    return None, None


def _ten_thousand_yuan(file: OpenFile, sheet: OpenSheet) -> tuple[str, str]:
    """State all money of a sheet in units of 10,000 yuan, to the fen."""
    money = [i for i, header in enumerate(sheet.headers) if header.endswith("(元)")]
    about = sheet.headers[money[0]]
    right = str(_total(sheet, money[0]))
    for place in money:
        sheet.headers[place] = sheet.headers[place].replace("(元)", "(万元)")
        for row in sheet.rows:
            if row[place] != "":
                row[place] = _moved(row[place], -4)
    return about.replace("(元)", "(万元)"), right


def _share_for_percent(file: OpenFile, sheet: OpenSheet) -> tuple[str, str]:
    about = "上年度乡村两级诊疗占比(%)"
    place = sheet.column(about)
    right = str(_total(sheet, place))
    for row in sheet.rows:
        if row[place] != "":
            row[place] = _moved(row[place], -2)
    return about, right


def _old_workbook(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    file.written_as = file.path.removesuffix("x")
    return None, None


def _packed(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
    file.written_as = f"{file.path}.gz"
    return None, None


def _encoded(encoding: str) -> Change:
    def change(file: OpenFile, sheet: OpenSheet) -> tuple[None, None]:
        file.encoding = encoding
        return None, None

    return change


KINDS: dict[str, tuple[tuple[str, ...], Change]] = {
    "title_rows": (("social_assistance", "follow_up_visits"), _title_rows),
    "two_row_header": (("settlements", "social_assistance"), _two_row_header),
    "totals_row": (("settlements", "monitored_villages"), _totals_row),
    "header_alias": (("follow_up_visits", "social_assistance"), _other_names),
    "marks_in_headers": (("settlements", "social_assistance"), _marked_headers),
    "columns_in_another_order": (("major_disease_cases",), _other_order),
    "ten_thousand_yuan": (("settlements", "social_assistance"), _ten_thousand_yuan),
    "share_for_percent": (("township_hospitals",), _share_for_percent),
    "old_workbook_format": (("social_assistance", "township_hospitals"), _old_workbook),
    "packed_csv": (("follow_up_visits", "settlements"), _packed),
    "utf8_without_mark": (("family_doctor_contracts", "settlements"), _encoded("utf-8")),
    "gb18030_for_utf8": (("follow_up_visits", "chronic_patients"), _encoded("gb18030")),
}
"""Tables in which each layout occurs, and what is done to the file."""


def lay_out_anew(desk: Desk) -> None:
    """Lay out some files of every kind anew."""
    count = int(desk.world.settings.number("planted_files"))
    for kind, (tables, change) in KINDS.items():
        for table in tables:
            paths = desk.files_of(table, FIRST_YEAR)
            order = (paths[place] for place in desk.rng.permutation(len(paths)).tolist())
            fitting = (path for path in order if _fits(desk, path, table))
            for path in islice(fitting, count):
                _change(desk, kind, path, table, change)


def _fits(desk: Desk, path: str, table: str) -> bool:
    """Say whether nothing else is wrong in a file, and it holds enough to be judged."""
    if desk.log.of_file(path):
        return False
    return len(desk.open(path).sheet(words.SHEETS.get(table)).rows) >= 2


def _change(desk: Desk, kind: str, path: str, table: str, change: Change) -> None:
    file = desk.open(path)
    sheet = file.sheet(words.SHEETS.get(table))
    column, right = change(file, sheet)
    # what is written down in `value`: how many rows must come out
    desk.note(
        file, kind, CONVERTIBLE, sheet=sheet.name, column=column, value=len(sheet.rows),
        right=right,
    )  # fmt: skip
    desk.reserved |= {path, file.written_as}


def _rename(sheet: OpenSheet, old: str, new: str) -> tuple[str, None]:
    sheet.headers[sheet.column(old)] = new
    return new, None


def _wide(text: str, width: int) -> list[str]:
    return [text, *[""] * (width - 1)]


def _total(sheet: OpenSheet, place: int) -> float | str:
    cells = [row[place] for row in sheet.rows if row[place] != ""]
    total = sum((Decimal(str(cell)) for cell in cells), Decimal(0))
    return float(total) if any(isinstance(cell, float) for cell in cells) else str(total)


def _moved(cell: float | str, places: int) -> float | str:
    """Move the decimal point; exact for text, to the nearest for numbers in workbooks."""
    moved = Decimal(str(cell)).scaleb(places)
    return float(moved) if isinstance(cell, float) else f"{moved:f}"
