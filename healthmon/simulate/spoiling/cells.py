"""Cells written another way than the form asks: nothing of them may be lost."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from healthmon.simulate.planting import CONVERTIBLE
from healthmon.simulate.spoiling.desk import Chosen, Desk

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_EXCEL_DAY_0 = date(1899, 12, 30)
_NOTHING = ("无", "/", "-", "——", "NULL", "空", "　")
_PAIRS = (("有", "无"), ("√", "×"), ("Y", "N"), ("1", "0"), ("是 ", "否 "))
_DAY_FORMS = ("{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日",
              "{0.year}.{0.month:02}.{0.day:02}", "{0:%Y%m%d}")  # fmt: skip

Writer = Callable[[object, int], object]
"""Writes a right value another way; the number goes through the forms a kind has."""


@dataclass(frozen=True)
class CellKind:
    """A way of writing: where it occurs, which values it suits, and how they are written."""

    homes: tuple[tuple[str, str], ...]
    suits: Callable[[object], bool]
    write: Writer


def _plain(value: object) -> str:
    """Return a number as a person would type it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _day(value: object) -> date:
    return date.fromisoformat(str(value))


def _is_thousands(value: object) -> bool:
    try:
        return float(value) >= 1000
    except (TypeError, ValueError):
        return False


def _with_separators(value: object, number: int) -> str:
    return f"{float(value):,.2f}"


def _serial(value: object, number: int) -> int:
    return (_day(value) - _EXCEL_DAY_0).days


KINDS: dict[str, CellKind] = {
    "full_width_digits": CellKind(
        (("settlements", "总费用(元)"), ("insurance_enrolment", "年度"),
         ("social_assistance", "月救助金额(元)"), ("chronic_patients", "确诊日期")),
        lambda value: value != "" and "-12" not in _plain(value),
        lambda value, number: _plain(value).translate(_FULL_WIDTH),
    ),
    "thousands_separator": CellKind(
        (("settlements", "总费用(元)"), ("household_incomes", "人均纯收入(元)")),
        _is_thousands, _with_separators,
    ),
    "percent_sign": CellKind(
        (("county_hospitals", "上年度贫困人口县域内就诊率(%)"),
         ("township_hospitals", "上年度乡村两级诊疗占比(%)")),
        lambda value: isinstance(value, float),
        lambda value, number: f"{value:g}%",
    ),
    "month_for_date": CellKind(
        (("chronic_patients", "确诊日期"), ("major_disease_cases", "确诊日期")),
        _is_day, lambda value, number: f"{_day(value).year}年{_day(value).month}月",
    ),
    "excel_serial_date": CellKind(
        (("social_assistance", "变动日期"), ("village_doctors", "出生日期"),
         ("chronic_patients", "确诊日期")),
        _is_day, _serial,
    ),
    "date_written_otherwise": CellKind(
        (("registered_households", "变动日期"), ("follow_up_visits", "随访日期"),
         ("settlements", "结算日期"), ("social_assistance", "出生日期")),
        _is_day, lambda value, number: _DAY_FORMS[number % 4].format(_day(value)),
    ),
    "yes_no_word": CellKind(
        (("registered_persons", "是否残疾"), ("insurance_enrolment", "大病保险"),
         ("township_hospitals", "远程医疗"), ("village_clinics", "是否公有产权")),
        lambda value: value in ("是", "否"),
        lambda value, number: _PAIRS[number % 5][value == "否"],
    ),
    "blank_word": CellKind(
        (("settlements", "出院日期"), ("major_disease_cases", "销号日期"),
         ("township_hospitals", "执业医师人数")),
        lambda value: value == "",
        lambda value, number: _NOTHING[number % 7],
    ),
    "spaces_around": CellKind(
        (("settlements", "医疗类别"), ("registered_households", "户类型"),
         ("chronic_patients", "证件号码"), ("village_clinics", "行政村代码")),
        lambda value: isinstance(value, str) and value != "",
        lambda value, number: f" {value}" if number % 2 else f"{value}　",
    ),
    "number_as_text": CellKind(
        (("township_hospitals", "执业医师人数"), ("monitored_villages", "常住人口")),
        lambda value: isinstance(value, float),
        lambda value, number: _plain(value),
    ),
}  # fmt: skip


def spoil_cells(desk: Desk) -> None:
    """Write some cells of every kind another way, in each table where the kind occurs."""
    shares = desk.world.settings.table("planted_cell_shares")
    for kind, about in KINDS.items():
        each = -(-desk.how_many(shares[kind]) // len(about.homes))
        for table, header in about.homes:
            # numbers of doctors are left blank too seldom to be found elsewhere than here
            for number, one in enumerate(desk.pick(table, each, _suits(about, header))):
                value = about.write(one.get(header), number)
                desk.spoil_cell(one, kind, CONVERTIBLE, header, value)


def _suits(about: CellKind, header: str) -> Callable[[Chosen], bool]:
    return lambda one: about.suits(one.get(header))
