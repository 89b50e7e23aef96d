"""The five kinds of rule that give points.

Each takes a frame of facilities and gives the lowest and the highest points that the known
inputs allow, in hundredths of a point (a rate read linearly gives parts of a point), and a code
of what was missed: one bit for each condition or deduction, bit 0 where there is only one.
All arithmetic is on whole numbers.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from healthmon.parameters import Cited, Label, Parameters
from healthmon.rules.conditions import Condition, least_numbers
from healthmon.rules.rates import Rate

POINT = 100
"""Hundredths in one point."""


class Points(NamedTuple):
    """Points of each row in hundredths, with the codes of what was surely and possibly missed."""

    lowest: np.ndarray
    highest: np.ndarray
    missed: np.ndarray
    unknown: np.ndarray


class _Component(Parameters):
    label: Label
    clause: Cited
    quote: Cited
    maximum: int = Field(gt=0)
    inferred: str | None = None
    reading: str | None = None
    by_decree: bool = True
    """Whether an authority can bring it about; where patients choose to go it cannot."""


def _otherwise_is_less(component: "AllOf | AtLeast") -> "AllOf | AtLeast":
    if component.otherwise >= component.maximum:
        raise ValueError(f"otherwise gives {component.otherwise} of {component.maximum} points")
    return component


class AllOf(_Component):
    """Give the maximum when every condition holds, otherwise `otherwise`."""

    rule: Literal["all_of"]
    conditions: tuple[Condition, ...] = Field(min_length=1)
    otherwise: int = Field(default=0, ge=0)

    _less = model_validator(mode="after")(_otherwise_is_less)

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return _merged(condition.inputs() for condition in self.conditions)

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        outcomes = [condition.evaluate(frame) for condition in self.conditions]
        missed = _bits(~outcome.possibly for outcome in outcomes)
        open_ = _bits(outcome.possibly & ~outcome.surely for outcome in outcomes)
        full, part = self.maximum * POINT, self.otherwise * POINT
        return Points(
            np.where((missed == 0) & (open_ == 0), full, part),
            np.where(missed == 0, full, part),
            missed,
            open_,
        )


class Deduction(Parameters):
    """Points taken off unless a condition holds."""

    unless: Condition
    points: int = Field(gt=0)
    label: Label


class Deductions(_Component):
    """Start from the maximum and take off points, at most `at_most` of them."""

    rule: Literal["deductions"]
    deductions: tuple[Deduction, ...] = Field(min_length=1)
    at_most: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _reachable(self) -> "Deductions":
        if self.cap > self.maximum:
            raise ValueError("more points are taken off than there are")
        return self

    @property
    def cap(self) -> int:
        """The most that is taken off."""
        return sum(d.points for d in self.deductions) if self.at_most is None else self.at_most

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return _merged(deduction.unless.inputs() for deduction in self.deductions)

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        most, least, missed, open_ = _taken_off(self.deductions, frame)
        lowest, highest = (
            (self.maximum - np.minimum(lost, self.cap)) * POINT for lost in (most, least)
        )
        return Points(lowest, highest, missed, open_)


class Ladder(_Component):
    """Give points by steps of a count where `applies_when` holds, the maximum elsewhere."""

    rule: Literal["ladder"]
    input: str
    steps: dict[int, Annotated[int, Field(ge=0)]]
    applies_when: Condition | None = None
    deductions: tuple[Deduction, ...] = ()

    @model_validator(mode="after")
    def _climbs(self) -> "Ladder":
        counts, points = list(self.steps), list(self.steps.values())
        if counts != sorted(counts) or points != sorted(points) or counts[:1] != [0]:
            raise ValueError("steps start at a count of 0 and rise in counts and points")
        if points[-1] != self.maximum:
            raise ValueError(f"the last step gives {points[-1]}, the maximum is {self.maximum}")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        applies = self.applies_when.inputs() if self.applies_when else []
        return _merged([[self.input], applies, *(d.unless.inputs() for d in self.deductions)])

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row; deductions come off what the ladder gives, down to 0."""
        lowest, highest = self._climb(frame)
        missed, open_ = highest < self.maximum, lowest < highest
        if self.deductions:
            most, least, off, off_open = _taken_off(self.deductions, frame)
            lowest, highest = np.maximum(lowest - most, 0), np.maximum(highest - least, 0)
            return Points(lowest * POINT, highest * POINT, missed + 2 * off, open_ + 2 * off_open)
        return Points(lowest * POINT, highest * POINT, missed.astype(int), open_.astype(int))

    def _climb(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        known = frame[self.input].notna().to_numpy()
        counts = np.maximum(least_numbers(frame, self.input), 0)
        points = np.array(list(self.steps.values()))
        lowest = points[np.searchsorted(list(self.steps), counts, side="right") - 1]
        highest = np.where(known, lowest, self.maximum)
        if self.applies_when is None:
            return lowest, highest
        applies = self.applies_when.evaluate(frame)
        return (
            np.where(applies.possibly, lowest, self.maximum),
            np.where(applies.surely, highest, self.maximum),
        )


class Piece(Parameters):
    """One stretch of a scale: points from (or only above) a percent on, more for each percent."""

    from_pct: int | None = Field(default=None, ge=0, le=100)
    above_pct: int | None = Field(default=None, ge=0, le=100)
    points: int = Field(ge=0)
    per_pct: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _one_start(self) -> "Piece":
        if (self.from_pct is None) == (self.above_pct is None):
            raise ValueError("a piece starts at from_pct or at above_pct")
        return self

    @property
    def start(self) -> int:
        """The percent that it starts at."""
        return self.from_pct if self.above_pct is None else self.above_pct


class Scale(_Component):
    """Give points by a rate: stretches that follow each other without gap or overlap.

    Each stretch ends where the next begins, so that a gap can only lie before the first; points
    never fall from one stretch to the next.
    """

    rule: Literal["scale"]
    rate: Rate
    count: Literal["full_percents", "linear"] = "full_percents"
    pieces: tuple[Piece, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _covers(self) -> "Scale":
        starts = [piece.start for piece in self.pieces]
        if self.pieces[0].from_pct != 0:
            raise ValueError("a gap: the pieces begin at from_pct 0")
        if any(later <= earlier for earlier, later in pairwise(starts)):
            raise ValueError("an overlap: each piece begins above the one before")
        for piece, following in pairwise(self.pieces):
            if piece.points + piece.per_pct * (following.start - piece.start) > following.points:
                raise ValueError(f"an overlap: points fall at {following.start} percent")
        if self.pieces[-1].points != self.maximum:
            raise ValueError(f"the last piece does not reach the maximum of {self.maximum}")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return self.rate.inputs()

    def percent_for(self, points: int) -> int:
        """Return the lowest full percent that gives at least so many points."""
        for piece, following in pairwise((*self.pieces, None)):
            end = 101 if following is None else following.start
            for percent in range(piece.start + (piece.above_pct is not None), end):
                if piece.points + piece.per_pct * (percent - piece.start) >= points:
                    return percent
        raise ValueError(f"no percent gives {points} points")

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row; unknown where nobody is counted."""
        rate = self.rate.read(frame)
        points = np.zeros(len(frame), dtype=np.int64)
        for piece in self.pieces:
            if self.count == "linear":
                more = rate.over(piece.start, unit=POINT) * piece.per_pct
            else:
                more = rate.over(piece.start) * piece.per_pct * POINT
            here = rate.reaches(piece.start, strictly=piece.above_pct is not None)
            points = np.where(here, piece.points * POINT + more, points)
        full = self.maximum * POINT
        points = np.minimum(points, full)
        least = min(piece.points for piece in self.pieces) * POINT
        lowest, highest = (np.where(rate.known, points, end) for end in (least, full))
        return Points(lowest, highest, (highest < full).astype(int), (~rate.known).astype(int))


class AtLeast(_Component):
    """Give the maximum when every rate reaches a percent, otherwise `otherwise`.

    A rate of nobody is reached: there is nothing to be done.
    """

    rule: Literal["at_least"]
    rates: tuple[Rate, ...] = Field(min_length=1)
    pct: int = Field(gt=0, le=100)
    strictly: bool = False
    otherwise: int = Field(default=0, ge=0)

    _less = model_validator(mode="after")(_otherwise_is_less)

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return _merged(rate.inputs() for rate in self.rates)

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        rates = [rate.read(frame) for rate in self.rates]
        missed = _bits(rate.known & ~rate.reaches(self.pct, self.strictly) for rate in rates)
        open_ = _bits(~rate.known & ~rate.nobody for rate in rates)
        full, part = self.maximum * POINT, self.otherwise * POINT
        return Points(
            np.where((missed == 0) & (open_ == 0), full, part),
            np.where(missed == 0, full, part),
            missed,
            open_,
        )


Component = Annotated[
    AllOf | Deductions | Ladder | Scale | AtLeast,
    Field(discriminator="rule"),
]


def _taken_off(
    deductions: tuple[Deduction, ...], frame: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the most and the least taken off, and the bits of what was missed or is unknown."""
    outcomes = [deduction.unless.evaluate(frame) for deduction in deductions]
    points = [deduction.points for deduction in deductions]
    most = sum(p * ~outcome.surely for p, outcome in zip(points, outcomes, strict=True))
    least = sum(p * ~outcome.possibly for p, outcome in zip(points, outcomes, strict=True))
    missed = _bits(~outcome.possibly for outcome in outcomes)
    return most, least, missed, _bits(o.possibly & ~o.surely for o in outcomes)


def _bits(sides: Iterable[np.ndarray]) -> np.ndarray:
    """Join truth values into one code a row, the first in bit 0."""
    return sum(side.astype(np.int64) << place for place, side in enumerate(sides))


def _merged(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))
