"""``params/completeness.yml``: what counts as missing, small, standing still or far out."""

from functools import cache
from pathlib import Path

from pydantic import Field

from healthmon.parameters import Parameters, load_parameters
from healthmon.rules.standards import Source


class Small(Parameters):
    """When a county's rows are suspiciously few."""

    history_months: int = Field(gt=0)
    least_months: int = Field(gt=0)
    score: float = Field(lt=0)
    floor_share: float = Field(gt=0)
    share: float = Field(gt=0, lt=1)
    least_median: float = Field(ge=0)


class Outliers(Parameters):
    """When a value is far from the county's own past or from its peers."""

    history_months: int = Field(gt=0)
    least_months: int = Field(gt=0)
    least_peers: int = Field(gt=0)
    least_rows: int = Field(gt=0)
    score: float = Field(gt=0)
    floor_share: float = Field(gt=0)
    shown: int = Field(gt=0)


class CompletenessTerms(Parameters):
    """Everything in ``params/completeness.yml``."""

    source: Source
    grid_months: int = Field(gt=0)
    blank_is_missing: tuple[str, ...]
    blank_reading: str
    moving_columns: dict[str, tuple[str, ...]]
    moving_reading: str
    moving_from_rows: int = Field(gt=0)
    small: Small
    outliers: Outliers
    interval_pct: float = Field(gt=0, lt=100)
    status: str


@cache
def load_completeness_terms(params: Path) -> CompletenessTerms:
    """Read ``completeness.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "completeness.yml", CompletenessTerms)
