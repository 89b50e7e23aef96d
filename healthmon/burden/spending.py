"""What medical treatment leaves to a household: spending per member and year, and the rule on it.

The core works on Narwhals frames and runs the same on DuckDB, pandas and other engines. Money is
whole fen throughout, so that a household at exactly 1,560.00 yuan a head never changes sides.

References
----------
QH-5, channel 1.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import narwhals as nw
import pandas as pd
from pydantic import field_validator

from healthmon.money import fen
from healthmon.project import Project, check_month
from healthmon.registers import current_households, memberships
from healthmon.rules.standards import Standard, load_standard, require_in_force
from healthmon.tables import collect_frame, hold, scan_table

PLACES = ("village_code", "township_code", "county_code", "prefecture_code")
AMOUNTS = ("total_fen", "reimbursed_fen", "out_of_scope_fen", "oop_fen")
"""Sums of a household in a year: total cost; paid by the three layers; outside the catalogue,
part of what is out of pocket; out of pocket."""


class SpendingRule(Standard):
    """The rule of QH-5 as written in ``params/standards/QH/rule_1560.yml``."""

    unit: Literal["household"]
    first_year: int
    year_offsets: tuple[int, ...]
    years_reading: str
    threshold_yuan: int
    threshold_origin: str
    population: tuple[str, ...]
    population_quote: str
    population_reading: str
    out_of_pocket: Literal["all_left_to_household", "inside_catalogue"]
    out_of_pocket_reading: str
    members_reading: str

    @field_validator("year_offsets")
    @classmethod
    def _not_ahead(cls, offsets: tuple[int, ...]) -> tuple[int, ...]:
        if not offsets or max(offsets) > 0:
            raise ValueError("years are 0 (the month's own) or before it")
        return offsets

    @property
    def threshold_fen(self) -> int:
        """The threshold per member in fen; spending must be above it."""
        return fen(self.threshold_yuan)

    def years(self, month: str) -> tuple[int, ...]:
        """Return the years that the rule looks at in `month` (YYYY-MM)."""
        return tuple(int(month[:4]) + offset for offset in self.year_offsets)


def load_rule(params: Path, readings: tuple[str, ...] = ()) -> SpendingRule:
    """Read the rule, in the default readings or with others laid over.

    Raises
    ------
    ParameterError
        When the file is refused.
    UserError
        When there is no such reading.
    """
    return load_standard(params, "QH/rule_1560", SpendingRule, readings)


def household_burden(project: Project, month: str, readings: tuple[str, ...] = ()) -> pd.DataFrame:
    """Compute the spending of every registered household by year, with the rule on each year.

    Only what had been delivered by `month` is seen. Households are those of the rule's population
    on the month's last day.

    Parameters
    ----------
    project : Project
    month : str
        As in ``2022-06``.
    readings : tuple of str
        Readings of the rule to take instead of the default ones.

    Returns
    -------
    DataFrame
        One row a household and year in which it had members, from the rule's first year on, by
        household and year: ``household_id``, ``year``, ``household_kind``, the codes of
        :data:`PLACES`, ``member_count``, the sums of :data:`AMOUNTS` in fen (0 where nothing was
        settled), ``is_complete_year``, ``is_rule_year`` (the rule looks at it in this month),
        ``is_flagged_by_rule`` (above the threshold in that year, each year by itself).

    Raises
    ------
    ParameterError
        When the rule's file is refused.
    UserError
        When `month` is no month, or the rule is not in force in it.

    References
    ----------
    QH-5, channel 1.
    """
    check_month(month)
    rule = load_rule(project.params, readings)
    require_in_force(rule, month)
    end = last_day(month)
    burden = household_year_burden(
        scan_table(project, "settlements", month),
        hold(memberships(project, month)),
        hold(current_households(project, month)),
        range(rule.first_year, end.year + 1),
        end,
    )
    burden = burden.filter(nw.col("household_kind").is_in(rule.population))
    burden = flag_by_rule(burden, rule).sort("household_id", "year")
    frame = collect_frame(burden)
    frame["is_complete_year"] = (frame["year"] < end.year) | (end.month == 12)
    frame["is_rule_year"] = frame["year"].isin(rule.years(month))
    return frame


def household_year_burden(
    settlements: nw.LazyFrame,
    memberships: nw.LazyFrame,
    households: nw.LazyFrame,
    years: Sequence[int],
    end: datetime,
) -> nw.LazyFrame:
    """Add up what each household spent in each year, and count its members.

    Parameters
    ----------
    settlements : narwhals.LazyFrame
        ``person_id``, ``settled_date`` and the amounts as delivered.
    memberships : narwhals.LazyFrame
        As in :func:`list_member_years`.
    households : narwhals.LazyFrame
        One row a household: ``household_id``, ``household_kind`` and the codes of :data:`PLACES`.
    years : sequence of int
    end : datetime
        Last day seen; the year it lies in may be incomplete.

    Returns
    -------
    narwhals.LazyFrame
        ``household_id``, ``year``, ``household_kind``, places, ``member_count`` and the sums of
        :data:`AMOUNTS`; in no order. A household without settlements has 0.
    """
    members = list_member_years(memberships, years, end)
    spent = attribute_settlements(settlements, members, end).with_columns(
        nw.lit(0).cast(nw.Int64).alias("member_count")
    )
    present = (
        members.select("household_id", "person_id", "year")
        .unique()
        .with_columns(*(nw.lit(0).cast(nw.Int64).alias(name) for name in AMOUNTS))
        .with_columns(nw.lit(1).cast(nw.Int64).alias("member_count"))
    )
    columns = ["household_id", "year", "member_count", *AMOUNTS]
    # members and settlements are stacked and added up once: no join, so nothing can be missing
    summed = (
        nw.concat([present.select(columns), spent.select(columns)])
        .group_by("household_id", "year")
        .agg(nw.col("member_count", *AMOUNTS).sum())
        .with_columns(nw.col("member_count", *AMOUNTS).cast(nw.Int64))
    )
    known = households.lazy().select("household_id", "household_kind", *PLACES)
    return known.join(summed, on="household_id", how="inner").select(
        "household_id", "year", "household_kind", *PLACES, "member_count", *AMOUNTS
    )


def list_member_years(
    memberships: nw.LazyFrame, years: Sequence[int], end: datetime
) -> nw.LazyFrame:
    """List who belonged to which household at any time in each year.

    Parameters
    ----------
    memberships : narwhals.LazyFrame
        One row a person and household: ``person_id``, ``household_id``, ``joined_date`` (missing
        for those there from the start) and ``left_date`` (missing for those still there).
    years : sequence of int
    end : datetime
        Last day seen: who joins later is not a member yet.

    Returns
    -------
    narwhals.LazyFrame
        The columns of `memberships`, ``year``, and the time in which the person's settlements
        belong to this household: from ``counts_from`` (missing: from the start) to before
        ``counts_until`` (missing: open), the days of joining it and the next one.
    """
    spells = memberships.lazy().with_columns(
        counts_from=nw.when(
            ~nw.col("household_id").shift(1).over("person_id", order_by="joined_date").is_null()
        ).then(nw.col("joined_date")),
        counts_until=nw.col("joined_date").shift(-1).over("person_id", order_by="joined_date"),
    )
    return nw.concat([_members_of(spells, year, end) for year in years])


def _members_of(spells: nw.LazyFrame, year: int, end: datetime) -> nw.LazyFrame:
    first, last = datetime(year, 1, 1), min(datetime(year, 12, 31), end)
    joined, left = nw.col("joined_date"), nw.col("left_date")
    return spells.filter(
        joined.is_null() | (joined <= last), left.is_null() | (left >= first)
    ).with_columns(year=nw.lit(year).cast(nw.Int32))


def attribute_settlements(
    settlements: nw.LazyFrame, member_years: nw.LazyFrame, end: datetime
) -> nw.LazyFrame:
    """Give each settlement to the household that its person belonged to, by day of settlement.

    Settlements of persons who belonged to no household in that year are left out: spending and
    members cover the same persons.

    Parameters
    ----------
    settlements : narwhals.LazyFrame
        As delivered.
    member_years : narwhals.LazyFrame
        As from :func:`list_member_years`.
    end : datetime
        Last day seen.

    Returns
    -------
    narwhals.LazyFrame
        The columns of `settlements` and :data:`AMOUNTS`, ``household_id`` and ``year``, the year
        of the settlement day.
    """
    day = nw.col("settled_date")
    paid = ("basic_paid_fen", "major_illness_paid_fen", "assistance_paid_fen")
    dated = (
        settlements.lazy()
        .filter(day <= end)
        .with_columns(
            year=day.dt.year().cast(nw.Int32),
            reimbursed_fen=sum((nw.col(name) for name in paid[1:]), nw.col(paid[0])),
            oop_fen=nw.col("out_of_pocket_fen"),
        )
    )
    spells = member_years.select("person_id", "year", "household_id", "counts_from", "counts_until")
    since, until = nw.col("counts_from"), nw.col("counts_until")
    return (
        dated.join(spells, on=["person_id", "year"], how="inner")
        .filter(since.is_null() | (day >= since), until.is_null() | (day < until))
        .drop("counts_from", "counts_until")
    )


def flag_by_rule(burden: nw.LazyFrame, rule: SpendingRule) -> nw.LazyFrame:
    """Add ``is_flagged_by_rule``: spending per member strictly above the threshold.

    Parameters
    ----------
    burden : narwhals.LazyFrame
        ``member_count``, ``oop_fen`` and ``out_of_scope_fen`` of one household and year a row.
    rule : SpendingRule

    References
    ----------
    QH-5: 人均超过 1560 元; 超过 does not include the number.
    """
    spent = nw.col("oop_fen")
    if rule.out_of_pocket == "inside_catalogue":
        spent = spent - nw.col("out_of_scope_fen")
    return burden.with_columns(
        is_flagged_by_rule=spent > rule.threshold_fen * nw.col("member_count")
    )


def last_day(month: str) -> datetime:
    """Return the last day of a month written as YYYY-MM."""
    return pd.Period(month, freq="M").end_time.normalize().to_pydatetime()
