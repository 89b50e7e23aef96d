"""A month, and how its results are computed once and kept."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd

from healthmon.fingerprint import take_fingerprint
from healthmon.kept import keep_frame
from healthmon.project import Project, check_month


class KeptResults:
    """What all results of a month have in common: the month, and where they are kept.

    Parameters
    ----------
    project : Project
        The checkout.
    month : str
        Month of the report, as in ``2022-06``; only what had been delivered by then is seen.
    """

    def __init__(self, project: Project, month: str) -> None:
        self.project = project
        self.month = check_month(month)

    @property
    def is_simulated(self) -> bool:
        """Whether the exports come from the simulator."""
        return self.project.is_simulated

    @property
    def _asked(self) -> tuple[Project, str]:
        return self.project, self.month

    def keep_frame(
        self, name: str, compute: Callable[[Project, str], pd.DataFrame]
    ) -> pd.DataFrame:
        """Return a result by name; computed when it is not there, then kept as Parquet."""
        return keep_frame(self._folder(name), lambda: compute(*self._asked))

    def _folder(self, name: str) -> Path:
        return self._results / f"{name}-{self.fingerprint}"

    @property
    def _results(self) -> Path:
        return self.project.processed / "results" / self.month

    @cached_property
    def fingerprint(self) -> str:
        """Short hash of the clean tables seen, the parameters and the code."""
        return take_fingerprint(self.project, self.month)
