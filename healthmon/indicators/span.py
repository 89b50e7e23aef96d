"""The months that indicators are measured for, all as known at the last one's end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import narwhals as nw
import pandas as pd
import pyarrow as pa

from healthmon.project import Project, check_month
from healthmon.statuses import status_spells
from healthmon.tables import connection, hold, scan_table

MONTHS = 12
_DATES = ("first_day", "last_day", "quarter_first", "quarter_last")
_NEVER = 10**6


@dataclass(frozen=True)
class Span:
    """A month and those before it.

    Months are also counted: year times 12 plus month, from 0. What lasts is given by the months
    ``from_month`` to ``to_month`` (exclusive) at whose ends it holds.

    Parameters
    ----------
    project : Project
    month : str
        The last month, and the last month delivered that is seen.
    count : int
        Months in all.
    """

    project: Project
    month: str
    count: int = MONTHS

    def __post_init__(self) -> None:
        check_month(self.month)

    @property
    def periods(self) -> pd.PeriodIndex:
        """The months, the earliest first."""
        return pd.period_range(end=self.month, periods=self.count, freq="M")

    @property
    def last_number(self) -> int:
        """Number of the last month."""
        return _number(self.month)

    @property
    def first_number(self) -> int:
        """Number of the first month."""
        return self.last_number - self.count + 1

    def scan(self, table: str) -> nw.LazyFrame:
        """Open a clean table as delivered by the last month."""
        return scan_table(self.project, table, self.month)

    @cached_property
    def months(self) -> nw.LazyFrame:
        """One row a month.

        Returns
        -------
        narwhals.LazyFrame
            ``month``, ``number``, ``first_day``, ``last_day``; of the last quarter that is over
            by then ``quarter_first``, ``quarter_last`` and ``quarter`` (year times 4 plus 0 to 3).
        """
        rows = []
        for period in self.periods:
            quarter = _last_quarter(period)
            days = (period.start_time, period.end_time, quarter.start_time, quarter.end_time)
            number = quarter.year * 4 + quarter.quarter - 1
            rows.append([str(period), _number(period), *(day.date() for day in days), number])
        columns = ["month", "number", *_DATES, "quarter"]
        types = [pa.string(), pa.int64(), *[pa.date32()] * len(_DATES), pa.int64()]
        return _relation(columns, types, rows)

    @cached_property
    def all_spells(self) -> nw.LazyFrame:
        """The groups that persons ever belonged to: :func:`.statuses.status_spells`, held."""
        return hold(status_spells(self.project, self.month))

    @cached_property
    def spells(self) -> nw.LazyFrame:
        """The groups that persons belong to at the ends of the months, held.

        Returns
        -------
        narwhals.LazyFrame
            As :func:`healthmon.statuses.status_spells`, with ``from_month`` and ``to_month``.
        """
        return hold(self.at_ends(self.all_spells))

    def at_ends(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """Turn ``from_date`` and ``to_date`` into ``from_month`` and ``to_month`` of the span.

        What holds at the end of no month of the span is left out.
        """
        start = nw.max_horizontal(month_number("from_date"), nw.lit(self.first_number))
        end = nw.coalesce(month_number("to_date"), nw.lit(self.last_number + 1))
        end = nw.min_horizontal(end, nw.lit(self.last_number + 1))
        lasting = rows.with_columns(from_month=start, to_month=end)
        return lasting.filter(nw.col("from_month") < nw.col("to_month"))

    def repeat(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """Repeat rows with ``from_month`` and ``to_month`` for each of their months.

        The columns of ``months`` are added, the two dropped.
        """
        number = nw.col("number")
        repeated = rows.join(self.months, how="cross")
        inside = repeated.filter(number >= nw.col("from_month"), number < nw.col("to_month"))
        return inside.drop("from_month", "to_month")

    def delivered(self, table: str) -> set[str]:
        """List the months in which a table came."""
        paths = (self.project.processed / table).glob("????-??.parquet")
        return {path.stem for path in paths if path.stem <= self.month}

    def first_delivered(self, table: str) -> int:
        """Return the number of the month in which a table first came; far ahead where it never."""
        came = self.delivered(table)
        return _number(min(came)) if came else _NEVER

    def known_windows(self, table: str, quarters: int) -> nw.LazyFrame:
        """Say of each month whether a table came for every month of the last full quarters.

        Parameters
        ----------
        quarters : int
            How many, up to the last that is over.

        Returns
        -------
        narwhals.LazyFrame
            ``month``, ``is_known``.
        """
        ends = [_last_quarter(period).asfreq("M", how="end") for period in self.periods]
        return self._known(table, ends, 3 * quarters)

    def known_year(self, table: str) -> nw.LazyFrame:
        """Say of each month whether a table came for it and the eleven before; as above."""
        return self._known(table, list(self.periods), 12)

    def _known(self, table: str, ends: list[pd.Period], count: int) -> nw.LazyFrame:
        came, rows = self.delivered(table), []
        for period, end in zip(self.periods, ends, strict=True):
            asked = pd.period_range(end=end, periods=count, freq="M").astype(str)
            rows.append([str(period), set(asked) <= came])
        return _relation(["month", "is_known"], [pa.string(), pa.bool_()], rows)


def month_number(column: str) -> nw.Expr:
    """Count the month of a day."""
    day = nw.col(column).dt
    return day.year().cast(nw.Int64) * 12 + day.month().cast(nw.Int64) - 1


def month_name(number: int) -> str:
    """Write a month that was counted, as in ``2022-06``."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _number(month: str | pd.Period) -> int:
    period = pd.Period(month, freq="M")
    return period.year * 12 + period.month - 1


def _last_quarter(month: pd.Period) -> pd.Period:
    """Return the last quarter that is over with a month's end."""
    quarter = month.asfreq("Q")
    return quarter if quarter.asfreq("M", how="end") == month else quarter - 1


def _relation(names: Sequence[str], types: Sequence[pa.DataType], rows: list[list]) -> nw.LazyFrame:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
    return nw.from_native(connection().from_arrow(pa.table(arrays, names=list(names))))
