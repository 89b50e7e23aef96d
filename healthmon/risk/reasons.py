"""Why the model ranks a household where it does: the features that raise its risk most.

The model is a sum of one part a feature, so that these reasons are the score itself and no
approximation to it: with the parts that lower the risk they add up to the log odds.
"""

import numpy as np
import pandas as pd

UNSTATED = "unstated"


def main_reasons(contributions: pd.DataFrame, most: int, least_odds: float) -> pd.DataFrame:
    """List the features that raise each household's risk most.

    Parameters
    ----------
    contributions : DataFrame
        What each feature adds to the log odds: households down, features across.
    most : int
        How many reasons a household is given at most.
    least_odds : float
        What a feature must multiply the odds by at least to be named, above 1.

    Returns
    -------
    DataFrame
        ``household_id``, ``place`` (from 1, the strongest first), ``feature``,
        ``odds_factor``; of equal ones the feature stated first comes first. Households that
        nothing raises have no row.
    """
    parts = contributions.to_numpy()
    order = np.argsort(-parts, axis=1, kind="stable")[:, :most]
    raised = np.take_along_axis(parts, order, axis=1)
    household, place = np.nonzero(raised >= np.log(least_odds))
    return pd.DataFrame(
        {
            "household_id": contributions.index.to_numpy()[household],
            "place": place + 1,
            "feature": contributions.columns.to_numpy()[order[household, place]],
            "odds_factor": np.exp(raised[household, place]),
        }
    )


def attach_values(reasons: pd.DataFrame, features: pd.DataFrame, usual: pd.Series) -> pd.DataFrame:
    """Put beside each reason what is known of the household, and what is usual.

    Parameters
    ----------
    reasons : DataFrame
        As from :func:`main_reasons`.
    features : DataFrame
        Features by ``household_id``, in the units in which they are computed.
    usual : Series
        What the household compared with has, by feature.

    Returns
    -------
    DataFrame
        With ``value`` and ``usual`` as text: numbers exactly, categories as their code, missing
        as null.
    """
    values = pd.Series(pd.NA, index=reasons.index, dtype="string")
    for name, rows in reasons.groupby("feature").groups.items():
        found = features.loc[reasons.loc[rows, "household_id"], name]
        values.loc[rows] = [_text(value) for value in found]
    known = reasons["feature"].map({name: _text(value) for name, value in usual.items()})
    return reasons.assign(value=values, usual=known.astype("string"))


def usual_values(features: pd.DataFrame) -> pd.Series:
    """Return the median of each number and the most frequent word of each category."""
    return pd.Series({name: _usual(column) for name, column in features.items()}, dtype="object")


def _usual(column: pd.Series) -> float | str | None:
    if pd.api.types.is_numeric_dtype(column):
        return column.median()
    # what is not stated is a level of its own to the model
    words = column.astype("object").where(column.notna(), UNSTATED).value_counts().sort_index()
    return words.idxmax() if len(words) else None


def _text(value: object) -> str | None:
    if value is None or pd.isna(value) or value == UNSTATED:
        return None
    return value if isinstance(value, str) else repr(float(value))
