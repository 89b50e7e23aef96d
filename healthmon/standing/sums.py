"""What an indicator counts, place by place."""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Sums(NamedTuple):
    """What an indicator counts in each place, as whole numbers.

    The undetermined are in the denominator and not in the numerator.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    undetermined: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Sums":
        """Take the three columns of results."""
        return cls(*(rows[name].to_numpy(np.int64) for name in cls._fields))

    @property
    def determined(self) -> np.ndarray:
        """Cases of which it is known whether they count."""
        return self.denominator - self.undetermined
