"""``params/deadlines.yml``: what is owed to a newly listed household, and by which day."""

from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import Field, model_validator

from healthmon.errors import UserError
from healthmon.parameters import Cited, Label, Parameters, load_parameters
from healthmon.rules.standards import Source


class Within(Parameters):
    """How long after its listing something is owed to a household: days or calendar months."""

    days: int | None = Field(default=None, gt=0)
    months: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one(self) -> "Within":
        if (self.days is None) == (self.months is None):
            raise ValueError("either days or months")
        return self

    def due(self, listed: pd.Series) -> pd.Series:
        """Return the last day in time for each day of listing.

        Parameters
        ----------
        listed : Series
            Days.

        Returns
        -------
        Series
            The same day of a later month, or that month's last day where it has none; or so many
            days later.
        """
        if self.days is not None:
            return listed + pd.Timedelta(days=self.days)
        return listed + pd.DateOffset(months=self.months)


class OtherWithin(Parameters):
    """Another way to read how long."""

    label: Label
    within: Within


class Deadline(Parameters):
    """One thing owed to every newly listed household."""

    label: Label
    column: str
    """Of the table ``monitored_households``: the day on which it was done."""
    quote: Cited
    within: Within
    reading: Cited
    readings: dict[str, OtherWithin] = Field(default_factory=dict)

    def within_by(self, reading: str | None) -> Within:
        """Return how long there is, as a reading has it; the default one for None.

        Raises
        ------
        UserError
            When there is no such reading.
        """
        if reading is None:
            return self.within
        if reading not in self.readings:
            known = ", ".join(self.readings) or "none"
            raise UserError(f"deadlines.yml has no reading {reading}; there are: {known}")
        return self.readings[reading].within


class Waiting(Parameters):
    """Which listings enter the curves, and from how many on they are drawn."""

    months: int = Field(gt=0)
    interval_pct: float = Field(gt=0, lt=100)
    least_listings: int = Field(gt=1)


class Quarters(Parameters):
    """The quarterly bulletin."""

    quote: Cited
    shown: int = Field(gt=0)


class Sync(Parameters):
    """How soon the health department's rows follow the register's."""

    quote: Cited
    days: int = Field(gt=0)
    reading: Cited


class DeadlineTerms(Parameters):
    """Everything in ``params/deadlines.yml``."""

    clause_ids: tuple[str, ...] = Field(min_length=1)
    source: Source
    effective_from: date
    effective_basis: Cited
    binds: Label
    kinds: tuple[str, ...] = Field(min_length=1)
    kinds_source: Cited
    listing_reading: Cited
    leaving_reading: Cited
    open_reading: Cited
    strange_reading: Cited
    deadlines: dict[str, Deadline] = Field(min_length=1)
    waiting: Waiting
    quarters: Quarters
    sync: Sync
    due_soon_days: int = Field(gt=0)


@cache
def load_deadline_terms(params: Path) -> DeadlineTerms:
    """Read ``deadlines.yml`` of a ``params`` folder.

    Raises
    ------
    ParameterError
        When the file is refused.
    """
    return load_parameters(params / "deadlines.yml", DeadlineTerms)
