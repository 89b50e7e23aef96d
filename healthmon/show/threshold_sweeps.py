"""Sweeps of the threshold with what may be shown of them.

The counts of two neighbouring thresholds are nested, so that their difference is a count, too.
"""

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from healthmon.risk.threshold import YEARS
from healthmon.risk.threshold_settings import ThresholdSettings, load_threshold_settings
from healthmon.show.bulletin import Results, spending_rule, terms_of
from healthmon.show.disclosure import WITHHELD_BESIDE, show_count

NESTED = [
    f"{name}_household_count" for name in ("flagged", "eligible_flagged", "found", "share_found")
]


NESTED_BY_YEARS = NESTED[:3]


class ThresholdResults(Results, Protocol):
    """A month with the results of the threshold page."""

    threshold_sweep: pd.DataFrame
    income_shares: pd.DataFrame
    discontinuity: pd.DataFrame
    near_threshold: pd.DataFrame


def terms_of_threshold(month: Results) -> ThresholdSettings:
    """Return ``params/threshold.yml`` of a month's checkout."""
    return load_threshold_settings(month.project.params)


def withhold_steps(
    frame: pd.DataFrame,
    columns: list[str],
    threshold: int,
    rank: pd.Series | None = None,
    totals: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Withhold nested counts of households that are small or differ little from a shown one.

    Parameters
    ----------
    frame : DataFrame
        One row a threshold; each row's households are among those of any lower threshold.
    columns : list of str
        Counts of households.
    threshold : int
        The smallest count, and the smallest difference, that is shown, 0 apart.
    rank : Series of int, optional
        Rows with a lower rank are rather shown than others.
    totals : mapping, optional
        Column to a count shown elsewhere, of which it is a part: the rest is no less withheld.

    Returns
    -------
    DataFrame
        A copy, withheld counts missing, with ``<column>_shown`` (text) beside.
    """
    result = frame.copy()
    order = frame.index if rank is None else rank.sort_values(kind="stable").index
    for column in columns:
        counts = frame[column].astype("Int64")
        shown = [0, *([totals[column]] if column in (totals or {}) else [])]
        texts = {}
        for row in order:
            count = counts[row]
            if pd.isna(count) or all(abs(count - s) >= threshold or count == s for s in shown):
                texts[row] = show_count(count, threshold)
                shown += [] if pd.isna(count) else [count]
            else:
                texts[row] = WITHHELD_BESIDE if count >= threshold else show_count(count, threshold)
                counts[row] = pd.NA
        result[column] = counts
        result[f"{column}_shown"] = pd.Series(texts).reindex(frame.index)
    result.attrs["withheld_under"] = threshold
    return result


def year_before_flags(month: ThresholdResults) -> int | None:
    """Return the last cohort before flags existed, or the first one known; None without any."""
    years = _years(month)
    before = [y for y in years if y < terms_of_threshold(month).discontinuity.flags_from_year]
    return max(before) if before else min(years, default=None)


def year_with_flags(month: ThresholdResults) -> int | None:
    """Return the last cohort whose flags came before its outcome; None without any."""
    first = terms_of_threshold(month).discontinuity.flags_from_year
    return max((year for year in _years(month) if year >= first), default=None)


def shown_outcome(month: ThresholdResults, year: int) -> str:
    """Return ``untreated`` where it is known of a cohort with flags, else ``observed``."""
    sweep = month.threshold_sweep
    known = set(sweep.loc[sweep["cohort_year"] == year, "outcome"])
    has_flags = year >= terms_of_threshold(month).discontinuity.flags_from_year
    return "untreated" if has_flags and "untreated" in known else "observed"


def sweep_of(
    month: ThresholdResults, year: int, years: str = "own", outcome: str = "observed"
) -> pd.DataFrame:
    """Return one sweep, lowest threshold first, withheld where small, with recall and precision.

    Returns
    -------
    DataFrame
        The rows of ``threshold_sweep`` with ``recall_pct``, ``share_recall_pct`` and
        ``precision_pct`` (0-100), missing where a count they are made of is withheld.
    """
    sweep = month.threshold_sweep
    asked = (sweep["cohort_year"] == year) & (sweep["years"] == years)
    rows = sweep[asked & (sweep["outcome"] == outcome)].sort_values("threshold_yuan")
    is_rule = rows["threshold_yuan"] == spending_rule(month).threshold_yuan
    in_table = rows["threshold_yuan"].isin(table_thresholds(month))
    rank = 2 - in_table.astype(int) - is_rule.astype(int)
    least = terms_of(month).disclosure.threshold
    fallen = int(rows["fallen_household_count"].max()) if len(rows) else 0
    found_columns = [column for column in NESTED if "found" in column]
    rows = withhold_steps(rows, NESTED, least, rank, dict.fromkeys(found_columns, fallen))
    if 0 < fallen < least:  # who was found and who was missed are both of these few
        rows[found_columns] = pd.NA
        rows[[f"{column}_shown" for column in found_columns]] = WITHHELD_BESIDE
    return _add_rates(rows)


def _add_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the shares and the misses that the counts left give."""
    fallen = rows["fallen_household_count"].where(rows["fallen_household_count"] > 0)
    found, flagged = rows["found_household_count"], rows["eligible_flagged_household_count"]
    return rows.assign(
        recall_pct=(100 * found / fallen).astype("Float64"),
        share_recall_pct=(100 * rows["share_found_household_count"] / fallen).astype("Float64"),
        precision_pct=(100 * found / flagged.where(flagged > 0)).astype("Float64"),
        missed_household_count=(rows["fallen_household_count"] - found).astype("Int64"),
    )


def sweeps_by_years(month: ThresholdResults, year: int) -> dict[str, pd.DataFrame]:
    """Return the sweeps of one cohort by which years are looked at, safe beside each other.

    Who is above in both years is so in each, and who is in one of them is among those of either:
    where they differ by few, those few could be read off.

    Returns
    -------
    dict of str to DataFrame
        As :func:`sweep_of`, the own year first.
    """
    outcome, least = shown_outcome(month, year), terms_of(month).disclosure.threshold
    sweeps = {
        years: sweep_of(month, year, years, outcome).set_index("threshold_yuan", drop=False)
        for years in YEARS
    }
    own = sweeps["own"]
    for years, rows in sweeps.items():
        for column in NESTED_BY_YEARS:
            apart = (rows[column] - own[column]).abs()
            near = ((apart > 0) & (apart < least)).fillna(False).astype(bool)
            rows.loc[near, column] = pd.NA
            rows.loc[near, f"{column}_shown"] = WITHHELD_BESIDE
        sweeps[years] = _add_rates(rows)
    return sweeps


def table_thresholds(month: Results) -> set[int]:
    """Return the thresholds that stand in tables, the rule's own among them, in yuan."""
    return {*terms_of_threshold(month).sweep.table_yuan, spending_rule(month).threshold_yuan}


def _years(month: ThresholdResults) -> list[int]:
    sweep = month.threshold_sweep
    return [] if sweep.empty else sorted(int(year) for year in sweep["cohort_year"].unique())
