"""Services, costs and deadlines: indicators of the documents by place and month."""

from functools import cached_property

import pandas as pd

from healthmon.deadlines.run import Deadlines, run_deadlines
from healthmon.indicators.engine import LOCAL, measure_indicators
from healthmon.indicators.restated import compare_reports
from healthmon.kept import keep_frames
from healthmon.month.kept_results import KeptResults
from healthmon.project import Project
from healthmon.standing.terms import load_standing_terms


class ServiceResults(KeptResults):
    """Services, costs and deadlines: indicators of the documents by place and month."""

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Indicators of twelve months: province, prefectures and counties."""

        def cut(*_: object) -> pd.DataFrame:
            measured = self.all_indicators
            return measured[~measured["level"].isin(LOCAL)].reset_index(drop=True)

        return self.keep_frame("indicators", cut)

    @cached_property
    def all_indicators(self) -> pd.DataFrame:
        """Indicators of twelve months at every level: most of its rows are villages."""
        return self.keep_frame("all_indicators", measure_indicators)

    @cached_property
    def restated_indicators(self) -> pd.DataFrame:
        """What changed in earlier months since the report of the month before; empty without it."""
        previous = str(pd.Period(self.month, freq="M") - 1)
        if not list(self.project.processed.glob(f"*/{previous}.parquet")):
            return compare_reports(self.indicators, self.indicators)
        before = type(self)(self.project, previous)
        return self.keep_frame(
            "restated_indicators", lambda *_: compare_reports(self.indicators, before.indicators)
        )

    @cached_property
    def deadlines(self) -> Deadlines:
        """Newly listed households: verified and helped in time or not, and how soon (KF-2)."""
        folder = self._folder("deadlines")
        return Deadlines(**keep_frames(folder, lambda: run_deadlines(*self._asked)._asdict()))

    @cached_property
    def team_scores(self) -> pd.DataFrame:
        """A scoreboard of the contract teams (GZ-4, GZ-10)."""

        def score(project: Project, month: str) -> pd.DataFrame:
            from healthmon.standing.team_scores import score_teams

            return score_teams(project, month, load_standing_terms(project.params).interval_pct)

        return self.keep_frame("team_scores", score)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Backlog, weak points, gaps and trend of every place in every indicator (SD-2)."""

        def stand(*_: object) -> pd.DataFrame:
            # here, because it brings two seconds of scipy and statsmodels
            from healthmon.standing.table import stand_month

            return stand_month(self.project.params, self.indicators, self.month)

        return self.keep_frame("standing", stand)
