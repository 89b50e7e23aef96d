"""Catastrophic spending: payments strictly above a share of what a household has.

Households whose denominator is missing, zero or negative have no share and are left out of every
measure, so that the measures fit together; how many, and how many of them paid something (above
any share of nothing), is said beside.

References
----------
Wagstaff, van Doorslaer (2003), Health Economics 12, 921-934. O'Donnell et al. (2008), chapter 18.
"""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from healthmon.burden.denominator import Denominator
from healthmon.burden.design import Design
from healthmon.burden.estimates import (
    Estimate,
    estimate_concentration,
    estimate_mean,
    mean_positive,
    rank_weighted,
)
from healthmon.burden.ranking import Ranking
from healthmon.burden.shares import payment_shares, read_payments
from healthmon.errors import UserError

MEASURES = (
    "headcount_share", "overshoot_share", "positive_overshoot_share", "headcount_concentration",
    "weighted_headcount_share", "overshoot_concentration", "weighted_overshoot_share",
)  # fmt: skip
_LARGEST = 2**63 - 1


def is_catastrophic(
    oop: ArrayLike, denominator: Denominator, threshold_pct: float | str
) -> np.ndarray:
    """Say which households paid strictly more than a share of their denominator.

    Whole amounts are compared in whole numbers: exactly at the threshold is never above.

    Parameters
    ----------
    oop : array
        Out-of-pocket payments of the household.
    denominator : Denominator
    threshold_pct : float or str
        0 or more, as written: 10, 33.3.

    Returns
    -------
    array of bool
        False where there is no denominator above zero.

    Raises
    ------
    UserError
        When the threshold is negative, or amounts are too large to be compared exactly.
    """
    share = Fraction(str(threshold_pct)) / 100
    if share < 0:
        raise UserError(f"a threshold of {threshold_pct} %: it must be 0 or more")
    paid, amounts = read_payments(oop), denominator.amounts
    for numbers, factor in ((paid, share.denominator), (amounts, share.numerator)):
        if len(numbers) and np.abs(numbers).max() * float(factor) >= _LARGEST:
            raise UserError("amounts are too large to be compared exactly: check the unit")
    is_above = paid * share.denominator > amounts * share.numerator
    return denominator.is_usable & is_above


def overshoot(oop: ArrayLike, denominator: Denominator, threshold_pct: float) -> np.ndarray:
    """Return by how much each household's share is above the threshold, 0 where it is not.

    Returns
    -------
    array
        0 or more, as a share (0.05 is five percentage points); 0 without a denominator.
    """
    above = payment_shares(oop, denominator) - float(threshold_pct) / 100
    return np.where(is_catastrophic(oop, denominator, threshold_pct), above, 0.0)


def measure_catastrophic(
    oop: ArrayLike,
    denominator: Denominator,
    welfare: ArrayLike,
    thresholds_pct: Iterable[float],
    design: Design,
) -> pd.DataFrame:
    """Measure how many households spend catastrophically, by how much, and whether they are poor.

    Parameters
    ----------
    oop : array
        Out-of-pocket payments of the household.
    denominator : Denominator
    welfare : array
        Ranks households, poorest first, such as income per member.
    thresholds_pct : iterable of float
    design : Design
        Weights of households; with ``Design.by_person`` measures are shares of persons (SDG
        3.8.2).

    Returns
    -------
    DataFrame
        One row a threshold: ``threshold_pct``, ``household_count`` (measured),
        ``catastrophic_household_count``, ``left_out_household_count``,
        ``left_out_paying_household_count``, and the :data:`MEASURES`: headcount, mean overshoot
        of all and of those above (shares, 0-1), concentration indices (-1 to 1; missing where
        nobody is above) and the rank-weighted forms; but for a census also ``<measure>_se``.

    Raises
    ------
    UserError
        As :func:`is_catastrophic`, :func:`.payment_shares` and :class:`.Design`; when the welfare
        of a measured household is missing.
    """
    usable = denominator.is_usable
    standing = pd.Series(welfare).astype("Float64").to_numpy("float64", na_value=np.nan)
    if np.isnan(standing[usable]).any():
        raise UserError("welfare: missing for households that are measured")
    part = design.within(usable)
    ranking = Ranking(np.where(usable, standing, 0.0), part.weights)
    counts = {
        "household_count": int(usable.sum()),
        "left_out_household_count": int((~usable).sum()),
        "left_out_paying_household_count": int((read_payments(oop)[~usable] > 0).sum()),
    }
    rows = []
    for threshold in thresholds_pct:
        above = is_catastrophic(oop, denominator, threshold)
        found = _estimate(above.astype(float), overshoot(oop, denominator, threshold), ranking)
        row = {"threshold_pct": threshold, "catastrophic_household_count": int(above.sum())}
        row |= counts | {name: one.value for name, one in found.items()}
        if not part.is_census:
            errors = {name: part.standard_error(one.linearised) for name, one in found.items()}
            row |= {f"{name}_se": error for name, error in errors.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def _estimate(above: np.ndarray, excess: np.ndarray, ranking: Ranking) -> dict[str, Estimate]:
    headcount = estimate_mean(above, ranking.weights)
    mean_excess = estimate_mean(excess, ranking.weights)
    among = estimate_concentration(above, ranking)
    beyond = estimate_concentration(excess, ranking)
    found = (
        headcount, mean_excess, mean_positive(mean_excess, headcount),
        among, rank_weighted(headcount, among), beyond, rank_weighted(mean_excess, beyond),
    )  # fmt: skip
    return dict(zip(MEASURES, found, strict=True))
