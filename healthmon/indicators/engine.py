"""Rows counted by the indicators' files, then added up from village to province."""

from collections.abc import Callable, Collection, Mapping
from itertools import groupby

import narwhals as nw
import numpy as np
import pandas as pd

from healthmon.costs.facts import stays
from healthmon.deadlines.facts import deadlines
from healthmon.errors import ParameterError
from healthmon.indicators.cases import cases
from healthmon.indicators.patients import patients
from healthmon.indicators.persons import persons
from healthmon.indicators.span import MONTHS, Span, month_name
from healthmon.indicators.teams import teams
from healthmon.indicators.telephone_checks import telephone_checks
from healthmon.indicators.visits import visits
from healthmon.places import province_code
from healthmon.project import Project
from healthmon.rules.expressions import express
from healthmon.rules.indicators import Indicator, load_indicators
from healthmon.tables import collect_frame

FRAMES: Mapping[str, Callable[[Span], nw.LazyFrame]] = {
    "cases": cases,
    "deadlines": deadlines,
    "patients": patients,
    "persons": persons,
    "stays": stays,
    "teams": teams,
    "telephone_checks": telephone_checks,
    "visits": visits,
}
"""Rows by the name that indicators call them; each with ``month`` and ``place_code``."""
LEVELS = ("province", "prefecture", "county", "township", "village")
LOCAL = LEVELS[3:]
"""Levels of many small places, which few pages look at."""
COUNTS = ("numerator", "denominator", "undetermined")
_KEYS = ["indicator", "part", "month", "level", "code"]
_DIGITS = {"county": 6, "township": 9, "village": 12}


def measure_indicators(
    project: Project, month: str, count: int = MONTHS, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Measure indicators in the months up to one, as known at its end.

    Parameters
    ----------
    project : Project
    month : str
        The last month, and the last month delivered that is seen.
    count : int
        Months in all.
    only : collection of str, optional
        Indicators asked for; all by default.

    Returns
    -------
    DataFrame
        One row an indicator, part, month and place with anybody in the denominator:
        ``indicator``; ``part`` (a value of the fact it is shown apart by, empty for the whole);
        ``month``; ``level`` (of :data:`LEVELS`); ``code`` (of the division); ``numerator``,
        ``denominator``, ``undetermined``, in rows, or in fen for sums. Undetermined rows stand in
        the denominator and not in the numerator. Rows of which no place is known count for the
        province alone.

    Raises
    ------
    ParameterError
        When a file is refused or names rows that nobody computes.
    UserError
        When `month` is no month.
    """
    span = Span(project, month, count)
    known = load_indicators(project.params)
    asked = [one for name, one in known.items() if only is None or name in only]
    indicators = sorted(asked, key=lambda one: one.frame)
    parts = []
    for frame, group in groupby(indicators, key=lambda one: one.frame):
        if frame not in FRAMES:
            raise ParameterError(f"facts.yml: nobody computes the frame '{frame}'")
        of_frame = list(group)
        counted = count_rows(FRAMES[frame](span), of_frame)
        parts.append(lay_out(add_up(counted), of_frame))
    return pd.concat(parts, ignore_index=True)


def count_rows(rows: nw.LazyFrame, indicators: list[Indicator]) -> pd.DataFrame:
    """Count the rows of one frame for its indicators, by month, place and the facts of parts.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        With ``place_code`` and ``month``, or ``from_month`` and ``to_month`` for rows that stay
        the same for several months.
    indicators : list of Indicator
        All on this frame.

    Returns
    -------
    DataFrame
        ``month``, ``place_code``, the facts; ``<indicator>.<count>`` for each of :data:`COUNTS`.
    """
    facts = list(dict.fromkeys(one.parts.fact for one in indicators if one.parts))
    added = {
        f"{one.indicator}.{name}": expression
        for one in indicators
        for name, expression in zip(COUNTS, _counted(one), strict=True)
    }
    stretch = ["from_month", "to_month"]
    lasts = "from_month" in rows.collect_schema()
    by = [*(stretch if lasts else ["month"]), "place_code", *facts]
    summed = rows.select(*by, **added).group_by(*by).agg(nw.col(*added).sum())
    counted = collect_frame(summed.with_columns(nw.col(*added).cast(nw.Int64)))
    if not lasts:
        return counted
    lengths = (counted["to_month"] - counted["from_month"]).to_numpy()
    repeated = counted.loc[counted.index.repeat(lengths)].reset_index(drop=True)
    numbers = (
        repeated["from_month"] + repeated.groupby(np.repeat(counted.index, lengths)).cumcount()
    )
    return repeated.assign(month=numbers.map(month_name)).drop(columns=stretch)


def _counted(indicator: Indicator) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return what each row adds to numerator, denominator and undetermined."""
    asked = express(*indicator.among)
    among = nw.coalesce(asked, nw.lit(False))
    if indicator.sums:
        top, bottom = nw.col(indicator.sums.numerator), nw.col(indicator.sums.denominator)
        return (
            nw.when(among).then(top).otherwise(0),
            nw.when(among).then(bottom).otherwise(0),
            nw.lit(0),
        )
    done = express(*indicator.counts)
    is_done = nw.coalesce(done, nw.lit(False))
    may_count = asked.is_null()  # nobody knows whether the row counts at all
    return (
        nw.when(among & is_done).then(1).otherwise(0),
        nw.when(among | may_count).then(1).otherwise(0),
        nw.when((among & done.is_null()) | may_count).then(1).otherwise(0),
    )


def add_up(counted: pd.DataFrame) -> pd.DataFrame:
    """Add counts up from the finest place that each row knows to the province.

    Parameters
    ----------
    counted : DataFrame
        As of :func:`count_rows`; ``place_code`` has 12, 9 or 6 digits or is missing.

    Returns
    -------
    DataFrame
        The same with ``level`` and ``code`` in place of ``place_code``.
    """
    place = counted["place_code"].astype("str")
    lengths = place.str.len().where(counted["place_code"].notna(), 0)
    codes = {
        level: place.str.slice(0, digits).where(lengths >= digits)
        for level, digits in _DIGITS.items()
    }
    codes["prefecture"] = (place.str.slice(0, 4) + "00").where(lengths >= 4)
    codes["province"] = pd.Series(province_code(), index=counted.index)
    counts = [name for name in counted if name.endswith(COUNTS)]
    facts = [name for name in counted if name not in ("month", "place_code", *counts)]
    levels = []
    for level in LEVELS:
        grouped = counted.assign(code=codes[level]).dropna(subset=["code"])
        by = ["month", "code", *facts]
        summed = grouped.groupby(by, as_index=False, dropna=False)[counts].sum()
        levels.append(summed.assign(level=level))
    return pd.concat(levels, ignore_index=True)


def lay_out(added: pd.DataFrame, indicators: list[Indicator]) -> pd.DataFrame:
    """Lay the counts of one frame out, one row an indicator, part, month and place."""
    return pd.concat([_of_indicator(added, one) for one in indicators], ignore_index=True)


def _of_indicator(added: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Cut out one indicator's counts, as a whole and by part."""
    names = {f"{indicator.indicator}.{name}": name for name in COUNTS}
    place = ["month", "level", "code"]
    own = added.loc[added[f"{indicator.indicator}.denominator"] > 0].rename(columns=names)
    whole = own.groupby(place, as_index=False)[list(COUNTS)].sum().assign(part="")
    pieces = [whole]
    if indicator.parts:
        fact = indicator.parts.fact
        known = own[own[fact].isin(list(indicator.parts.labels))]
        by_part = known.groupby([fact, *place], as_index=False)[list(COUNTS)].sum()
        pieces.append(by_part.rename(columns={fact: "part"}))
    found = pd.concat(pieces, ignore_index=True).assign(indicator=indicator.indicator)
    return found[[*_KEYS, *COUNTS]]
