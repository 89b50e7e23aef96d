"""Out-of-pocket payments per head and as a share of what a household has."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from healthmon.burden.denominator import Denominator, read_amounts
from healthmon.burden.design import Design
from healthmon.burden.estimates import Estimate, estimate_mean
from healthmon.errors import UserError


def payment_shares(oop: ArrayLike, denominator: Denominator) -> np.ndarray:
    """Divide each household's payments by its denominator.

    Parameters
    ----------
    oop : array
        Out-of-pocket payments of the household, in the unit of the denominator.
    denominator : Denominator

    Returns
    -------
    array
        0 or more, above 1 only for income; missing (NaN) where the denominator is missing, zero
        or negative.

    Raises
    ------
    UserError
        When payments are missing or negative, or larger than an expenditure that must include
        them.
    """
    paid = read_payments(oop)
    denominator.require_included(paid)
    unknown = np.full(len(paid), np.nan)
    return np.divide(paid, denominator.amounts, out=unknown, where=denominator.is_usable)


def measure_payments(
    oop: ArrayLike, denominator: Denominator, size: ArrayLike, design: Design
) -> pd.DataFrame:
    """Measure payments per head and their share of the denominator.

    Households without a denominator above zero are left out of the shares, not of the spending
    per head.

    Parameters
    ----------
    oop : array
        Out-of-pocket payments of the household.
    denominator : Denominator
    size : array
        Members.
    design : Design
        Weights of households.

    Returns
    -------
    DataFrame
        By ``measure``: ``per_head`` (unit of the payments), ``mean_share`` (of households'
        shares), ``aggregate_share`` (all payments by all denominators); ``value`` and, but for a
        census, ``standard_error``.

    Raises
    ------
    UserError
        As :func:`payment_shares`.
    """
    paid, part = read_payments(oop), design.within(denominator.is_usable)
    shares = np.nan_to_num(payment_shares(oop, denominator))
    members = estimate_mean(np.asarray(size, float), design.weights)
    held = estimate_mean(denominator.amounts, part.weights)
    found = {
        "per_head": estimate_mean(paid, design.weights) / members,
        "mean_share": estimate_mean(shares, part.weights),
        "aggregate_share": estimate_mean(paid, part.weights) / held,
    }
    return pd.DataFrame({name: state(one, design) for name, one in found.items()}).T.rename_axis(
        "measure"
    )


def state(estimate: Estimate, design: Design) -> dict[str, float]:
    """Return ``value`` and, but for a census, ``standard_error``."""
    if design.is_census:
        return {"value": estimate.value}
    error = design.standard_error(estimate.linearised)
    return {"value": estimate.value, "standard_error": error}


def read_payments(oop: ArrayLike) -> np.ndarray:
    """Read out-of-pocket payments: each must be known and 0 or more.

    Raises
    ------
    UserError
        When one is not.
    """
    paid, is_known = read_amounts(oop)
    if not is_known.all() or (paid < 0).any():
        raise UserError("out-of-pocket payments: each must be known and 0 or more")
    return paid
