"""``params/consistency.yml``: which department is held against which, and on what."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.rules.standards import Source

Frame = Literal["persons", "patients", "treated", "cases"]
Kind = Literal["missing", "status", "household", "village", "death", "chronic", "plan"]


class Comparison(Parameters):
    """One department against another, in one direction."""

    label: Label
    kind: Kind
    left: str
    """Table of the department that states something."""
    right: str
    """Table that it is held against."""
    frame: Frame
    among: tuple[str, ...] = Field(min_length=1)
    """Facts that all hold for the rows that count (denominator)."""
    differs: str
    """Fact that makes such a row a difference (numerator)."""
    source: str
    reading: str = ""
    effective_from: date | None = None
    effective_basis: str = ""

    def is_in_force(self, day: date) -> bool:
        """Say whether the comparison is made on a day."""
        return self.effective_from is None or self.effective_from <= day


class ConsistencyTerms(Parameters):
    """Everything in ``params/consistency.yml``."""

    sources: dict[str, Source]
    register_kinds: tuple[str, ...]
    register_kinds_reading: str
    assistance_statuses: dict[str, str]
    assistance_reading: str
    settled_within_months: int = Field(gt=0)
    settled_reading: str
    grace_months: int = Field(ge=0)
    grace_reading: str
    diagnoses: dict[str, tuple[str, ...]]
    diagnoses_status: str
    trend_months: int = Field(gt=0)
    comparisons: dict[str, Comparison]

    @model_validator(mode="after")
    def _cited(self) -> "ConsistencyTerms":
        if unknown := {item.source for item in self.comparisons.values()} - set(self.sources):
            raise ValueError(f"no such source: {', '.join(sorted(unknown))}")
        codes = [code for codes in self.diagnoses.values() for code in codes]
        if len(set(codes)) < len(codes):
            raise ValueError("a diagnosis belongs to one disease only")
        return self


@cache
def load_consistency_terms(params: Path) -> ConsistencyTerms:
    """Read ``consistency.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "consistency.yml", ConsistencyTerms)
