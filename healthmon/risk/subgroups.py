"""How well rule and model find households in each place and kind, with intervals.

Flags are those of the whole cohort: a group's recall says how its fallen households fare when all
compete for the same visits.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from healthmon.risk.evaluation import Method
from healthmon.risk.measures import draw_samples
from healthmon.risk.settings import EvaluationSettings

DIMENSIONS = (
    "prefecture_code", "county_code", "head_ethnic_group", "head_age_band", "household_kind",
)  # fmt: skip
UNSTATED = "unstated"


def band_ages(ages: pd.Series, bounds: tuple[int, ...]) -> pd.Series:
    """Sort ages into bands named ``-39``, ``40-59``, ``60-``; missing is :data:`UNSTATED`.

    Parameters
    ----------
    ages : Series
        In years.
    bounds : tuple of int
        First age of each band but the lowest, ascending.
    """
    names = [
        f"-{bounds[0] - 1}",
        *(f"{low}-{high - 1}" for low, high in pairwise(bounds)),
        f"{bounds[-1]}-",
    ]
    bands = pd.cut(ages, [-np.inf, *bounds, np.inf], right=False, labels=names)
    return bands.astype("object").where(ages.notna(), UNSTATED)


def measure_subgroups(
    cohort: pd.DataFrame,
    methods: Mapping[str, Method],
    outcome: np.ndarray,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Measure recall and precision of the flags in every group of every dimension.

    Parameters
    ----------
    cohort : DataFrame
        With the columns of :data:`DIMENSIONS`.
    methods : mapping
        Name to method, over the same households.
    outcome : ndarray of bool
        Who fell.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        ``dimension``, ``subgroup``, ``method``, ``household_count``, ``fallen_household_count``,
        ``flagged_household_count``, ``found_household_count``, and ``recall`` and ``precision``
        (0-1, missing without a household to divide by), each with ``_lower`` and ``_upper``.
    """
    labels, member = _membership(cohort)
    columns = [outcome] + [f & o for m in methods.values() for f, o in
                           ((m.flags, np.ones_like(outcome)), (m.flags, outcome))]  # fmt: skip
    counted = np.stack([np.ones_like(outcome), *columns], axis=1).astype(np.float64)
    whole = member @ counted
    # households of one group that share all columns are drawn alike: counts of them are enough
    drawn = _draw(member, counted, settings)
    parts = []
    for place, name in enumerate(methods):
        fallen, flagged, found = 1, 2 + 2 * place, 3 + 2 * place
        part = labels.assign(
            method=name,
            household_count=whole[:, 0],
            fallen_household_count=whole[:, fallen],
            flagged_household_count=whole[:, flagged],
            found_household_count=whole[:, found],
        )
        for metric, below in (("recall", fallen), ("precision", flagged)):
            part[metric] = _divide(whole[:, found], whole[:, below])
            shares = _divide(drawn[:, found], drawn[:, below])
            part[f"{metric}_lower"], part[f"{metric}_upper"] = _quantiles(shares, settings.tails)
        parts.append(part)
    result = pd.concat(parts, ignore_index=True)
    counts = [column for column in result if column.endswith("_count")]
    return result.astype(dict.fromkeys(counts, "int64"))


def _membership(cohort: pd.DataFrame) -> tuple[pd.DataFrame, sparse.csr_array]:
    """Return the groups of all dimensions, and a matrix of groups by households."""
    labels, rows = [], []
    first = 0
    for dimension in DIMENSIONS:
        codes, names = pd.factorize(cohort[dimension].astype("object").fillna(UNSTATED), sort=True)
        labels.append(pd.DataFrame({"dimension": dimension, "subgroup": names.astype(str)}))
        rows.append(codes + first)
        first += len(names)
    where = (np.concatenate(rows), np.tile(np.arange(len(cohort)), len(DIMENSIONS)))
    member = sparse.csr_array((np.ones(len(where[0])), where), shape=(first, len(cohort)))
    return pd.concat(labels, ignore_index=True), member


def _draw(
    member: sparse.csr_array, counted: np.ndarray, settings: EvaluationSettings
) -> np.ndarray:
    """Return the counts of every group in every bootstrap sample: groups, columns, samples."""
    patterns, of_household = np.unique(counted, axis=0, return_inverse=True)
    cells = sparse.csr_array(
        (
            np.ones(member.nnz),
            (of_household[member.indices] * member.shape[0] + _rows(member), member.indices),
        ),
        shape=(len(patterns) * member.shape[0], member.shape[1]),
    )
    drawn = [
        np.einsum(
            "pc,pgs->gcs", patterns, (cells @ counts).reshape(len(patterns), member.shape[0], -1)
        )
        for counts in draw_samples(member.shape[1], settings.replicates, settings.seed)
    ]
    return np.concatenate(drawn, axis=2)


def _rows(member: sparse.csr_array) -> np.ndarray:
    return np.repeat(np.arange(member.shape[0]), np.diff(member.indptr))


def _quantiles(shares: np.ndarray, tails: tuple[float, float]) -> np.ndarray:
    """Return the percentiles of each row over its samples that are not empty."""
    found = np.full((2, len(shares)), np.nan)
    known = ~np.isnan(shares).all(axis=1)
    if known.any():
        found[:, known] = np.nanpercentile(shares[known], tails, axis=1)
    return found


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
