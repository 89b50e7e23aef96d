"""The register, what care costs households, and poverty."""

from functools import cached_property

import pandas as pd

from healthmon.burden import household_burden
from healthmon.burden.registered import (
    list_paying_households,
    measure_registered,
    measure_registered_poverty,
)
from healthmon.burden.terms import load_burden_terms
from healthmon.month.kept_results import KeptResults
from healthmon.registers import count_register
from healthmon.risk.settings import load_risk_settings


class HouseholdResults(KeptResults):
    """The register, what care costs households, and poverty."""

    @cached_property
    def register_counts(self) -> pd.DataFrame:
        """Households and persons on the register on the last day of the month, by county."""
        return self.keep_frame("register_counts", count_register)

    @cached_property
    def burden(self) -> pd.DataFrame:
        """Out-of-pocket spending of each household and year, with the rule of QH-5."""
        return self.keep_frame("burden", household_burden)

    @cached_property
    def paying_households(self) -> pd.DataFrame:
        """Spending beside income of each household, quickly joined and not kept."""
        return list_paying_households(*self._asked, self.burden)

    @cached_property
    def catastrophic(self) -> pd.DataFrame:
        """Catastrophic spending of registered households, by place, reading and threshold."""
        terms = load_burden_terms(self.project.params)
        return self.keep_frame(
            "catastrophic", lambda *_: measure_registered(self.paying_households, terms)
        )

    @cached_property
    def impoverishment(self) -> pd.DataFrame:
        """Poverty of registered persons before and after out-of-pocket payments, by place."""
        return self.keep_frame("impoverishment", lambda *_: self._measure_poverty())

    def _measure_poverty(self) -> pd.DataFrame:
        paying, params = self.paying_households, self.project.params
        if paying.empty:
            return pd.DataFrame()
        line = load_risk_settings(params).poverty_lines.line_fen(int(paying["year"].iloc[0]))
        return measure_registered_poverty(paying, load_burden_terms(params), line)
