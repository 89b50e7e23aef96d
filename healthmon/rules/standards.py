"""Standards as files: loaded whole, dated and cited."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from healthmon.errors import UserError
from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.rules.components import Component
from healthmon.rules.conditions import Condition


class Source(Parameters):
    """Where a rule is written."""

    document: str
    clause: str
    quote: str


class _Standard(Parameters):
    standard: str
    label: Label
    source: Source
    effective_from: date
    effective_basis: str
    unit: Literal["county", "township", "village"]


class ScoreStandard(_Standard):
    """Components that add up to a score, with a pass line."""

    facility_table: str
    eligible: tuple[Condition, ...] = ()
    eligible_reading: str | None = None
    maximum: int
    pass_points: int
    pass_quote: str
    components: dict[str, Component]
    unit_kinds: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> "ScoreStandard":
        reached = sum(component.maximum for component in self.components.values())
        if reached != self.maximum:
            raise ValueError(f"the components reach {reached}, the maximum is {self.maximum}")
        return self


class Flag(Parameters):
    """One risk that is flagged when a condition holds."""

    label: Label
    clause: str
    quote: str
    when: Condition
    inferred: str | None = None
    reading: str | None = None


class FlagStandard(_Standard):
    """Flags without a score."""

    flags: dict[str, Flag] = Field(min_length=1)


Kind = TypeVar("Kind", ScoreStandard, FlagStandard)


@cache
def load_standard(params: Path, name: str, kind: type[Kind]) -> Kind:
    """Read one standard.

    Parameters
    ----------
    params : Path
        The ``params`` folder.
    name : str
        Document and standard, as in ``QH/county_hospitals``.
    kind : type
        ScoreStandard or FlagStandard.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "standards" / f"{name}.yml", kind)


def require_in_force(standard: _Standard, month: str) -> None:
    """Raise UserError when a standard takes effect only after `month` (YYYY-MM)."""
    first = standard.effective_from.strftime("%Y-%m")
    if month < first:
        raise UserError(
            f"{standard.label.en} ({standard.source.document} {standard.source.clause}) applies "
            f"from {first}, not yet in {month}: choose {first} or a later month"
        )
