"""Sets of ids as arrays in ascending order: millions of them at a tenth of what a set takes."""

import numpy as np


def are_in(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Say of each value whether it is among others.

    Parameters
    ----------
    values : ndarray
    ordered : ndarray
        In ascending order, may be empty.
    """
    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    return ordered[np.searchsorted(ordered, values).clip(max=len(ordered) - 1)] == values


def merge(ordered: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return both together in ascending order."""
    # a stable sort merges what is in order already
    return np.sort(np.concatenate([ordered, more]), kind="stable")
