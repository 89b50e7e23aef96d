"""Scores and flags of facilities (QH-1), and readings of the standards."""

from collections.abc import Callable
from functools import cached_property

import pandas as pd

from healthmon.facilities.scores import Kind, score_facilities_of, score_hospitals
from healthmon.facilities.sensitivity import compare_readings
from healthmon.facilities.villages import flag_villages
from healthmon.facilities.visits import count_visits
from healthmon.month.kept_results import KeptResults


class FacilityResults(KeptResults):
    """Scores and flags of facilities (QH-1), and readings of the standards."""

    @cached_property
    def county_scores(self) -> pd.DataFrame:
        """County hospitals by QH-1 (1), one row a county."""
        return self._score("county_scores", score_hospitals, "county")

    @cached_property
    def township_scores(self) -> pd.DataFrame:
        """Township hospitals by QH-1 (2), one row a township."""
        return self._score("township_scores", score_hospitals, "township")

    @cached_property
    def county_facilities(self) -> pd.DataFrame:
        """Every county hospital that a county may be judged by, scored."""
        return self._score("county_facilities", score_facilities_of, "county")

    @cached_property
    def township_facilities(self) -> pd.DataFrame:
        """Every township hospital, scored."""
        return self._score("township_facilities", score_facilities_of, "township")

    @cached_property
    def visits(self) -> pd.DataFrame:
        """Visits of registered poor persons in the last full year, by township (C4, T5)."""
        return self.keep_frame("visits", count_visits)

    def _score(self, name: str, score: Callable[..., pd.DataFrame], kind: Kind) -> pd.DataFrame:
        # the visits are asked for only where the scores are not kept yet
        return self.keep_frame(name, lambda *asked: score(*asked, kind, self.visits))

    @cached_property
    def village_flags(self) -> pd.DataFrame:
        """Blank-spot risk by QH-1 (3), one row a village."""
        return self.keep_frame("village_flags", flag_villages)

    @cached_property
    def reading_states(self) -> pd.DataFrame:
        """State of every unit in every reading of QH-1, one at a time and the extremes."""
        return self.keep_frame("reading_states", compare_readings)
