"""One month of the monitoring: every result, computed when first asked for and then kept.

What notebooks open. Results lie in ``data/processed/results/<month>/`` under a fingerprint of
everything they were made from; they can be deleted at any time.
"""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd

from healthmon.burden import household_burden
from healthmon.burden.registered import (
    list_paying_households,
    measure_registered,
    measure_registered_poverty,
)
from healthmon.burden.terms import load_burden_terms
from healthmon.completeness.grid import fill_grid
from healthmon.completeness.outliers import find_outliers
from healthmon.completeness.tallies import tally_rows
from healthmon.consistency.compare import count_differences, list_differences
from healthmon.consistency.terms import load_consistency_terms
from healthmon.errors import UserError
from healthmon.facilities.scores import Kind, score_facilities_of, score_hospitals
from healthmon.facilities.sensitivity import compare_readings
from healthmon.facilities.villages import flag_villages
from healthmon.facilities.visits import count_visits
from healthmon.fingerprint import take_fingerprint, take_real_data_fingerprint
from healthmon.indicators.engine import LOCAL, measure_indicators
from healthmon.kept import forget_others, keep, keep_frame
from healthmon.project import Project, check_month, open_project
from healthmon.registers import count_register
from healthmon.risk.discontinuity import group_near, run_discontinuity
from healthmon.risk.rand_hie import has_rand_hie
from healthmon.risk.result import RiskResult
from healthmon.risk.settings import load_risk_settings
from healthmon.risk.spending_cohorts import make_spending_cohorts
from healthmon.risk.threshold import compare_income_shares, sweep_thresholds


class Month:
    """The results of one month.

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
            Month(self.project, month).difference_counts.assign(month=month)
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

    def forget_stale(self) -> None:
        """Remove results made from other data, parameters or code; for when nobody reads them."""
        forget_others(self._results, self.fingerprint)
        forget_others(self._real_data.parent, take_real_data_fingerprint(self.project))

    @cached_property
    def fingerprint(self) -> str:
        """Short hash of the clean tables seen, the parameters and the code."""
        return take_fingerprint(self.project, self.month)


def open_month(month: str, root: Path | str | None = None) -> Month:
    """Open one month of a checkout.

    Parameters
    ----------
    month : str
        As in ``2022-06``.
    root : path, optional
        The checkout; found as in :func:`healthmon.project.open_project`.

    Raises
    ------
    UserError
        When the month is not written as one or its exports have not been taken in.
    """
    opened = Month(open_project(root), month)
    if not list(opened.project.processed.glob(f"*/{opened.month}.parquet")):
        raise UserError(
            f"nothing has been taken in for {month}: run `make report MONTH={month}` "
            f"(or `healthmon intake {month}`) first"
        )
    return opened


def _write_risk(result: RiskResult, folder: Path) -> None:
    for name, frame in result.frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    facts = {"state": result.state, **result.facts}
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
