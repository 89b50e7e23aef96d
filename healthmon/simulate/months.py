"""Months and days: a day is a whole number since 1970-01-01, a month its place in the run."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthmon.errors import UserError
from healthmon.project import check_month

FIRST_MONTH, LAST_MONTH = "2019-01", "2022-06"
NEVER = 1 << 29
"""A day that no run reaches."""


@dataclass(frozen=True)
class Calendar:
    """The months that are simulated, oldest first, without a gap."""

    months: tuple[str, ...]

    @cached_property
    def starts(self) -> np.ndarray:
        """First day of every month, and the day after the last."""
        first = np.array([*self.months, _after(self.months[-1])], dtype="datetime64[M]")
        return first.astype("datetime64[D]").astype(np.int64)

    @property
    def start(self) -> int:
        """First day."""
        return int(self.starts[0])

    @property
    def end(self) -> int:
        """Day after the last."""
        return int(self.starts[-1])

    @property
    def years(self) -> range:
        """Calendar years that the months touch."""
        return range(int(self.months[0][:4]), int(self.months[-1][:4]) + 1)

    def month_of(self, days: np.ndarray) -> np.ndarray:
        """Place of each day's month in the run; -1 before it, number of months after it."""
        return np.searchsorted(self.starts, days, side="right") - 1

    def months_of_january(self) -> list[int]:
        """Places of the Januaries, when yearly tables are delivered."""
        return [place for place, month in enumerate(self.months) if month.endswith("-01")]


def make_calendar(months: list[str] | None) -> Calendar:
    """Check the months asked for.

    Raises
    ------
    UserError
        When they are no months, none at all, or not one after the other.
    """
    if months is None:
        months = _between(FIRST_MONTH, LAST_MONTH)
    if not months:
        raise UserError("no month to simulate: name at least one, as 2022-06")
    for month in months:
        check_month(month)
    if list(months) != _between(months[0], months[-1]):
        raise UserError("the months to simulate must follow one another without a gap")
    return Calendar(tuple(months))


def day(text: str) -> int:
    """Turn 2021-03-05 into days since 1970-01-01."""
    return int(np.datetime64(text, "D").astype(np.int64))


def year_of(days: np.ndarray) -> np.ndarray:
    """Calendar year of each day."""
    years = np.asarray(days).astype("datetime64[D]").astype("datetime64[Y]")
    return years.astype(np.int64) + 1970


def day_of_month(days: np.ndarray) -> np.ndarray:
    """Day of the month of each day, from 1."""
    dates = np.asarray(days).astype("datetime64[D]")
    return (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1


def same_day_next_month(days: np.ndarray) -> np.ndarray:
    """Give each day's counterpart in the next month: its last day where it has no such day."""
    following = np.asarray(days).astype("datetime64[D]").astype("datetime64[M]") + 1
    first, after = (
        month.astype("datetime64[D]").astype(np.int64) for month in (following, following + 1)
    )
    return first + np.minimum(day_of_month(days), after - first) - 1


def year_start(year: int) -> int:
    """First day of a year."""
    return day(f"{year}-01-01")


def _after(month: str) -> str:
    return str(np.datetime64(month, "M") + 1)


def _between(first: str, last: str) -> list[str]:
    span = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1)
    return [str(month) for month in span]
