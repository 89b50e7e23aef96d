"""The risk model beside the rule, the check on real people, other thresholds."""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd

from healthmon.fingerprint import take_real_data_fingerprint
from healthmon.kept import keep, keep_frame
from healthmon.month.kept_results import KeptResults
from healthmon.project import Project
from healthmon.risk.discontinuity import group_near, run_discontinuity
from healthmon.risk.rand_hie import has_rand_hie
from healthmon.risk.result import RiskResult
from healthmon.risk.spending_cohorts import make_spending_cohorts
from healthmon.risk.threshold import compare_income_shares, sweep_thresholds


class RiskResults(KeptResults):
    """The risk model beside the rule, the check on real people, other thresholds."""

    @cached_property
    def risk(self) -> RiskResult:
        """The risk model beside the rule."""
        folder = keep(self._folder("risk"), self._compute_risk)
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        frames = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
        return RiskResult(state=facts.pop("state"), facts=facts, frames=frames)

    def _compute_risk(self, into: Path) -> None:
        # here, because it brings scikit-learn and statsmodels: two seconds for every notebook
        from healthmon.risk.card import keep_model
        from healthmon.risk.run import run_risk

        result = run_risk(*self._asked, self.burden)
        _write_risk(result, into)
        keep_model(self.project, self.month, result, into / "model")

    @cached_property
    def real_data(self) -> pd.DataFrame | None:
        """The models on real people; None where the extra ``real-data`` is not installed.

        The same for every month, and kept once for all of them.
        """
        if not has_rand_hie():
            return None

        def check() -> pd.DataFrame:
            from healthmon.risk.real_data import check_on_real_data

            return check_on_real_data(self.project)

        return keep_frame(self._real_data, check)

    @property
    def _real_data(self) -> Path:
        results = self.project.processed / "results" / "real_data"
        return results / f"real_data-{take_real_data_fingerprint(self.project)}"

    @cached_property
    def spending_cohorts(self) -> pd.DataFrame:
        """Spending of each year beside the outcome of the next: what thresholds are judged on."""
        return self.keep_frame("spending_cohorts", make_spending_cohorts)

    @cached_property
    def threshold_sweep(self) -> pd.DataFrame:
        """Households flagged, found and missed at other thresholds than the rule's."""
        return self._keep_of_cohorts("threshold_sweep", sweep_thresholds)

    @cached_property
    def income_shares(self) -> pd.DataFrame:
        """Thresholds relative to income beside spending at the same number of flags."""
        return self._keep_of_cohorts("income_shares", compare_income_shares)

    @cached_property
    def discontinuity(self) -> pd.DataFrame:
        """Jumps of outcomes at the rule's threshold, with their tests."""
        return self._keep_of_cohorts("discontinuity", run_discontinuity)

    @cached_property
    def near_threshold(self) -> pd.DataFrame:
        """Mean outcomes of groups of households around the threshold."""
        return self._keep_of_cohorts("near_threshold", group_near)

    def _keep_of_cohorts(
        self, name: str, compute: Callable[[Project, pd.DataFrame], pd.DataFrame]
    ) -> pd.DataFrame:
        # the cohorts are asked for only where the result is not kept yet
        return self.keep_frame(name, lambda project, _: compute(project, self.spending_cohorts))


def _write_risk(result: RiskResult, folder: Path) -> None:
    for name, frame in result.frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    facts = {"state": result.state, **result.facts}
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
