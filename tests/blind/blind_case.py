"""What a blind case is made of: rows as sent, and what has to become of each."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

FOLDERS = {
    "social_assistance": "民政",
    "county_hospitals": "卫生健康",
    "township_hospitals": "卫生健康",
    "village_clinics": "卫生健康",
    "village_doctors": "卫生健康",
    "monitored_villages": "卫生健康",
    "chronic_patients": "卫生健康",
    "major_disease_cases": "卫生健康",
    "family_doctor_contracts": "卫生健康",
    "follow_up_visits": "卫生健康",
    "insurance_enrolment": "医保",
    "settlements": "医保",
    "receipts": "监测办",
    "registered_households": "乡村振兴",
    "registered_persons": "乡村振兴",
    "household_incomes": "乡村振兴",
}
FACILITY_FILE = "医疗机构监测表_630100_{month}.xlsx"
FILES = {
    "social_assistance": "社会救助_630102_{month}.xlsx",
    "county_hospitals": FACILITY_FILE,
    "township_hospitals": FACILITY_FILE,
    "village_clinics": FACILITY_FILE,
    "village_doctors": FACILITY_FILE,
    "monitored_villages": FACILITY_FILE,
    "chronic_patients": "慢病患者_{month}.csv",
    "major_disease_cases": "大病救治_{month}.csv",
    "family_doctor_contracts": "家庭医生签约_{month}.csv",
    "follow_up_visits": "慢病随访_{month}.csv",
    "insurance_enrolment": "参保名单_630100_{year}.csv",
    "settlements": "医保结算_630100_{month}.csv",
    "receipts": "收件登记_{month}.csv",
    "registered_households": "建档立卡户_{month}.csv",
    "registered_persons": "建档立卡人口_{month}.csv",
    "household_incomes": "家庭收入_{last_year}.csv",
}
SHEETS = {
    "social_assistance": "救助对象",
    "county_hospitals": "县级医院",
    "township_hospitals": "乡镇卫生院",
    "village_clinics": "村卫生室",
    "village_doctors": "村医",
    "monitored_villages": "行政村名录",
}
ENCODINGS = {"insurance_enrolment": "gb18030", "settlements": "gb18030"}
MONTH = "2022-06"


class NotRunError(Exception):
    """A case that cannot be built here, because the package that writes its format is missing."""


@dataclass(frozen=True)
class AnyOf:
    """Several clean values, each of which is right."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """An Excel cell with a number format of its own."""

    value: Any
    number_format: str


@dataclass(frozen=True)
class Formula:
    """An Excel formula and the result that was stored with it (none: never calculated)."""

    text: str
    result: Any = ""


@dataclass(frozen=True)
class Line:
    """One row as sent.

    ``fate``: ``taken`` with exactly the values of ``clean``; ``aside``: in ``set_aside``;
    ``either``: one of the two, but no other value and not lost; ``ignored``: no record, so it may
    be set aside or passed over, never taken.
    """

    cells: Any
    clean: dict[str, Any] = field(default_factory=dict)
    fate: str = "taken"
    who: str | None = None
    is_linked: bool = False

    def but(self, cells: dict[str, Any], who: str | None = None, **clean: Any) -> "Line":
        """Return the same row with other cells and other clean values, still to be taken."""
        changed = replace(self, cells={**self.cells, **cells}, clean={**self.clean, **clean})
        return replace(changed, who=who) if who else changed

    def aside(self, cells: dict[str, Any]) -> "Line":
        """Return the same row with cells that nobody could decide: it must be set aside."""
        return replace(self, cells={**self.cells, **cells}, fate="aside")

    def either(self, cells: dict[str, Any], **clean: Any) -> "Line":
        """Return the same row, which may be set aside but not taken with other values."""
        return replace(self.but(cells, **clean), fate="either")


def no_record(*cells: Any) -> Line:
    """Return a row that is no record: totals, notes, repeated headers, blank rows."""
    return Line(list(cells), fate="ignored")


@dataclass(frozen=True)
class Sheet:
    """One table as laid out: rows above the header, the header, the rows.

    ``band`` is a first header row, merged over the columns below it: (first, last, text, leaf
    texts or None), columns counted from 0; columns without a band are merged downwards.
    """

    table: str
    lines: tuple[Line, ...]
    headers: tuple[str, ...] = ()
    above: tuple[tuple[Any, ...], ...] = ()
    band: tuple[tuple[int, int, str, tuple[str, ...] | None], ...] = ()
    left: int = 0
    name: str | None = None
    hidden_rows: tuple[int, ...] = ()
    merged_down: tuple[tuple[str, int, int], ...] = ()
    """(header, first line, last line): only the first line's value stands there."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the headers in their order, those of the first row when none are named."""
        return self.headers or tuple(self.lines[0].cells)

    @property
    def sheet_name(self) -> str:
        """Return the name of the worksheet."""
        return self.name or SHEETS.get(self.table, "Sheet1")

    @property
    def first_row(self) -> int:
        """Return the row, counted from 1 as Excel shows it, of the first line."""
        return len(self.above) + (2 if self.band else 1) + 1

    def rows(self) -> list[list[Any]]:
        """Return all rows as cells, with those above and the header."""
        pad = [None] * self.left
        leaf, top = list(self.columns), []
        if self.band:
            top = list(self.columns)
            for first, last, text, leaves in self.band:
                top[first : last + 1] = [text] + [None] * (last - first)
                leaf[first : last + 1] = leaves or leaf[first : last + 1]
            banded = {c for first, last, *_ in self.band for c in range(first, last + 1)}
            leaf = [text if c in banded else None for c, text in enumerate(leaf)]
        head = [[*pad, *top], [*pad, *leaf]] if self.band else [[*pad, *leaf]]
        return [[*pad, *row] for row in self.above] + head + [[*pad, *r] for r in self._body()]

    def _body(self) -> list[list[Any]]:
        body = [
            line.cells
            if isinstance(line.cells, list)
            else [line.cells.get(header) for header in self.columns]
            for line in self.lines
        ]
        for header, first, last in self.merged_down:
            for number in range(first + 1, last + 1):
                body[number][self.columns.index(header)] = None
        return body


@dataclass(frozen=True)
class Delivery:
    """One file as it lies in ``data/raw``, and what must be said of it."""

    name: str
    content: bytes
    sheets: tuple[Sheet, ...] = ()
    folder: str = "医保"
    month: str = MONTH
    is_named: bool = False
    """A problem that names the file must be reported."""
    is_good: bool = False
    """Nothing may be reported of it."""
    may_be_refused: bool = False
    """Naming the file in a problem and taking nothing of it is as right as reading it."""
    may_have_any_rows: bool = False
    """Nothing is said of its rows."""
    is_returned: bool | None = None
    """Whether its bad rows, and only they, go back to the sender; None: not looked at."""
    said: tuple[str, ...] = ()
    """Columns whose conversion must be stated; ``*`` for any conversion of the file."""


@dataclass(frozen=True)
class Case:
    """A sentence that says what has to happen, where it is demanded, and the files."""

    name: str
    point: str
    deliveries: tuple[Delivery, ...]
    until: str = MONTH
    once: tuple[tuple[str, str, Any], ...] = ()
    """(table, column, value): exactly one clean row holds it."""
    alias: tuple[str, str, str] | None = None
    """(file of params/exports, header, alias) added to the list of exports first."""
    is_simulated: bool = True


def file_name(table: str, month: str = MONTH) -> str:
    """Return the name that the list of exports gives a table's file."""
    year = int(month[:4])
    return FILES[table].format(month=month, year=year, last_year=year - 1)


def iso(value: datetime.date) -> str:
    """Return a day as written in ISO 8601."""
    return value.isoformat()[:10]
