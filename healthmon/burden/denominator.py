"""What spending is held against: income or expenditure, before out-of-pocket payments.

Whoever states a denominator has to state whether the payments are still in it; without them
every share would be too high, so that such a denominator is refused.

References
----------
O'Donnell, van Doorslaer, Wagstaff, Lindelow (2008), *Analyzing Health Equity Using Household
Survey Data*, chapter 18. Xu (2005), *Distribution of health payments and catastrophic
expenditures: methodology*, WHO (capacity to pay).
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from healthmon.burden.design import Design
from healthmon.errors import UserError

Kind = Literal["income", "total_expenditure", "non_food_expenditure", "capacity_to_pay"]
Payments = Literal["included", "taken_off"]


@dataclass(frozen=True)
class Denominator:
    """Resources of households before out-of-pocket payments, one amount a household.

    Parameters
    ----------
    kind : {"income", "total_expenditure", "non_food_expenditure", "capacity_to_pay"}
    amounts : array
        Of the whole household and the same period as the payments, in one unit with them;
        whole fen are compared exactly. May be missing, zero or negative.
    payments : {"included", "taken_off"}
        Whether the amounts still hold what was then paid out of pocket; has to be said.

    Raises
    ------
    UserError
        When the payments have been taken off, or neither is said.
    """

    kind: Kind
    amounts: np.ndarray
    payments: Payments = field(kw_only=True)
    is_known: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        if self.payments == "taken_off":
            raise UserError(
                f"{self.kind}: out-of-pocket payments have been taken off this denominator, so "
                "that every share of it would be too high: add them back with "
                f"Denominator.add_back({self.kind!r}, amounts, oop)"
            )
        if self.payments != "included":
            raise UserError(f"{self.kind}: payments is 'included' or 'taken_off'")
        amounts, is_known = read_amounts(self.amounts)
        object.__setattr__(self, "amounts", amounts)
        object.__setattr__(self, "is_known", is_known)

    @classmethod
    def add_back(cls, kind: Kind, amounts: ArrayLike, oop: ArrayLike) -> "Denominator":
        """Make a denominator from what was left after the payments, and the payments."""
        left, is_known = read_amounts(amounts)
        paid, is_paid_known = read_amounts(oop)
        both = pd.array(left + paid)
        both[~(is_known & is_paid_known)] = pd.NA
        return cls(kind, both, payments="included")

    @property
    def is_usable(self) -> np.ndarray:
        """Whether a share of it can be formed: known and above zero."""
        return self.is_known & (self.amounts > 0)

    def require_included(self, oop: np.ndarray) -> None:
        """Refuse payments that an expenditure cannot include, being larger than all of it.

        Income can be smaller than what was paid, from savings or debt.

        Raises
        ------
        UserError
            Naming how many households.
        """
        if self.kind == "income":
            return
        larger = int((self.is_usable & (oop > self.amounts)).sum())
        if larger:
            raise UserError(
                f"{self.kind}: out-of-pocket payments are larger than the whole in {larger} "
                "households, so that it cannot include them: add them back, or check the units"
            )


def non_food_expenditure(total: Denominator, food: ArrayLike) -> Denominator:
    """Return total expenditure less what was spent on food (World Bank).

    Raises
    ------
    UserError
        When `total` is no total expenditure.
    """
    _require_total(total)
    eaten, is_known = read_amounts(food)
    rest = pd.array(total.amounts - eaten)
    rest[~(total.is_known & is_known)] = pd.NA
    return Denominator("non_food_expenditure", rest, payments="included")


def capacity_to_pay(
    total: Denominator,
    food: ArrayLike,
    size: ArrayLike,
    design: Design,
    *,
    exponent: float,
    percentiles: tuple[float, float],
) -> Denominator:
    """Return what is left of total expenditure after subsistence (WHO).

    Subsistence is the mean food expenditure per equivalent member of households in the middle of
    the distribution of the food share, ends included. Who spends less on food than subsistence
    keeps all that is not food.

    Parameters
    ----------
    total : Denominator
        Total expenditure.
    food : array
        Expenditure on food.
    size : array
        Members.
    design : Design
        Its weights weigh the percentiles and the mean.
    exponent : float
        Of the equivalence scale (``params/burden.yml``: 0.56).
    percentiles : tuple of float
        Ends of the middle, 0-100 (there: 45 and 55).

    Raises
    ------
    UserError
        When `total` is no total expenditure, or nobody is in the middle.

    References
    ----------
    Xu (2005).
    """
    _require_total(total)
    eaten, is_food_known = read_amounts(food)
    known = total.is_usable & is_food_known
    equivalent = np.asarray(size, float) ** exponent
    share = np.divide(eaten, total.amounts, out=np.full(len(eaten), np.nan), where=known)
    low, high = (_percentile(share[known], design.weights[known], p) for p in percentiles)
    middle = known & (share >= low) & (share <= high) & (design.weights > 0)
    if not middle.any():
        raise UserError("capacity to pay: no household between the percentiles of the food share")
    line = np.average((eaten / equivalent)[middle], weights=design.weights[middle])
    rest = total.amounts - np.minimum(line * equivalent, eaten)
    return Denominator("capacity_to_pay", np.where(known, rest, np.nan), payments="included")


def read_amounts(values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Read amounts as integers where they are whole, with whether each is known (else 0)."""
    column = pd.Series(values).reset_index(drop=True)
    is_known = column.notna().to_numpy()
    whole = pd.api.types.is_integer_dtype(column)
    return column.fillna(0).to_numpy("int64" if whole else "float64"), is_known


def _percentile(values: np.ndarray, weights: np.ndarray, percentile: float) -> float:
    """Return the smallest value that holds `percentile` % of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    held = np.cumsum(weights[order])
    if not len(held) or held[-1] <= 0:
        return np.nan
    place = np.searchsorted(held, percentile / 100 * held[-1] * (1 - 1e-12))
    return values[order][min(place, len(held) - 1)]


def _require_total(total: Denominator) -> None:
    if total.kind != "total_expenditure":
        raise UserError(f"food is taken off total expenditure, not off {total.kind}")
