"""``params/standing.yml`` and ``params/key_areas.yml``: how places are compared."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from healthmon.parameters import Cited, Parameters, load_parameters
from healthmon.rules.standards import Source

Level = Literal["province", "prefecture", "county", "township", "village"]


class Funnel(Parameters):
    """How the limits of funnel plots are drawn."""

    limits_pct: tuple[float, float]
    overdispersion: bool
    winsorised: float = Field(ge=0, lt=0.5)
    least_places: int = Field(gt=1)


class StandingTerms(Parameters):
    """Everything in ``params/standing.yml``."""

    source: Source
    levels: tuple[Level, ...] = Field(min_length=1)
    interval_pct: float = Field(gt=0, lt=100)
    trend_months: int = Field(gt=1)
    trend_interval_pct: float = Field(gt=0, lt=100)
    funnel: Funnel
    headline_indicators: tuple[str, ...] = Field(min_length=1)
    counted_by_place: tuple[str, ...]
    """Indicators of which counts by prefecture and county stand in the workbook."""
    least_span_points: float = Field(gt=0)
    summary_rows: int = Field(gt=0)
    small_denominator: int = Field(gt=0)
    status: Cited


class KeyAreaTerms(Parameters):
    """Everything in ``params/key_areas.yml``."""

    source: Source
    counties: tuple[str, ...]
    reading: Literal["most_poor_households"]
    status: Cited
    household_kinds: tuple[str, ...] = Field(min_length=1)
    share: float = Field(gt=0, le=1)


@cache
def load_standing_terms(params: Path) -> StandingTerms:
    """Read ``standing.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "standing.yml", StandingTerms)


@cache
def load_key_area_terms(params: Path) -> KeyAreaTerms:
    """Read ``key_areas.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "key_areas.yml", KeyAreaTerms)
