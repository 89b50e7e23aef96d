"""Conditions on the columns of a table, true, false or unknown.

Three-valued (Kleene) logic: a condition on a missing value is unknown, and stays so unless the
other parts of an ``all`` or ``any`` decide it. The outcome is kept as two arrays, `surely` (true
whatever the missing values are) and `possibly` (true for some of them).

A missing number may have a least value: a column named as the input with ``_at_least`` behind it.
Two doctors of whom one surely holds a licence are at least one, whatever the other one's form says.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray
from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from healthmon.parameters import Parameters

LEAST = "_at_least"
_NO_BOUND = np.iinfo(np.int64).min
_COMPARISONS = ("is_", "is_in", "equals", "at_least", "more_than", "at_most", "less_than")


class Outcome(NamedTuple):
    """Truth of a condition for each row."""

    surely: np.ndarray
    possibly: np.ndarray

    def as_flags(self) -> ExtensionArray:
        """Return true, false or missing for each row."""
        flags = pd.array(self.surely, dtype="boolean")
        flags[self.surely != self.possibly] = pd.NA
        return flags


class Condition(Parameters):
    """One comparison of one column, or several conditions joined by ``all`` or ``any``.

    In a file: ``has_ct`` alone means that the column is true; otherwise
    ``{input: drug_kind_count, more_than: 10}``, ``{all: [...]}`` or ``{any: [...]}``.
    """

    input: str | None = None
    is_: bool | None = Field(default=None, alias="is")
    is_in: tuple[str, ...] | None = None
    equals: int | None = None
    at_least: int | None = None
    more_than: int | None = None
    at_most: int | None = None
    less_than: int | None = None
    all: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    any: tuple["Condition", ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        return {"input": value, "is": True} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors know the shorthand, too: a bare column name."""
        schema = handler(core_schema)
        whole = handler.resolve_ref_schema(schema)
        comparison = dict(whole)
        whole.clear()
        whole["anyOf"] = [{"type": "string"}, comparison]
        return schema

    @model_validator(mode="after")
    def _one_meaning(self) -> "Condition":
        compared = [name for name in _COMPARISONS if getattr(self, name) is not None]
        joined = [name for name in ("all", "any") if getattr(self, name) is not None]
        if joined and (self.input or compared or len(joined) > 1):
            raise ValueError("a condition is one comparison, one 'all' or one 'any'")
        if not joined and (self.input is None or len(compared) != 1):
            raise ValueError("a condition names an input and exactly one comparison")
        return self

    def inputs(self) -> list[str]:
        """List the columns that it reads, in order, each once."""
        parts = self.all or self.any or ()
        names = [self.input] if self.input else [n for part in parts for n in part.inputs()]
        return list(dict.fromkeys(names))

    def evaluate(self, frame: pd.DataFrame) -> Outcome:
        """Decide the condition for each row of a frame that has its input columns."""
        if self.all is not None:
            outcomes = [part.evaluate(frame) for part in self.all]
            return Outcome(*(np.logical_and.reduce(side) for side in zip(*outcomes, strict=True)))
        if self.any is not None:
            outcomes = [part.evaluate(frame) for part in self.any]
            return Outcome(*(np.logical_or.reduce(side) for side in zip(*outcomes, strict=True)))
        column = frame[self.input]
        known = column.notna().to_numpy()
        if self.is_in is not None:
            holds = column.isin(self.is_in).to_numpy(dtype=bool)
            return Outcome(holds & known, holds | ~known)
        if self.is_ is not None:
            holds = column.fillna(not self.is_).astype(bool).to_numpy() == self.is_
            return Outcome(holds & known, holds | ~known)
        return self._compare(least_numbers(frame, self.input), known)

    def _compare(self, numbers: np.ndarray, known: np.ndarray) -> Outcome:
        """Compare numbers; where they are not known they stand for the least that they can be."""
        if self.at_least is not None or self.more_than is not None:
            reached = (
                numbers >= self.at_least if self.more_than is None else numbers > self.more_than
            )
            return Outcome(reached, reached | ~known)
        if self.equals is not None:
            same = numbers == self.equals
            return Outcome(same & known, np.where(known, same, numbers <= self.equals))
        below = numbers <= self.at_most if self.less_than is None else numbers < self.less_than
        return Outcome(below & known, below)


def least_numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return the numbers of a column; where one is missing, the least that it can be."""
    column = frame[name]
    numbers = np.full(len(column), _NO_BOUND, dtype=np.int64)
    for source in (frame.get(f"{name}{LEAST}"), column):
        if source is not None:
            there = source.notna().to_numpy()
            numbers[there] = source[there].to_numpy(dtype=np.int64)
    return numbers
