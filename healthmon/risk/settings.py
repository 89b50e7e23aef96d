"""What ``params/risk.yml`` says: outcome, poverty lines, model, test, features."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from healthmon.errors import UserError
from healthmon.money import fen
from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.standards import Source

Shown = Literal["yuan", "share", "count", "years", "yes", "word", "number"]
Direction = Literal["increasing", "decreasing"]
Group = Literal["illness", "cost", "structure", "age", "economy"]
GROUPS: dict[str, Label] = {
    "illness": Label(zh="患病情况", en="illness"),
    "cost": Label(zh="治疗和费用负担", en="treatment and cost burden"),
    "structure": Label(zh="家庭成员结构", en="household structure"),
    "age": Label(zh="年龄", en="age"),
    "economy": Label(zh="收入和户类型", en="income and kind of household"),
}


class Outcome(Parameters):
    """What the model predicts."""

    label: Label
    inferred: str
    at_start: str


class Line(Parameters):
    """An amount per person and year that holds from a year on."""

    from_year: int
    yuan: int


class Lines(Parameters):
    """Lines by year, with where they come from."""

    status: str
    source: str
    lines: tuple[Line, ...] = Field(min_length=1)

    @field_validator("lines")
    @classmethod
    def _in_order(cls, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        years = [line.from_year for line in lines]
        if years != sorted(set(years)):
            raise ValueError("years stand in order, each once")
        return lines

    def line_fen(self, year: int) -> int:
        """Return the line of a year in fen per person.

        Raises
        ------
        UserError
            When the first line starts later.
        """
        holding = [line for line in self.lines if line.from_year <= year]
        if not holding:
            raise UserError(f"params/risk.yml states no line for {year}: add one")
        return fen(holding[-1].yuan)


class Ages(Parameters):
    """Ages in completed years at which a member counts otherwise."""

    adult_from: int
    retired_from: int
    elderly_from: int


class ChallengerSettings(Parameters):
    """Settings of gradient boosting."""

    trees: int = Field(ge=1)
    learning_rate: float = Field(gt=0, le=1)
    leaves: int = Field(ge=2)
    least_leaf: int = Field(ge=1)
    penalty: float = Field(ge=0)


class ModelSettings(Parameters):
    """Settings of the model in use and its challenger."""

    penalty: float = Field(gt=0)
    spline_knots: int = Field(ge=3)
    folds: int = Field(ge=2)
    challenger: ChallengerSettings


class EvaluationSettings(Parameters):
    """Settings of the test beside the rule."""

    replicates: int = Field(ge=20)
    seed: int
    interval_pct: float = Field(gt=0, lt=100)
    calibration_bins: int = Field(ge=2)

    @property
    def tails(self) -> tuple[float, float]:
        """The two percentiles that the interval lies between."""
        tail = (100 - self.interval_pct) / 2
        return tail, 100 - tail


class Comparison(Parameters):
    """By what the flags of rule and model are compared beyond their measures."""

    decision_thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(min_length=1)
    head_age_bands: tuple[int, ...] = Field(min_length=1)
    profile: tuple[str, ...] = Field(min_length=1)

    @field_validator("head_age_bands")
    @classmethod
    def _ascending(cls, bounds: tuple[int, ...]) -> tuple[int, ...]:
        if list(bounds) != sorted(set(bounds)):
            raise ValueError("ages stand in ascending order, each once")
        return bounds


class Reasons(Parameters):
    """Which reasons a flagged household is given."""

    most: int = Field(ge=1)
    least_odds: float = Field(gt=1)


class Display(Parameters):
    """How spending per member is grouped on the pages, in yuan."""

    spending_bands: tuple[int, ...] = Field(min_length=1)
    near_threshold: int = Field(gt=0)
    near_step: int = Field(gt=0)
    counted_near: int = Field(gt=0)


class Feature(Parameters):
    """One input of the model, as computed by :mod:`healthmon.risk.features`."""

    label: Label
    group: Group
    form: Literal["linear", "log", "spline", "log_spline", "category"]
    monotone: Direction | None = None
    per: int = Field(default=1, ge=1)
    unit: Label | None = None
    odds_ratio: bool = False
    shown_as: Shown = "number"
    tables: tuple[Cited, ...] = ()

    @model_validator(mode="after")
    def _only_numbers_have_a_direction(self) -> Self:
        if self.monotone and self.form == "category":
            raise ValueError("a category has no direction: leave out `monotone`")
        return self


class FeatureSettings(Parameters):
    """What a model is made of, whatever it predicts."""

    model: ModelSettings
    features: dict[str, Feature] = Field(min_length=1)


class RiskSettings(FeatureSettings):
    """Everything in ``params/risk.yml``."""

    source: Source
    outcome: Outcome
    poverty_lines: Lines
    monitoring_lines: Lines
    ages: Ages
    evaluation: EvaluationSettings
    comparison: Comparison
    reasons: Reasons
    display: Display


def load_risk_settings(params: Path) -> RiskSettings:
    """Read ``params/risk.yml``.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "risk.yml", RiskSettings)
