"""Thresholds other than 1,560 yuan: how many households each flags, finds and misses.

Amounts are compared as whole fen and strictly: 超过 does not include the number. Flagged are
counted among all households; found and missed among those at or above the poverty line at the
start, since only they can fall below it.

References
----------
QH-5, channel 1; the outcome is inferred (``params/risk.yml``).
"""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import pandas as pd

from healthmon.burden import load_rule
from healthmon.money import fen
from healthmon.project import Project
from healthmon.risk.evaluation import flag_top
from healthmon.risk.threshold_settings import load_threshold_settings

YEARS = ("own", "either", "both")
"""Spending above the threshold in the cohort's year; in it or the year before; in both."""


def sweep_thresholds(project: Project, cohorts: pd.DataFrame) -> pd.DataFrame:
    """Count households flagged, found and missed at every threshold of ``params/threshold.yml``.

    Parameters
    ----------
    project : Project
        Whose parameters are read.
    cohorts : DataFrame
        From :func:`healthmon.risk.spending_cohorts.make_spending_cohorts`.

    Returns
    -------
    DataFrame
        As :func:`count_at_thresholds` of every cohort and outcome, with ``cohort_year`` and
        ``outcome`` (``observed``, or ``untreated``: without help, simulated data alone).

    Raises
    ------
    ParameterError
        When a parameter file is refused.
    """
    settings, rule = load_threshold_settings(project.params), load_rule(project.params)
    thresholds = settings.sweep.thresholds(rule.threshold_yuan)
    parts = [
        count_at_thresholds(cohort, outcome, thresholds).assign(cohort_year=year, outcome=name)
        for year, name, cohort, outcome in _each_outcome(cohorts)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def count_at_thresholds(
    cohort: pd.DataFrame, outcome: np.ndarray, thresholds: list[int]
) -> pd.DataFrame:
    """Count households at each threshold, by which years are looked at.

    Parameters
    ----------
    cohort : DataFrame
        Households of one cohort. Without a year before there are only rows for its own year; a
        household without one was not above any threshold in it.
    outcome : ndarray of bool
        Who fell below the line in the next year.
    thresholds : list of int
        Yuan per member and year.

    Returns
    -------
    DataFrame
        ``years`` (one of :data:`YEARS`), ``threshold_yuan``; households: ``flagged``,
        ``eligible_flagged`` (of those at or above the line at the start), ``eligible``,
        ``fallen``, ``found`` (fallen and flagged), ``missed``, each ending in
        ``_household_count``; for the own year ``share_found_household_count`` and
        ``share_cut_pct``: found when as many are flagged by the share of income spent, and the
        lowest share among them.
    """
    eligible = cohort["is_above_line"].to_numpy(dtype=bool)
    fallen = outcome & eligible
    by_share = _RankedByShare(cohort[eligible], fallen[eligible])
    rows = []
    for threshold in thresholds:
        for years, flags in _flag(cohort, threshold).items():
            count = int((flags & eligible).sum())
            found = int((flags & fallen).sum())
            rows.append(
                {
                    "years": years,
                    "threshold_yuan": threshold,
                    "flagged_household_count": int(flags.sum()),
                    "eligible_flagged_household_count": count,
                    "eligible_household_count": int(eligible.sum()),
                    "fallen_household_count": int(fallen.sum()),
                    "found_household_count": found,
                    "missed_household_count": int(fallen.sum()) - found,
                    **(by_share.take(count) if years == "own" else {}),
                }
            )
    return pd.DataFrame(rows).astype({"share_found_household_count": "Int64"})


def compare_income_shares(project: Project, cohorts: pd.DataFrame) -> pd.DataFrame:
    """Hold thresholds relative to income against spending alone at the same number of flags.

    Returns
    -------
    DataFrame
        As :func:`compare_at_shares` of every cohort and outcome, with ``cohort_year`` and
        ``outcome``.

    Raises
    ------
    ParameterError
        When ``params/threshold.yml`` is refused.
    """
    settings = load_threshold_settings(project.params)
    parts = [
        compare_at_shares(
            cohort, outcome, settings.income_shares_pct, settings.interval_pct
        ).assign(cohort_year=year, outcome=name)
        for year, name, cohort, outcome in _each_outcome(cohorts)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def compare_at_shares(
    cohort: pd.DataFrame, outcome: np.ndarray, shares_pct: tuple[int, ...], interval_pct: float
) -> pd.DataFrame:
    """Flag by shares of income, and as many by spending per member, highest first.

    Returns
    -------
    DataFrame
        ``share_pct``; households ``flagged`` (all), ``eligible_flagged``, ``fallen``, ``found``
        and ``spending_found``, each ending in ``_household_count``; ``spending_cut_yuan`` (the
        lowest spending per member that flags as many); ``lead``, ``lower`` and ``upper``: the
        recall of the share less that of spending (-1 to 1) with its interval.
    """
    eligible = cohort["is_above_line"].to_numpy(dtype=bool)
    start, fallen = cohort[eligible], outcome[eligible]
    spent = (start["oop_fen"] / start["member_count"].where(start["member_count"] > 0)).fillna(0)
    spent, ids = spent.to_numpy(dtype=float), start["household_id"].to_numpy()
    rows = []
    for share in shares_pct:
        everyone = is_above_share(cohort, share)
        by_share = everyone[eligible]
        by_spending = flag_top(spent, ids, int(by_share.sum()))
        only_share = int((by_share & ~by_spending & fallen).sum())
        only_spending = int((by_spending & ~by_share & fallen).sum())
        cut = spent[by_spending].min() / 100 if by_spending.any() else np.nan
        lead = paired_lead(only_share, only_spending, int(fallen.sum()), interval_pct)
        rows.append(
            {
                "share_pct": share,
                "flagged_household_count": int(everyone.sum()),
                "eligible_flagged_household_count": int(by_share.sum()),
                "fallen_household_count": int(fallen.sum()),
                "found_household_count": int((by_share & fallen).sum()),
                "spending_found_household_count": int((by_spending & fallen).sum()),
                "spending_cut_yuan": cut,
                **dict(zip(("lead", "lower", "upper"), lead, strict=True)),
            }
        )
    return pd.DataFrame(rows)


def is_above_threshold(oop_fen: pd.Series, members: pd.Series, threshold_yuan: int) -> np.ndarray:
    """Say whether spending per member is strictly above a threshold; False where not known."""
    above = oop_fen > fen(threshold_yuan) * members
    return above.astype("boolean").fillna(False).to_numpy(dtype=bool)


def is_above_share(cohort: pd.DataFrame, share_pct: int) -> np.ndarray:
    """Say whether spending per member is strictly above a share of income per member.

    A household without positive income is above every share as soon as it spends anything.
    """
    income = cohort["income_per_member_fen"].clip(lower=0) * cohort["member_count"]
    return (100 * cohort["oop_fen"] > share_pct * income).to_numpy(dtype=bool)


def paired_lead(
    only_first: int, only_second: int, total: int, interval_pct: float
) -> tuple[float, float, float]:
    """Compare two recalls over the same households.

    Parameters
    ----------
    only_first, only_second : int
        Fallen households that only one of the two found.
    total : int
        All fallen households.

    Returns
    -------
    tuple of float
        First recall less second, and its interval; missing where nobody fell.

    References
    ----------
    Difference of paired proportions, normal interval (Agresti 2013, Categorical Data Analysis,
    section 11.1).
    """
    if total == 0:
        return np.nan, np.nan, np.nan
    lead = (only_first - only_second) / total
    error = np.sqrt(only_first + only_second - (only_first - only_second) ** 2 / total) / total
    width = NormalDist().inv_cdf(0.5 + interval_pct / 200) * error
    return lead, lead - width, lead + width


class _RankedByShare:
    """Households in order of the share of income spent, the highest first.

    Of equals the lower household id comes first, as in
    :func:`healthmon.risk.evaluation.flag_top`.
    """

    def __init__(self, start: pd.DataFrame, fallen: np.ndarray) -> None:
        income = start["income_per_member_fen"].clip(lower=0) * start["member_count"]
        spent = start["oop_fen"].to_numpy(dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(spent > 0, spent / income.to_numpy(dtype=float), 0.0)
        order = np.lexsort((start["household_id"].to_numpy(), -share))
        self._share, self._found = share[order], np.cumsum(fallen[order])

    def take(self, count: int) -> dict[str, float | int]:
        """Return how many are found among the first `count`, and the share of the last."""
        found = int(self._found[count - 1]) if count else 0
        cut = 100 * self._share[count - 1] if count else np.nan
        return {"share_found_household_count": found, "share_cut_pct": float(cut)}


def _flag(cohort: pd.DataFrame, threshold: int) -> dict[str, np.ndarray]:
    own = is_above_threshold(cohort["oop_fen"], cohort["member_count"], threshold)
    if cohort["previous_oop_fen"].isna().all():
        return {"own": own}
    before = is_above_threshold(
        cohort["previous_oop_fen"], cohort["previous_member_count"], threshold
    )
    return dict(zip(YEARS, (own, own | before, own & before), strict=True))


def _each_outcome(
    cohorts: pd.DataFrame,
) -> Iterator[tuple[int, str, pd.DataFrame, np.ndarray]]:
    """Go through cohorts and outcomes; without truth only the observed one."""
    for year, cohort in cohorts.groupby("cohort_year"):
        yield int(year), "observed", cohort, cohort["is_fallen"].to_numpy(dtype=bool)
        untreated = cohort["is_fallen_untreated"]
        known = cohort[untreated.notna()]
        if len(known):
            yield int(year), "untreated", known, known["is_fallen_untreated"].to_numpy(dtype=bool)
