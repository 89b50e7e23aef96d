"""The tables of the page on deadlines, as sheets."""

from healthmon.list_workbook import Sheet
from healthmon.month import Month
from healthmon.show.deadline_frames import list_bulletin, list_quarters, list_waiting
from healthmon.show.sheet_cells import read_shown


def list_deadline_sheets(month: Month) -> list[Sheet]:
    """Make the sheets of deadlines (KF-2); tables without rows have none."""
    tables = {
        "时限_季度通报_市州": list_bulletin(month, "prefecture"),
        "时限_季度通报_县": list_bulletin(month, "county"),
        "时限_各季度": list_quarters(month),
        "时限_等待_市州": list_waiting(month, "prefecture"),
        "时限_等待_县": list_waiting(month, "county"),
    }
    return [Sheet(title, read_shown(rows)) for title, rows in tables.items() if len(rows)]
