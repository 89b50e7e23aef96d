"""Measure the risk model on a home whose exports were taken in: `python tests/bench_risk.py HOME`.

The figures asked for, on 2 cores and the whole province: features under 15 s, training and
evaluation with intervals under 60 s, scoring under 5 s. Called by tests/bench.py.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from healthmon.burden import household_burden
from healthmon.project import Project
from healthmon.risk import run
from healthmon.risk.cohorts import known_by
from healthmon.risk.features import household_features
from healthmon.risk.model import predict_risk
from healthmon.risk.settings import load_risk_settings

MONTH, YEAR = "2022-06", 2021


def main(home: str) -> None:
    """Measure one after the other and print what they took."""
    project, table = Project(Path(home)), Table("risk model", "seconds")
    settings = load_risk_settings(project.params)
    features, seconds = timed(
        lambda: household_features(project, YEAR, known_by(YEAR, MONTH), settings)
    )
    table.add_row("features of all households (under 15 s)", f"{seconds:.1f}")
    burden = household_burden(project, MONTH)
    cohorts: list[float] = []
    make_cohort = run.make_cohort
    run.make_cohort = lambda *asked: keep_seconds(cohorts, lambda: make_cohort(*asked))
    with threadpool_limits(limits=1):  # as where results are kept
        result, whole = timed(lambda: run.run_risk(project, MONTH, burden))
    table.add_row("cohorts: features and outcomes of two years", f"{sum(cohorts):.1f}")
    table.add_row(
        "training, evaluation, scoring with features (training and evaluation under 60 s)",
        f"{whole - sum(cohorts):.1f}",
    )
    _, seconds = timed(lambda: predict_risk(result.model, features, settings))
    table.add_row("scoring (under 5 s)", f"{seconds:.1f}")
    Console().print(table)


def timed(compute: Callable) -> tuple:
    """Return a result and the seconds it took."""
    began = time.monotonic()
    return compute(), time.monotonic() - began


def keep_seconds(kept: list[float], compute: Callable) -> object:
    """Return a result and keep the seconds it took."""
    found, seconds = timed(compute)
    kept.append(seconds)
    return found


if __name__ == "__main__":
    main(sys.argv[1])
