"""Rates as exact fractions of whole numbers."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import model_validator

from healthmon.parameters import Parameters

_WHOLE_BP = 10_000
"""A stated rate is in hundredths of a percent."""


class Fraction(NamedTuple):
    """A rate of each row: numerator over denominator (at least 1), where `known`."""

    top: np.ndarray
    bottom: np.ndarray
    known: np.ndarray
    nobody: np.ndarray
    """Counted, and nobody to count: the rate does not apply."""

    def over(self, pct: int, unit: int = 1) -> np.ndarray:
        """Return how many full 1/`unit` percents a rate lies above `pct` (negative below)."""
        return (self.top * 100 - pct * self.bottom) * unit // self.bottom

    def reaches(self, pct: int, strictly: bool = False) -> np.ndarray:
        """Say where a rate is at least `pct` percent, or above it."""
        compared = np.greater if strictly else np.greater_equal
        return compared(self.top * 100, self.bottom * pct)


class Rate(Parameters):
    """A rate: a stated one in hundredths of a percent, or counts summed over counts summed."""

    input: str | None = None
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    may_exceed: bool = False
    """Whether more may be counted than there are, as where others are counted too."""

    @model_validator(mode="after")
    def _one_source(self) -> "Rate":
        counted = bool(self.numerator) and bool(self.denominator)
        if bool(self.input) == counted or bool(self.numerator) != bool(self.denominator):
            raise ValueError("a rate is one stated input, or numerator and denominator")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return [self.input] if self.input else [*self.numerator, *self.denominator]

    def read(self, frame: pd.DataFrame) -> Fraction:
        """Return the rate of each row of a frame that has the input columns."""
        if self.input:
            top, known = _whole(frame, (self.input,))
            bottom = np.full(len(frame), _WHOLE_BP)
            return Fraction(top, bottom, known, np.zeros(len(frame), dtype=bool))
        top, top_known = _whole(frame, self.numerator)
        bottom, bottom_known = _whole(frame, self.denominator)
        wrong = self._exceeded(frame)
        nobody = bottom_known & (bottom == 0) & ~wrong
        known = top_known & bottom_known & (bottom > 0) & ~wrong
        return Fraction(top, np.maximum(bottom, 1), known, nobody)

    def _exceeded(self, frame: pd.DataFrame) -> np.ndarray:
        """Say where more are counted than there are: such counts say nothing."""
        if self.may_exceed:
            return np.zeros(len(frame), dtype=bool)
        pairs = [(self.numerator, self.denominator)]
        if len(self.numerator) == len(self.denominator):
            each = zip(self.numerator, self.denominator, strict=True)
            pairs = [((top,), (bottom,)) for top, bottom in each]
        wrong = np.zeros(len(frame), dtype=bool)
        for tops, bottoms in pairs:
            (top, top_known), (bottom, bottom_known) = _whole(frame, tops), _whole(frame, bottoms)
            wrong |= top_known & bottom_known & (top > bottom)
        return wrong


def _whole(frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Sum columns of whole numbers; say where all of them are known."""
    total = np.zeros(len(frame), dtype=np.int64)
    known = np.ones(len(frame), dtype=bool)
    for column in columns:
        here = frame[column].notna().to_numpy()
        total += frame[column].fillna(0).to_numpy(dtype=np.int64)
        known &= here
    return total, known
