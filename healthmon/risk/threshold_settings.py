"""What ``params/threshold.yml`` says: thresholds tried, visits, regression discontinuity."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.standards import Source


class Sweep(Parameters):
    """Thresholds tried, in whole yuan per member and year."""

    from_yuan: int = Field(gt=0)
    to_yuan: int
    step_yuan: int = Field(gt=0)
    table_yuan: tuple[int, ...]

    @model_validator(mode="after")
    def _shown_are_tried(self) -> "Sweep":
        tried = self.thresholds(self.from_yuan)
        if len(tried) < 2:
            raise ValueError("to_yuan lies above from_yuan")
        if unknown := sorted(set(self.table_yuan) - set(tried)):
            raise ValueError(f"table_yuan: {unknown} are not among the thresholds tried")
        return self

    def thresholds(self, rule_yuan: int) -> list[int]:
        """List the thresholds in order, the rule's own among them."""
        tried = range(self.from_yuan, self.to_yuan + 1, self.step_yuan)
        return sorted({*tried, rule_yuan})


class Visit(Parameters):
    """Visits that a flagged household asks for, and where the number comes from."""

    label: Label
    per_household: int = Field(ge=0)
    source: Source
    inferred: Cited


class Visits(Parameters):
    """What flagging a household costs in visits."""

    required_by: Source
    verification: Visit
    follow_up: Visit

    @property
    def per_household(self) -> int:
        """Visits of one flagged household in its first year."""
        return self.verification.per_household + self.follow_up.per_household


class DiscontinuitySettings(Parameters):
    """How households just above the threshold are held against those just below."""

    flags_from_year: int
    flags_from_basis: Cited
    window_yuan: int = Field(gt=0)
    variance: Literal["nn", "hc0", "hc1", "hc2", "hc3"]
    donut_yuan: tuple[int, ...]
    placebo_yuan: tuple[int, ...]
    bandwidth_factors: tuple[float, ...]
    least_households: int = Field(ge=20)
    chart_step_yuan: int = Field(gt=0)
    chart_within_yuan: int = Field(gt=0)
    level_pct: float = Field(gt=0, lt=50)
    power_pct: float = Field(gt=0, lt=100)


class Coincidence(Parameters):
    """The arithmetic that is told about the threshold."""

    claimed_share_pct: int
    claimed_base_yuan: int
    shares_pct: tuple[int, ...]
    base_step_yuan: int = Field(gt=0)
    neighbours_yuan: tuple[int, int]


class ThresholdSettings(Parameters):
    """Everything in ``params/threshold.yml``."""

    sweep: Sweep
    income_shares_pct: tuple[int, ...] = Field(min_length=1)
    income_shares_reading: Cited
    interval_pct: float = Field(gt=0, lt=100)
    visits: Visits
    discontinuity: DiscontinuitySettings
    coincidence: Coincidence


def load_threshold_settings(params: Path) -> ThresholdSettings:
    """Read ``params/threshold.yml``.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "threshold.yml", ThresholdSettings)
