"""The measures of the literature for households on the register: a census, no sampling error.

Income on record is per member; a household's is taken times the members that its spending covers,
as everywhere in this package.
"""

from collections.abc import Iterator

import pandas as pd

from healthmon.burden.catastrophic import measure_catastrophic
from healthmon.burden.denominator import Denominator
from healthmon.burden.design import Design
from healthmon.burden.incomes import read_incomes
from healthmon.burden.poverty import is_poor, measure_impoverishment
from healthmon.burden.terms import BurdenTerms, IncomeReading
from healthmon.project import Project

PROVINCE = ""
"""In place of a prefecture's code."""


def list_paying_households(project: Project, month: str, burden: pd.DataFrame) -> pd.DataFrame:
    """Put spending beside income in the last complete year whose incomes are on record.

    Parameters
    ----------
    project : Project
    month : str
        Last month delivered that is seen.
    burden : DataFrame
        As from :func:`healthmon.burden.household_burden`.

    Returns
    -------
    DataFrame
        One row a household: ``year``, ``prefecture_code``, ``member_count``, ``oop_fen``,
        ``income_per_member_fen`` and ``income_fen`` (missing where not stated); no rows where
        there is no such year yet.
    """
    columns = ["household_id", "year", "prefecture_code", "member_count", "oop_fen"]
    complete = burden.loc[burden["is_complete_year"], columns]
    for year in sorted(complete["year"].unique(), reverse=True):
        incomes = read_incomes(project, int(year), month)
        if len(incomes):
            return join_incomes(complete[complete["year"] == year], incomes)
    nothing = pd.DataFrame({"income_per_member_fen": pd.Series(dtype="Int64")})
    return join_incomes(complete.head(0), nothing)


def join_incomes(burden: pd.DataFrame, incomes: pd.DataFrame) -> pd.DataFrame:
    """Add ``income_per_member_fen`` and ``income_fen`` to households' spending of one year."""
    joined = burden.join(incomes, on="household_id").reset_index(drop=True)
    per_member = joined["income_per_member_fen"].astype("Int64")
    return joined.assign(
        income_per_member_fen=per_member, income_fen=per_member * joined["member_count"]
    )


def measure_registered(paying: pd.DataFrame, terms: BurdenTerms) -> pd.DataFrame:
    """Measure catastrophic spending in the province and each prefecture, by either reading.

    Parameters
    ----------
    paying : DataFrame
        As from :func:`list_paying_households`.
    terms : BurdenTerms

    Returns
    -------
    DataFrame
        The columns of :func:`healthmon.burden.catastrophic.measure_catastrophic` with
        ``year``, ``income_reading`` and ``prefecture_code`` (:data:`PROVINCE` for all);
        households are ranked by the denominator per member, each counts once.
    """
    parts = []
    for place, rows in _places(paying):
        for name, reading in terms.income_readings.items():
            denominator = state_income(rows, reading)
            welfare = denominator.amounts / rows["member_count"].to_numpy()
            part = measure_catastrophic(
                rows["oop_fen"], denominator, welfare, terms.thresholds_pct,
                Design.census(len(rows)),
            )  # fmt: skip
            parts.append(
                part.assign(year=rows["year"].iloc[0], income_reading=name, prefecture_code=place)
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def measure_registered_poverty(
    paying: pd.DataFrame, terms: BurdenTerms, line_fen: int
) -> pd.DataFrame:
    """Measure poverty before and after payments in the province and each prefecture.

    Parameters
    ----------
    line_fen : int
        Poverty line of the year per person.

    Returns
    -------
    DataFrame
        One row a place and ``measure`` of
        :func:`healthmon.burden.poverty.measure_impoverishment` (gaps in fen per person), in the
        default reading of income, with ``year``, ``prefecture_code`` (:data:`PROVINCE` for all),
        ``household_count`` (income on record), ``poor_household_count`` (before payments) and
        ``impoverished_household_count`` (poor only after them).
    """
    reading, parts = terms.income_readings[terms.income_on_record], []
    for place, rows in _places(paying):
        income, members = state_income(rows, reading), rows["member_count"].to_numpy()
        paid = rows["oop_fen"].to_numpy()
        part = measure_impoverishment(paid, income, members, line_fen, Design.census(len(rows)))
        before, after = (
            income.is_known & is_poor(amounts, members, line_fen)
            for amounts in (income.amounts, income.amounts - paid)
        )
        parts.append(
            part.reset_index().assign(
                year=rows["year"].iloc[0],
                prefecture_code=place,
                household_count=int(income.is_known.sum()),
                poor_household_count=int(before.sum()),
                impoverished_household_count=int((after & ~before).sum()),
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def state_income(paying: pd.DataFrame, reading: IncomeReading) -> Denominator:
    """Return income as the denominator, with the payments added back where they were taken off."""
    if reading.payments == "taken_off":
        return Denominator.add_back("income", paying["income_fen"], paying["oop_fen"])
    return Denominator("income", paying["income_fen"], payments=reading.payments)


def _places(paying: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if len(paying):
        yield PROVINCE, paying
        yield from paying.groupby("prefecture_code", sort=True)
