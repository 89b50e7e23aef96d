"""How well households were found, method beside method at the same number of flags.

Intervals come from a bootstrap of households: each replicate counts every household as often as
it was drawn, so that all methods and measures see the same draws. Flags and risks stay as they
are in all replicates; what varies is who happens to be in the cohort.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from healthmon.risk.measures import (
    FlagMeasures,
    RankingMeasures,
    RiskMeasures,
    draw_samples,
)
from healthmon.risk.settings import EvaluationSettings

GROUPS = ("both", "rule_only", "model_only", "neither")


@dataclass(frozen=True)
class Method:
    """One way to choose households.

    Parameters
    ----------
    flags : ndarray of bool
        Who is flagged.
    ranking : ndarray of float
        What households are ranked by, the higher the sooner.
    risks : ndarray of float, optional
        Probabilities (0 to 1), where the method states any.
    """

    flags: np.ndarray
    ranking: np.ndarray
    risks: np.ndarray | None = None


def flag_top(ranking: np.ndarray, household_ids: np.ndarray, count: int) -> np.ndarray:
    """Flag the `count` households ranked highest; of equals the lower household id comes first.

    Raises
    ------
    ValueError
        When more are to be flagged than there are, or a rank is missing.
    """
    if count > len(ranking) or np.isnan(ranking).any():
        raise ValueError(f"cannot flag {count} of {len(ranking)} households, or a rank is missing")
    chosen = np.lexsort((household_ids, -ranking))[:count]
    flags = np.zeros(len(ranking), dtype=bool)
    flags[chosen] = True
    return flags


def measure_methods(
    methods: Mapping[str, Method],
    outcome: np.ndarray,
    settings: EvaluationSettings,
    clusters: np.ndarray | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every method, with intervals.

    Parameters
    ----------
    methods : mapping
        Name to method, over the same households, all with the same number of flags.
    outcome : ndarray of bool
        What happened.
    settings : EvaluationSettings
        Replicates, seed and interval.
    clusters : ndarray of int, optional
        From 0 on, which cluster (a family of persons) each row belongs to; they are drawn whole.
        Each row is one by itself without it.

    Returns
    -------
    metrics : DataFrame
        ``method``, ``metric``, ``value``, ``lower``, ``upper``. Metrics: ``recall`` and
        ``precision`` of the flags; ``auc`` and ``average_precision`` of the ranking; ``brier``,
        ``calibration_slope`` and ``calibration_intercept`` where a method states risks.
    leads : DataFrame
        ``versus``, ``metric``, ``value``, ``lower``, ``upper``: the first method less each
        other, draw by draw.

    Raises
    ------
    ValueError
        When the methods flag different numbers of households.
    """
    if len({int(method.flags.sum()) for method in methods.values()}) != 1:
        raise ValueError("methods are compared at the same number of flagged households")
    measures = {name: _choose(method, outcome) for name, method in methods.items()}
    whole = {name: _take(chosen, np.ones((len(outcome), 1))) for name, chosen in measures.items()}
    drawn: dict = {name: [] for name in methods}
    units = len(outcome) if clusters is None else int(clusters.max()) + 1
    for drawn_units in draw_samples(units, settings.replicates, settings.seed):
        counts = drawn_units if clusters is None else drawn_units[clusters]
        for name, chosen in measures.items():
            drawn[name].append(_take(chosen, counts))
    values = {name: {k: float(v[0]) for k, v in found.items()} for name, found in whole.items()}
    samples = {name: _stack(found) for name, found in drawn.items()}
    metrics = _tabulate(values, samples, settings.tails)
    leads = _tabulate(*_take_leads(values, samples), settings.tails)
    return metrics, leads.rename(columns={"method": "versus"})


def bin_calibration(risks: np.ndarray, outcome: np.ndarray, bins: int) -> pd.DataFrame:
    """Set predicted beside observed shares in bins of equally many households, lowest first.

    Returns
    -------
    DataFrame
        ``bin`` (from 1), ``predicted`` and ``observed`` (0 to 1), ``household_count``.
    """
    places = np.argsort(np.argsort(risks, kind="stable"), kind="stable")
    frame = pd.DataFrame(
        {"bin": places * bins // len(risks) + 1, "predicted": risks, "observed": outcome}
    )
    binned = frame.astype({"observed": float}).groupby("bin")
    means = binned[["predicted", "observed"]].mean()
    return means.assign(household_count=binned.size()).reset_index()


def compare_groups(by_rule: np.ndarray, by_model: np.ndarray, outcome: np.ndarray) -> pd.DataFrame:
    """Count households flagged by both, by one only and by neither, and what happened to them.

    Returns
    -------
    DataFrame
        ``group`` (one of :data:`GROUPS`, always all four), ``household_count``,
        ``outcome_count``, ``outcome_share`` (0 to 1, missing in an empty group).
    """
    group = np.select([by_rule & by_model, by_rule, by_model], GROUPS[:3], GROUPS[3])
    found = pd.Series(outcome.astype("int64")).groupby(group)
    counted = pd.DataFrame({"household_count": found.size(), "outcome_count": found.sum()})
    counted = counted.reindex(list(GROUPS), fill_value=0).rename_axis("group").reset_index()
    whole = counted["household_count"].where(counted["household_count"] > 0)
    return counted.assign(outcome_share=counted["outcome_count"] / whole)


def _choose(method: Method, outcome: np.ndarray) -> list:
    """Choose the measures that a method can be held to."""
    chosen: list = [
        FlagMeasures(method.flags, outcome),
        RankingMeasures(method.ranking, outcome),
    ]
    return chosen if method.risks is None else [*chosen, RiskMeasures(method.risks, outcome)]


def _take(chosen: list, counts: np.ndarray) -> dict[str, np.ndarray]:
    return {metric: value for one in chosen for metric, value in one.of(counts).items()}


def _take_leads(values: dict, samples: dict) -> tuple[dict, dict]:
    """Take each other method from the first one, value by value and draw by draw."""
    first, *others = list(values)
    return tuple(
        {
            other: {metric: found[first][metric] - found[other][metric] for metric in found[other]}
            for other in others
        }
        for found in (values, samples)
    )


def _tabulate(values: dict, samples: dict, tails: tuple[float, float]) -> pd.DataFrame:
    rows = [
        (name, metric, value, *_percentiles(samples[name][metric], tails))
        for name, found in values.items()
        for metric, value in found.items()
    ]
    return pd.DataFrame(rows, columns=["method", "metric", "value", "lower", "upper"])


def _percentiles(sample: np.ndarray, tails: tuple[float, float]) -> np.ndarray:
    known = sample[~np.isnan(sample)]
    return np.percentile(known, tails) if len(known) else np.full(2, np.nan)


def _stack(found: list[dict]) -> dict[str, np.ndarray]:
    return {metric: np.concatenate([one[metric] for one in found]) for metric in found[0]}
