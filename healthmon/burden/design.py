"""How households were drawn, and the standard errors that follow from it.

Variances are those of totals of linearised values between primary sampling units within strata,
drawn with replacement at the first stage: no finite population correction, so that they are
rather too large than too small.

References
----------
Woodruff (1971), JASA 66, 411-414. Deville (1999), Survey Methodology 25, 193-203.
"""

from dataclasses import dataclass, replace

import numpy as np

from healthmon.errors import UserError


@dataclass(frozen=True)
class Design:
    """The sample design of households, one value a household.

    Parameters
    ----------
    weights : array
        Households in the population for which one stands; 0 or more.
    strata : array, optional
        Stratum; without it all are in one.
    clusters : array, optional
        Primary sampling unit, numbered anew or not within each stratum; without it each
        household is one.
    is_census : bool
        Everyone is in it: there is no sampling error, and none is stated.

    Raises
    ------
    UserError
        When a weight is negative, missing or not finite, or all are 0.
    """

    weights: np.ndarray
    strata: np.ndarray | None = None
    clusters: np.ndarray | None = None
    is_census: bool = False

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, float)
        if not np.isfinite(weights).all() or (weights < 0).any():
            raise UserError("survey weights: each must be a number of 0 or more")
        for name in ("strata", "clusters"):
            given = getattr(self, name)
            if given is not None and len(given) != len(weights):
                raise UserError(f"survey {name}: {len(given)} values for {len(weights)} weights")
        object.__setattr__(self, "weights", weights)

    @classmethod
    def census(cls, count: int) -> "Design":
        """Return the design in which each of `count` households stands for itself."""
        return cls(np.ones(count), is_census=True)

    def within(self, is_in: np.ndarray) -> "Design":
        """Return the design for a part of the households.

        The others keep their place in strata and clusters with weight 0: how many of a sampling
        unit belong to the part is itself left to chance.
        """
        return replace(self, weights=np.where(is_in, self.weights, 0.0))

    def by_person(self, size: np.ndarray) -> "Design":
        """Return the design with each household weighing as many times as it has members."""
        return replace(self, weights=self.weights * np.asarray(size, float))

    def standard_error(self, linearised: np.ndarray) -> float:
        """Return the standard error of a statistic.

        Parameters
        ----------
        linearised : array
            Change of the statistic with each household's weight, as in
            :class:`healthmon.burden.estimates.Estimate`.

        Returns
        -------
        float
            Missing (NaN) for a census.

        Raises
        ------
        UserError
            When a stratum holds a single sampling unit: join it to a similar stratum.
        """
        if self.is_census:
            return float("nan")
        count = len(self.weights)
        strata = np.zeros(count, int) if self.strata is None else _numbered(self.strata)
        units = np.arange(count) if self.clusters is None else _numbered(self.clusters)
        pairs, unit = np.unique(np.stack([strata, units]), axis=1, return_inverse=True)
        totals = np.bincount(unit.ravel(), self.weights * linearised)
        stratum = pairs[0]
        sizes = np.bincount(stratum)
        if (sizes == 1).any():
            raise UserError(
                f"{int((sizes == 1).sum())} strata hold a single sampling unit, which says "
                "nothing of its variance: join each to a similar stratum"
            )
        means = np.bincount(stratum, totals) / sizes
        squares = np.bincount(stratum, (totals - means[stratum]) ** 2)
        return float(np.sqrt((sizes / (sizes - 1) * squares).sum()))


def _numbered(labels: np.ndarray) -> np.ndarray:
    return np.unique(np.asarray(labels), return_inverse=True)[1].ravel()
