"""What ``params/caps.yml`` and ``params/costs.yml`` say: caps of KF-3, bulletin, referral."""

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field, field_validator

from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.standards import Source


class Ranking(Parameters):
    """When a hospital's share is more than chance."""

    least_stays: int = Field(gt=0)
    interval_pct: float = Field(gt=0, lt=100)


class CapTerms(Parameters):
    """Everything in ``params/caps.yml``."""

    standard: str
    label: Label
    source: Source
    effective_from: date
    effective_basis: Cited
    day_reading: Cited
    statuses: tuple[str, ...] = Field(min_length=1)
    statuses_reading: Cited
    caps_bp: dict[str, int] = Field(min_length=1)
    """Level of the facility to the cap in hundredths of a percent of the total cost."""
    level_reading: Cited
    designated_reading: Cited
    ranking: Ranking

    @field_validator("caps_bp")
    @classmethod
    def _are_shares(cls, caps: dict[str, int]) -> dict[str, int]:
        if not all(0 <= cap <= 10_000 for cap in caps.values()):
            raise ValueError("caps lie between 0 and 10000 hundredths of a percent")
        return caps


class BulletinTerms(Parameters):
    """The two-monthly bulletin of QH-4."""

    source: Source
    effective_from: date
    pairs_shown: int = Field(gt=6)
    """More than six, so that the last pair stands beside the same one a year before."""
    population: tuple[str, ...] = Field(min_length=1)
    population_reading: Cited


class ReferralTerms(Parameters):
    """For how long a referral holds (GZ, KF-6)."""

    sources: tuple[Source, ...] = Field(min_length=1)
    window_days: int = Field(ge=0)
    window_reading: Cited


class FormTerms(Parameters):
    """When a stated rate differs from the one counted."""

    tolerance_bp: int = Field(ge=0)


class CostTerms(Parameters):
    """Everything in ``params/costs.yml``."""

    bulletin: BulletinTerms
    referral: ReferralTerms
    forms: FormTerms


@cache
def load_cap_terms(params: Path) -> CapTerms:
    """Read ``caps.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "caps.yml", CapTerms)


@cache
def load_cost_terms(params: Path) -> CostTerms:
    """Read ``costs.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "costs.yml", CostTerms)
