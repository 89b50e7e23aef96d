"""How far a place is from a target or from the best: in points, and in whole cases, exactly."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from healthmon.standing.sums import Sums

Direction = Literal["more", "less"]


def as_share(target_pct: float) -> Fraction:
    """Return a target in percent as an exact share: 2.5 becomes 1/40."""
    return Fraction(str(target_pct)) / 100


def count_needed(
    counts: Iterable[int], totals: Iterable[int], share: Fraction | None, direction: Direction
) -> list[int | None]:
    """Return the smallest whole number of cases that brings each place to a share.

    Parameters
    ----------
    counts, totals : iterable of int
        Cases that count and all cases.
    share : Fraction or None
        What is to be reached; None where there is nothing to reach.
    direction : {"more", "less"}
        Whether a place is to have at least or at most the share.

    Returns
    -------
    list of int or None
        Cases still to be added (``more``) or taken away (``less``); 0 where it is reached, None
        where there is no share or no case.
    """
    pairs = zip(counts, totals, strict=True)
    return [_need(int(count), int(total), share, direction) for count, total in pairs]


def _need(count: int, total: int, share: Fraction | None, direction: Direction) -> int | None:
    if share is None or total <= 0:
        return None
    part, whole = share.numerator * total, share.denominator
    if direction == "more":
        return max(0, -(-part // whole) - count)
    return max(0, count - part // whole)


def measure_distance(
    sums: Sums, share: Fraction | None, direction: Direction
) -> tuple[np.ndarray, ExtensionArray, ExtensionArray]:
    """Measure how far places are from a share: what is sure, whatever the undetermined are.

    Parameters
    ----------
    sums : Sums
        One place an element.

    Returns
    -------
    tuple of arrays
        Distance in percentage points (0 where reached), cases surely needed, cases needed if the
        undetermined turn out for the worse; missing where there is no share or no case.
    """
    least, most = sums.numerator, sums.numerator + sums.undetermined
    kind, other = (most, least) if direction == "more" else (least, most)
    surely, at_worst = (
        pd.array(count_needed(counts, sums.denominator, share, direction), dtype="Int64")
        for counts in (kind, other)
    )
    if share is None:
        return np.full(len(least), np.nan), surely, at_worst
    rates = kind / np.where(sums.denominator > 0, sums.denominator, np.nan)
    away = 100 * (float(share) - rates if direction == "more" else rates - float(share))
    # the whole numbers decide whether it is reached, not a rounded quotient
    is_reached = np.asarray(surely.fillna(1) == 0, dtype=bool)
    return np.where(is_reached, 0.0, np.maximum(away, 0.0)), surely, at_worst


def find_best(sums: Sums, direction: Direction, least_denominator: int) -> int | None:
    """Return the position of the best place that is not small, or None.

    The best by what is surely done: a place of which much is undetermined is no example.

    Parameters
    ----------
    sums : Sums
        One place an element.
    least_denominator : int
        Places with fewer cases are small.
    """
    is_large = sums.denominator >= max(least_denominator, 1)
    if not is_large.any():
        return None
    rates = surely_reached(sums, direction) / np.maximum(sums.denominator, 1)
    ranked = np.where(is_large, rates if direction == "more" else -rates, -np.inf)
    return int(np.argmax(ranked))


def surely_reached(sums: Sums, direction: Direction) -> np.ndarray:
    """Return the cases that count if the undetermined turn out for the worse."""
    return sums.numerator + (0 if direction == "more" else sums.undetermined)
