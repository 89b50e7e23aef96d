"""Where households stand by welfare, from 0 (poorest) to 1, with weights and ties.

References
----------
O'Donnell et al. (2008), chapter 8. Lerman, Yitzhaki (1989), Journal of Econometrics 42, 43-47.
"""

import numpy as np


class Ranking:
    """Fractional ranks by welfare.

    A household's rank is the share of the population below it and half of its own; those with
    the same welfare share the middle of their part, so that the order of rows does not matter
    and a weight of 2 is the same as two rows.

    Parameters
    ----------
    welfare : array
        Such as income per member; what it is of households of weight 0 does not matter.
    weights : array

    Attributes
    ----------
    fractional : array
        Ranks, 0 to 1; their weighted mean is one half.
    """

    def __init__(self, welfare: np.ndarray, weights: np.ndarray) -> None:
        self.weights = weights
        _, group = np.unique(welfare, return_inverse=True)
        self._group = group.ravel()
        held = np.bincount(self._group, weights)
        self.fractional = ((np.cumsum(held) - held / 2) / held.sum())[self._group]

    def sum_above(self, amounts: np.ndarray) -> np.ndarray:
        """Add up, for each household, the amounts of all richer ones and half of its equals."""
        held = np.bincount(self._group, amounts)
        return (held.sum() - np.cumsum(held) + held / 2)[self._group]
