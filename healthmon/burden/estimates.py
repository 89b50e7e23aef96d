"""Weighted statistics that carry how they change with every household's weight.

That change is the linearised value from which :class:`healthmon.burden.design.Design` makes a
standard error. Statistics are means, and what arithmetic makes of means: the rules of
differentiation go along with it.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from healthmon.burden.ranking import Ranking


@dataclass(frozen=True)
class Estimate:
    """A statistic and its linearised values: the derivative by each household's weight."""

    value: float
    linearised: np.ndarray

    def __add__(self, other: "Estimate | float") -> "Estimate":
        other = _constant(other)
        return Estimate(self.value + other.value, self.linearised + other.linearised)

    def __mul__(self, other: "Estimate | float") -> "Estimate":
        other = _constant(other)
        moved = other.value * self.linearised + self.value * other.linearised
        return Estimate(self.value * other.value, moved)

    def __sub__(self, other: "Estimate | float") -> "Estimate":
        return self + -1 * _constant(other)

    def __rsub__(self, other: float) -> "Estimate":
        return -1 * self + other

    def __truediv__(self, other: "Estimate") -> "Estimate":
        """Return the quotient; missing (NaN) where the divisor is 0."""
        if not other.value:
            return Estimate(float("nan"), np.full_like(self.linearised, np.nan))
        value = self.value / other.value
        return Estimate(value, (self.linearised - value * other.linearised) / other.value)

    __rmul__ = __mul__


Statistic = TypeVar("Statistic", float, Estimate)


def estimate_mean(values: np.ndarray, weights: np.ndarray) -> Estimate:
    """Return the weighted mean; missing (NaN) where nobody weighs anything."""
    whole = weights.sum()
    if not whole:
        return Estimate(float("nan"), np.full(len(weights), np.nan))
    value = float((weights * values).sum() / whole)
    return Estimate(value, (values - value) / whole)


def estimate_concentration(values: np.ndarray, ranking: Ranking) -> Estimate:
    r"""Return the concentration index; missing (NaN) where the mean is 0.

    .. math:: C = \frac{2}{\mu} \operatorname{cov}(h, r) = \frac{2}{\mu W} \sum w h r - 1

    with the fractional rank :math:`r`; below 0 where the values lie with the poor. Ranks move
    with the weights, too, and the linearised values hold that.

    Parameters
    ----------
    values : array
        0 or more, such as being above a threshold, or the overshoot.
    ranking : Ranking
        By welfare, poorest first.

    References
    ----------
    O'Donnell et al. (2008), chapter 8.
    """
    weights, whole = ranking.weights, ranking.weights.sum()
    mean = estimate_mean(values, weights)
    ranked = estimate_mean(values * ranking.fractional, weights)
    # a household's weight also lifts the rank of all who are richer
    lifted = (ranking.sum_above(weights * values) / whole - ranked.value) / whole
    ranked = Estimate(ranked.value, ranked.linearised + lifted)
    return 2 * ranked / mean - 1


def rank_weighted(measure: Statistic, concentration: Statistic) -> Statistic:
    """Return a measure times one less its concentration index: the poor weigh more.

    Above the measure where it lies with the poor.

    References
    ----------
    Wagstaff, van Doorslaer (2003), Health Economics 12, 921-934.
    """
    return measure * (1 - concentration)


def mean_positive(measure: Statistic, headcount: Statistic) -> Statistic:
    """Return the mean among those counted of what is 0 for all others.

    Mean positive overshoot from overshoot and headcount, mean positive gap from gap and
    headcount.
    """
    return measure / headcount


def _constant(value: "Estimate | float") -> Estimate:
    return value if isinstance(value, Estimate) else Estimate(value, np.zeros(1))
