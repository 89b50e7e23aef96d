"""The one list of what departments deliver: ``params/exports/*.yml`` as typed objects."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from healthmon.errors import ParameterError
from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.places import read_places

ColumnType = Literal[
    "text", "code", "name", "telephone", "identity_number", "household_number", "category",
    "boolean", "date", "year", "count", "money", "percent",
]  # fmt: skip
DROPPED_TYPES = ("name", "telephone")
"""What identifies a person to a reader; ends at intake."""


class Column(Parameters):
    """One column of an export."""

    header: str
    type: ColumnType
    label: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    digits: int | None = None
    beyond_province: bool = False
    minimum: int | None = 0
    values: dict[str, str] = Field(default_factory=dict)
    word_aliases: dict[str, str] = Field(default_factory=dict)
    """Other words that are written for those of `values`."""

    @model_validator(mode="after")
    def _complete(self) -> "Column":
        if (self.type == "category") != bool(self.values):
            raise ValueError("values belong to type category, and only there")
        if (self.type == "code") != bool(self.digits):
            raise ValueError("digits belong to type code, and only there")
        if unknown := set(self.word_aliases.values()) - set(self.values):
            raise ValueError(f"aliases of no value: {', '.join(sorted(unknown))}")
        return self


class Sum(Parameters):
    """Parts that add up to a total in every row."""

    total: str
    parts: tuple[str, ...]


class Deadline(Parameters):
    """The day of the following month by which a month's file must have come."""

    day: int = Field(ge=1, le=28)
    clause: str


class Table(Parameters):
    """One table that one department delivers."""

    label: Label
    cadence: Literal["changes", "monthly", "yearly"]
    month_of_year: int | None = None
    year_offset: int = 0
    scope: Literal["province", "prefecture", "county"]
    file: str
    sheet: str | None = None
    encoding: str | None = None
    key: tuple[str, ...]
    delivered_once: bool = False
    dated_by: str | None = None
    """The column whose days lie in the month delivered, late rows apart."""
    optional: bool = False
    """Whether its file may be missing without a word."""
    may_be_empty: bool = False
    """Whether a place without rows, or all of them, may be so in a month."""
    deadline: Deadline | None = None
    keeps_identities: bool = False
    """Whether its names and numbers go into the vault, for worksheets and for linking rows."""
    columns: dict[str, Column]
    sums: tuple[Sum, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Table":
        named = set(self.key).union(*({item.total, *item.parts} for item in self.sums))
        named |= {self.dated_by} - {None}
        if unknown := named - set(self.columns):
            raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
        if not self.file.endswith((".csv", ".xlsx")):
            raise ValueError("file ends in .csv or .xlsx")
        if self.file.endswith(".xlsx") != (self.sheet is not None):
            raise ValueError("an .xlsx file names its sheet, a .csv file its encoding")
        return self

    def file_pattern(self) -> re.Pattern[str]:
        """Return the pattern of its file names, with the groups that the name holds."""
        groups = {
            "{month}": r"(?P<month>\d{4}-\d{2})",
            "{year}": r"(?P<year>\d{4})",
            "{prefecture}": r"(?P<prefecture>\d{6})",
            "{county}": r"(?P<county>\d{6})",
        }
        parts = re.split(r"(\{\w+\})", self.file)
        return re.compile("".join(groups.get(part, re.escape(part)) for part in parts))

    def file_names(self, month: str) -> list[str]:
        """List the files that must come in one month, one for each place of its scope."""
        if self.cadence == "yearly" and int(month[5:]) != self.month_of_year:
            return []
        year = int(month[:4]) + self.year_offset
        names = [self.file.replace("{month}", month).replace("{year}", str(year))]
        if self.scope == "province":
            return names
        level = {"prefecture": "prefectures", "county": "counties"}[self.scope]
        return [names[0].replace(f"{{{self.scope}}}", code) for code in read_places(level)["code"]]


class Department(Parameters):
    """One department and the tables it delivers."""

    department: str
    label: Label
    folder: str
    source: str
    tables: dict[str, Table]


@cache
def load_exports(params: Path) -> dict[str, Department]:
    """Read the list of exports.

    Parameters
    ----------
    params : Path
        The ``params`` folder of a checkout.

    Returns
    -------
    dict
        Department name to its tables.

    Raises
    ------
    ParameterError
        When a file is refused or two departments name the same table.
    """
    paths = sorted((params / "exports").glob("*.yml"))
    departments = [load_parameters(path, Department) for path in paths]
    tables = [name for department in departments for name in department.tables]
    if twice := {name for name in tables if tables.count(name) > 1}:
        raise ParameterError(f"params/exports: table {', '.join(sorted(twice))} stands twice")
    return {department.department: department for department in departments}


def list_tables(params: Path) -> dict[str, Table]:
    """Return every table of every department by name."""
    return {
        name: table
        for department in load_exports(params).values()
        for name, table in department.tables.items()
    }
