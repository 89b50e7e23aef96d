"""Departments against each other, and what came of what must come."""

from functools import cached_property

import pandas as pd

from healthmon.completeness.grid import fill_grid
from healthmon.completeness.outliers import find_outliers
from healthmon.completeness.tallies import tally_rows
from healthmon.consistency.compare import count_differences, list_differences
from healthmon.consistency.terms import load_consistency_terms
from healthmon.month.kept_results import KeptResults


class DepartmentResults(KeptResults):
    """Departments against each other, and what came of what must come."""

    @cached_property
    def difference_counts(self) -> pd.DataFrame:
        """Differences between departments by county (JL-3)."""
        return self.keep_frame("difference_counts", count_differences)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Every difference between departments, person by person: never to be shown."""
        return self.keep_frame("differences", list_differences)

    @cached_property
    def difference_trend(self) -> pd.DataFrame:
        """Differences by county in the last months, each as it stood when that month ended.

        As ``difference_counts``, with ``month``. Each month's counts are kept with that month:
        a new month computes one, not twelve.
        """
        count = load_consistency_terms(self.project.params).trend_months
        months = pd.period_range(end=self.month, periods=count, freq="M").astype(str)
        delivered = {path.stem for path in self.project.processed.glob("*/????-??.parquet")}
        counts = [
            type(self)(self.project, month).difference_counts.assign(month=month)
            for month in months
            if month in delivered
        ]
        return pd.concat(counts, ignore_index=True)

    @cached_property
    def completeness_grid(self) -> pd.DataFrame:
        """What came of what must come: county by month by table (JL-5)."""
        return self.keep_frame("completeness_grid", lambda *asked: fill_grid(*asked, self.tallies))

    @cached_property
    def outliers(self) -> pd.DataFrame:
        """Numbers far from a county's own past or its peers (JL-5)."""
        return self.keep_frame("outliers", lambda *asked: find_outliers(*asked, self.tallies))

    @cached_property
    def tallies(self) -> pd.DataFrame:
        """Rows and sums of every table by county and month delivered."""
        return self.keep_frame("tallies", tally_rows)
