"""The five kinds of rule that give points.

Each takes a frame of facilities and gives the lowest and the highest points that the known
inputs allow; where both are equal the component is determined. All arithmetic is on integers:
rates are hundredths of a percent (``_bp``) or counts, never floats.
"""

from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from healthmon.parameters import Label, Parameters
from healthmon.rules.conditions import Condition

_BP = 100
"""Hundredths of a percent in one percent."""


class Points(NamedTuple):
    """Lowest and highest possible points for each row."""

    lowest: np.ndarray
    highest: np.ndarray


class _Component(Parameters):
    label: Label
    clause: str
    quote: str
    maximum: int = Field(gt=0)
    inferred: str | None = None
    reading: str | None = None


class AllOf(_Component):
    """Give the maximum when every condition holds, otherwise `otherwise`."""

    rule: Literal["all_of"]
    conditions: tuple[Condition, ...] = Field(min_length=1)
    otherwise: int = 0

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return _merged(condition.inputs() for condition in self.conditions)

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        outcome = Condition(all=self.conditions).evaluate(frame)
        return Points(*(np.where(side, self.maximum, self.otherwise) for side in outcome))


class Deduction(Parameters):
    """Points taken off unless a condition holds."""

    unless: Condition
    points: int = Field(gt=0)
    label: Label


class Deductions(_Component):
    """Start from the maximum and take off points, at most `at_most` of them."""

    rule: Literal["deductions"]
    deductions: tuple[Deduction, ...] = Field(min_length=1)
    at_most: int | None = None

    @model_validator(mode="after")
    def _reachable(self) -> "Deductions":
        if self.at_most is not None and self.at_most > self.maximum:
            raise ValueError("at_most takes off more than the maximum")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return _merged(deduction.unless.inputs() for deduction in self.deductions)

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        cap = self.maximum if self.at_most is None else self.at_most
        outcomes = [(item.points, item.unless.evaluate(frame)) for item in self.deductions]
        most = sum(points * ~outcome.surely for points, outcome in outcomes)
        least = sum(points * ~outcome.possibly for points, outcome in outcomes)
        return Points(*(self.maximum - np.minimum(lost, cap) for lost in (most, least)))


class Ladder(_Component):
    """Give points by steps of a count where `applies_when` holds, the maximum elsewhere."""

    rule: Literal["ladder"]
    input: str
    steps: dict[int, int]
    applies_when: Condition | None = None

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
        return _merged([[self.input], self.applies_when.inputs() if self.applies_when else []])

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row."""
        column = frame[self.input]
        known = column.notna().to_numpy()
        counts = column.fillna(0).to_numpy(dtype=np.int64)
        points = np.array(list(self.steps.values()))
        reached = points[np.searchsorted(list(self.steps), counts, side="right") - 1]
        lowest = np.where(known, reached, points[0])
        highest = np.where(known, reached, self.maximum)
        if self.applies_when is None:
            return Points(lowest, highest)
        applies = self.applies_when.evaluate(frame)
        return Points(
            np.where(applies.possibly, lowest, self.maximum),
            np.where(applies.surely, highest, self.maximum),
        )


class Rate(Parameters):
    """A rate: a column in hundredths of a percent, or sums of counts over sums of counts."""

    input: str | None = None
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> "Rate":
        if bool(self.input) == bool(self.numerator and self.denominator):
            raise ValueError("a rate is one input, or numerator and denominator")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return [self.input] if self.input else [*self.numerator, *self.denominator]

    def read(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rate in whole hundredths of a percent, whether known, whether nobody counts.

        Cut to whole hundredths, so that comparing with a whole percent by "at least" and
        counting full percents give what the exact fraction would.
        """
        if self.input:
            column = frame[self.input]
            known = column.notna().to_numpy()
            return column.fillna(0).to_numpy(dtype=np.int64), known, np.zeros(len(frame), bool)
        known = frame[self.inputs()].notna().all(axis=1).to_numpy()
        top, bottom = (
            frame[list(columns)].fillna(0).sum(axis=1).to_numpy(dtype=np.int64)
            for columns in (self.numerator, self.denominator)
        )
        nobody = known & (bottom == 0)
        return top * 100 * _BP // np.maximum(bottom, 1), known & ~nobody, nobody


class Piece(Parameters):
    """One stretch of a scale: from this percent on, points, and more for each full percent."""

    from_pct: int = Field(ge=0, le=100)
    points: int = Field(ge=0)
    per_full_pct: int = 0


class Scale(_Component):
    """Give points by a rate: stretches that begin at whole percents, without gap or overlap."""

    rule: Literal["scale"]
    rate: Rate
    pieces: tuple[Piece, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _covers(self) -> "Scale":
        starts = [piece.from_pct for piece in self.pieces]
        if starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("pieces begin at 0 percent and rise, each beginning once")
        if self.pieces[-1].points != self.maximum:
            raise ValueError(f"the last piece does not reach the maximum of {self.maximum}")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return self.rate.inputs()

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row; unknown where nobody is counted."""
        rate, known, _ = self.rate.read(frame)
        points = np.zeros(len(frame), dtype=np.int64)
        for piece in self.pieces:
            full = np.maximum(rate - piece.from_pct * _BP, 0) // _BP
            here = rate >= piece.from_pct * _BP
            points = np.where(here, piece.points + piece.per_full_pct * full, points)
        points = np.minimum(points, self.maximum)
        least = min(piece.points for piece in self.pieces)
        return Points(np.where(known, points, least), np.where(known, points, self.maximum))


class AtLeast(_Component):
    """Give the maximum when a rate reaches a percent, otherwise `otherwise`."""

    rule: Literal["at_least"]
    rate: Rate
    pct: int = Field(gt=0, le=100)
    otherwise: int = 0
    nobody: Literal["full"] = "full"

    def inputs(self) -> list[str]:
        """List the columns that it reads."""
        return self.rate.inputs()

    def score(self, frame: pd.DataFrame) -> Points:
        """Give the points of each row; full points where nobody is counted."""
        rate, known, nobody = self.rate.read(frame)
        reached = nobody | (known & (rate >= self.pct * _BP))
        unknown = ~known & ~nobody
        return Points(
            np.where(reached, self.maximum, self.otherwise),
            np.where(reached | unknown, self.maximum, self.otherwise),
        )


Component = Annotated[
    AllOf | Deductions | Ladder | Scale | AtLeast,
    Field(discriminator="rule"),
]


def _merged(lists: object) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))
