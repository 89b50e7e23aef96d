"""The workbook of figures behind pages on services: one sheet a table, counts withheld as there."""

from collections.abc import Callable

import pandas as pd

from healthmon.list_workbook import Sheet, render_sheets
from healthmon.month import Month
from healthmon.rules.indicators import load_indicators
from healthmon.show.bulletin import terms_of
from healthmon.show.cost_sheets import list_cost_sheets
from healthmon.show.deadline_sheets import list_deadline_sheets
from healthmon.show.headlines import month_zh
from healthmon.show.standing_sheets import list_standing_sheets

SOURCES: dict[str, Callable[[Month], list[Sheet]]] = {
    "60_services": list_standing_sheets,
    "61_costs_and_caps": list_cost_sheets,
    "62_deadlines": list_deadline_sheets,
}
"""Notebook to what makes the sheets behind its page; a page's tables are added here."""


def name_workbook(month: str) -> str:
    """Return the file name of a month's workbook, as pages link to it."""
    return f"figures-{month}.xlsx"


def render_figures(month: Month) -> bytes:
    """Write the workbook of a month.

    Returns
    -------
    bytes
        An .xlsx file: a sheet that says what it is, then those of :data:`SOURCES`. The same
        results give the same bytes.
    """
    sheets = {notebook: list_sheets(month) for notebook, list_sheets in SOURCES.items()}
    every = [sheet for group in sheets.values() for sheet in group]
    return render_sheets([_describe(month, sheets), *every])


def link_workbook(month: Month) -> str:
    """Lead (Markdown) to the workbook from a page."""
    return f"本页各表的数字可以下载：[数据表（Excel）]({name_workbook(month.month)})。"


def _describe(month: Month, sheets: dict[str, list[Sheet]]) -> Sheet:
    terms = terms_of(month)
    titles = {page.notebook: page.nav or page.page for page in terms.pages}
    rows = [
        ("内容", f"{terms.site.province}{terms.site.title}各页背后的数字"),
        ("月份", month_zh(month.month)),
        ("数据", terms.texts.simulated if month.is_simulated else "各部门报送"),
        ("截至", f"{month_zh(month.month)}底收到的报送；以后补报的不在其中"),
        ("依据", "、".join(dict.fromkeys([*terms.site.documents, *_list_documents(month)]))),
        ("隐去规则", terms.withheld_note()),
        ("空格", "没有数字，或与隐去的数字一并隐去"),
        *(
            ("工作表", f"{sheet.title}：见“{titles.get(notebook, notebook)}”页")
            for notebook, group in sheets.items()
            for sheet in group
        ),
    ]
    return Sheet("说明", pd.DataFrame(rows, columns=["项目", "说明"]))


def _list_documents(month: Month) -> list[str]:
    """List the documents that the figures stand on; those of elsewhere are comparisons."""
    indicators = load_indicators(month.project.params).values()
    return [
        f"{one.source.document}{'，仅作对照' if one.is_comparison else ''}" for one in indicators
    ]
