"""The pipeline on real people, beside figures that were published for us to be held against.

Trained on year 1 and 2 of the other families, tested once on year 2 and 3 of families that it
has never seen; what there is to choose is chosen by cross-validation inside the training families.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold

from healthmon.parameters import Label, Parameters, load_parameters
from healthmon.project import Project
from healthmon.risk.evaluation import Method, flag_top, measure_methods
from healthmon.risk.model import Build, build_challenger, build_model, select_features
from healthmon.risk.rand_hie import (
    give_folds,
    pair_families,
    pair_persons,
    read_rand_hie,
    take_full_years,
)
from healthmon.risk.settings import EvaluationSettings, Feature, FeatureSettings, ModelSettings

Unit = Literal["person", "family"]
BUILDS: dict[str, Build] = {"model": build_model, "challenger": build_challenger}


class DataSource(Parameters):
    """Where the data and the figures come from."""

    data: Label
    origin: str
    reference: str


class Setup(Parameters):
    """Who is in, and who is trained on and tested on."""

    person_years: int
    least_time: float = Field(gt=0, le=1)
    train_year: int
    test_year: int
    folds: int = Field(ge=2)
    inner_folds: int = Field(ge=2)
    high_percentile: float = Field(gt=0, lt=100)
    income_share: float = Field(gt=0)
    least_income: float


class Figures(Parameters):
    """Figures to be held against."""

    auc: float
    recall: float
    calibration_slope: float
    rule_recall: float


class Task(Parameters):
    """One outcome."""

    label: Label
    unit: Unit
    outcome: Literal["high", "income_share"]
    reference: Figures


class RealDataSettings(Parameters):
    """Everything in ``params/real_data.yml``."""

    source: DataSource
    setup: Setup
    penalties: tuple[float, ...] = Field(min_length=1)
    evaluation: EvaluationSettings
    tasks: dict[str, Task] = Field(min_length=1)
    model: ModelSettings
    features: dict[Unit, dict[str, Feature]]


def load_real_data_settings(params: Path) -> RealDataSettings:
    """Read ``params/real_data.yml``.

    Raises
    ------
    ParameterError
        Naming file and line of every mistake.
    """
    return load_parameters(params / "real_data.yml", RealDataSettings)


def check_on_real_data(project: Project) -> pd.DataFrame:
    """Run every task and hold it against its reference.

    Parameters
    ----------
    project : Project
        For its ``params/real_data.yml``; its data is not touched.

    Returns
    -------
    DataFrame
        ``task``, ``method`` (``model``, ``challenger``, ``rule``), ``metric`` (``auc``,
        ``recall``, ``calibration_slope``, ``brier``), ``value``, ``lower`` and ``upper`` (families
        drawn), ``reference``, ``gap`` (value less reference) and ``is_reached`` (the interval
        holds the reference or lies above it), the last three missing where no figure is given;
        ``row_count``, ``above_count`` and ``flagged_count`` of the task.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``real-data``.
    ParameterError
        When the settings are refused.
    """
    settings = load_real_data_settings(project.params)
    full = take_full_years(read_rand_hie(), settings.setup.least_time)
    return pd.concat(
        [_run_task(full, name, settings) for name in settings.tasks], ignore_index=True
    )


def make_task(
    full: pd.DataFrame, task: Task, settings: RealDataSettings, year: int
) -> pd.DataFrame:
    """Return features of a year with ``family``, ``is_above`` and ``is_flagged_by_rule``.

    The rule flags whoever is above the same threshold already in `year`.
    """
    setup = settings.setup
    pairs = (pair_persons if task.unit == "person" else pair_families)(full, year)
    if task.outcome == "high":
        spent = full.loc[full["year"] == setup.test_year, "meddol"]
        threshold = spent.quantile(setup.high_percentile / 100)
    else:
        pairs = pairs[pairs["income"] >= setup.least_income]
        income = pairs["per_head"] if task.unit == "person" else pairs["income"]
        threshold = setup.income_share * income
    return pairs.assign(
        is_above=pairs["next_meddol"] > threshold,
        is_flagged_by_rule=pairs["meddol"] > threshold,
    )


def choose_settings(
    train: pd.DataFrame, options: list[FeatureSettings], build: Build, folds: int
) -> FeatureSettings:
    """Choose the option with the least log loss across folds of the training families."""
    if len(options) == 1:
        return options[0]
    losses = []
    for option in options:
        risks = np.empty(len(train))
        for inside, outside in GroupKFold(folds).split(train, groups=train["family"]):
            risks[outside] = _predict(train.iloc[inside], train.iloc[outside], option, build)
        losses.append(log_loss(train["is_above"], risks))
    return options[int(np.argmin(losses))]


def list_options(settings: RealDataSettings, unit: Unit, method: str) -> list[FeatureSettings]:
    """List the settings that a method may choose from; the challenger's are fixed."""
    base, features = settings.model, settings.features[unit]
    penalties = settings.penalties if method == "model" else (base.penalty,)
    return [
        FeatureSettings(model=base.model_copy(update={"penalty": penalty}), features=features)
        for penalty in penalties
    ]


def predict_families(
    train: pd.DataFrame, test: pd.DataFrame, settings: RealDataSettings, unit: Unit, method: str
) -> np.ndarray:
    """Predict each row of `test` by a model trained on `train` without its family's fold."""
    setup, build = settings.setup, BUILDS[method]
    of_train, of_test = (give_folds(rows["family"], setup.folds) for rows in (train, test))
    options = list_options(settings, unit, method)
    risks = np.full(len(test), np.nan)
    for fold in range(setup.folds):
        others = train[of_train != fold]
        chosen = choose_settings(others, options, build, setup.inner_folds)
        risks[of_test == fold] = _predict(others, test[of_test == fold], chosen, build)
    return risks


def _predict(
    train: pd.DataFrame, test: pd.DataFrame, settings: FeatureSettings, build: Build
) -> np.ndarray:
    model = build(settings).fit(select_features(train, settings), train["is_above"])
    return model.predict_proba(select_features(test, settings))[:, 1]


def _run_task(full: pd.DataFrame, name: str, settings: RealDataSettings) -> pd.DataFrame:
    task, setup = settings.tasks[name], settings.setup
    train, test = (
        make_task(full, task, settings, year) for year in (setup.train_year, setup.test_year)
    )
    flags = test["is_flagged_by_rule"].to_numpy(dtype=bool)
    spent = "meddol" if task.outcome == "high" else "spent_share"
    methods = {}
    for method in BUILDS:
        risks = predict_families(train, test, settings, task.unit, method)
        chosen = flag_top(risks, np.arange(len(test)), int(flags.sum()))
        methods[method] = Method(chosen, risks, risks)
    methods["rule"] = Method(flags, test[spent].to_numpy(dtype=float))
    families = pd.factorize(test["family"])[0]
    outcome = test["is_above"].to_numpy(dtype=bool)
    metrics, _ = measure_methods(methods, outcome, settings.evaluation, clusters=families)
    return _set_beside(metrics, task.reference).assign(
        task=name, row_count=len(test), above_count=int(outcome.sum()), flagged_count=flags.sum()
    )


def _set_beside(metrics: pd.DataFrame, figures: Figures) -> pd.DataFrame:
    """Put the reference beside each figure for which there is one."""
    known = {
        (method, metric): getattr(figures, metric)
        for method in BUILDS
        for metric in ("auc", "recall", "calibration_slope")
    } | {("rule", "recall"): figures.rule_recall}
    pairs = zip(metrics["method"], metrics["metric"], strict=True)
    reference = pd.Series([known.get(pair, np.nan) for pair in pairs], metrics.index)
    reached = (metrics["upper"] >= reference).astype("boolean").where(reference.notna())
    return metrics.assign(reference=reference, gap=metrics["value"] - reference, is_reached=reached)
