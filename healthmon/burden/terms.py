"""What ``params/burden.yml`` says: thresholds, and how income on record is read."""

from pathlib import Path

from pydantic import Field, model_validator

from healthmon.burden.denominator import Payments
from healthmon.parameters import Cited, Label, Parameters, load_parameters


class IncomeReading(Parameters):
    """Whether income on record still holds what was paid out of pocket."""

    label: Label
    payments: Payments


class CapacityTerms(Parameters):
    """Numbers of the WHO's capacity to pay."""

    equivalence_exponent: float = Field(gt=0, le=1)
    food_share_percentiles: tuple[float, float]
    threshold_pct: float = Field(gt=0)


class BurdenTerms(Parameters):
    """Everything in ``params/burden.yml``."""

    references: tuple[Cited, ...]
    thresholds_pct: tuple[float, ...] = Field(min_length=1)
    place_threshold_pct: float
    income_on_record: str
    income_reading: Cited
    income_readings: dict[str, IncomeReading] = Field(min_length=1)
    capacity_to_pay: CapacityTerms

    @model_validator(mode="after")
    def _known(self) -> "BurdenTerms":
        if self.income_on_record not in self.income_readings:
            raise ValueError(f"income_on_record: no reading {self.income_on_record}")
        if self.place_threshold_pct not in self.thresholds_pct:
            raise ValueError("place_threshold_pct is one of thresholds_pct")
        return self


def load_burden_terms(params: Path) -> BurdenTerms:
    """Read ``burden.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "burden.yml", BurdenTerms)
