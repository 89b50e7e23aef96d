"""Who they are whom rule, model, both or neither flag: averages of what is known of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from healthmon.risk.evaluation import GROUPS


def describe_groups(
    cohort: pd.DataFrame, by_rule: np.ndarray, by_model: np.ndarray, features: Sequence[str]
) -> pd.DataFrame:
    """Average features over the households of each group.

    Parameters
    ----------
    cohort : DataFrame
        With the features, in the units of :func:`healthmon.risk.features.household_features`.
    by_rule, by_model : ndarray of bool
        Whom each flags.
    features : sequence of str
        Numbers only.

    Returns
    -------
    DataFrame
        ``group`` (one of :data:`healthmon.risk.evaluation.GROUPS`, always all four),
        ``household_count``, and ``<feature>`` with the mean of those for whom it is known.
    """
    group = np.select([by_rule & by_model, by_rule, by_model], GROUPS[:3], GROUPS[3])
    found = cohort[list(features)].astype("float64").groupby(group)
    means = found.mean().assign(household_count=found.size()).reindex(list(GROUPS))
    means["household_count"] = means["household_count"].fillna(0).astype("int64")
    return means.rename_axis("group").reset_index()[["group", "household_count", *features]]
