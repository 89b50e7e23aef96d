"""Impoverishment: poverty before out-of-pocket payments, after them, and what they add.

Negative and zero resources are poverty like any other and are counted, with gaps larger than the
line where payments exceed what a household has; only missing ones are left out.

References
----------
Wagstaff, van Doorslaer (2003), Health Economics 12, 921-934. O'Donnell et al. (2008), chapter 19.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from healthmon.burden.denominator import Denominator
from healthmon.burden.design import Design
from healthmon.burden.estimates import Estimate, estimate_mean, mean_positive
from healthmon.burden.shares import read_payments
from healthmon.errors import UserError

POVERTY_MEASURES = ("headcount_share", "gap", "normalised_gap_share", "positive_gap")


def is_poor(amounts: np.ndarray, size: np.ndarray, line: float) -> np.ndarray:
    """Say which households have strictly less per member than the line, in whole numbers."""
    return amounts < line * size


def measure_impoverishment(
    oop: ArrayLike, resources: Denominator, size: ArrayLike, line: float, design: Design
) -> pd.DataFrame:
    """Measure poverty before and after payments, over persons.

    Parameters
    ----------
    oop : array
        Out-of-pocket payments of the household.
    resources : Denominator
        Income or total expenditure of the household, before payments.
    size : array
        Members, 1 or more.
    line : float
        Poverty line per person, in the unit of the payments; poor is who has strictly less.
    design : Design
        Weights of households; each counts as many times as it has members.

    Returns
    -------
    DataFrame
        By ``measure``: ``headcount_share`` (of persons, 0-1), ``gap`` (mean shortfall per person
        over all, unit of the line), ``normalised_gap_share`` (by the line), ``positive_gap``
        (mean shortfall of the poor); columns ``before``, ``after``, ``difference`` and, but for a
        census, each with ``_se``.

    Raises
    ------
    UserError
        When the line is not above 0, a household has no members, or payments are missing or
        negative, or larger than an expenditure that must include them.
    """
    members, paid = np.asarray(size), read_payments(oop)
    if not line > 0 or (members < 1).any():
        raise UserError("poverty line and members of every household must be above 0")
    resources.require_included(paid)
    people = design.within(resources.is_known).by_person(members)
    before = _estimate(resources.amounts, members, line, people.weights)
    after = _estimate(resources.amounts - paid, members, line, people.weights)
    rows = {}
    for name in POVERTY_MEASURES:
        found = {
            "before": before[name],
            "after": after[name],
            "difference": after[name] - before[name],
        }
        rows[name] = {moment: one.value for moment, one in found.items()}
        if not people.is_census:
            rows[name] |= {
                f"{moment}_se": people.standard_error(one.linearised)
                for moment, one in found.items()
            }
    return pd.DataFrame(rows).T.rename_axis("measure")


def _estimate(
    amounts: np.ndarray, members: np.ndarray, line: float, weights: np.ndarray
) -> dict[str, Estimate]:
    poor = is_poor(amounts, members, line)
    short = np.where(poor, line - amounts / members, 0.0)
    headcount, gap = estimate_mean(poor.astype(float), weights), estimate_mean(short, weights)
    found = (headcount, gap, gap * (1 / line), mean_positive(gap, headcount))
    return dict(zip(POVERTY_MEASURES, found, strict=True))
