"""Points, totals and pass states of facilities, and the best of several."""

import numpy as np
import pandas as pd

from healthmon.rules.standards import ScoreStandard

PASS, FAIL, UNDETERMINED = "pass", "fail", "undetermined"


def score_facilities(facilities: pd.DataFrame, standard: ScoreStandard) -> pd.DataFrame:
    """Score each facility.

    Parameters
    ----------
    facilities : DataFrame
        One row a facility with every input column of the standard.

    Returns
    -------
    DataFrame
        The same rows with, for each component, ``<id>_points`` (missing where undetermined),
        ``<id>_lowest_points`` and ``<id>_highest_points``; ``points`` (missing where
        undetermined), ``lowest_points``, ``highest_points`` and ``state``.
    """
    added: dict[str, object] = {}
    lowest = np.zeros(len(facilities), dtype=np.int64)
    highest = lowest.copy()
    for name, component in standard.components.items():
        low, high = component.score(facilities)
        added[f"{name}_points"] = _where_equal(low, high)
        added[f"{name}_lowest_points"], added[f"{name}_highest_points"] = low, high
        lowest, highest = lowest + low, highest + high
    added |= {
        "points": _where_equal(lowest, highest),
        "lowest_points": lowest,
        "highest_points": highest,
        "state": decide_state(lowest, highest, standard.pass_points),
    }
    return pd.concat([facilities, pd.DataFrame(added, index=facilities.index)], axis=1)


def decide_state(lowest: np.ndarray, highest: np.ndarray, pass_points: int) -> np.ndarray:
    """Say pass, fail or undetermined from the lowest and highest possible totals."""
    return np.select([lowest >= pass_points, highest < pass_points], [PASS, FAIL], UNDETERMINED)


def take_best(scored: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Take the best facility of each unit.

    Best is the highest certain total, then the highest possible one, then the facility code. A
    unit whose best facility does not surely pass while another possibly does is undetermined.

    Parameters
    ----------
    unit : str
        Column of the unit, such as ``county_code``.
    """
    best = (
        scored.sort_values(
            ["lowest_points", "highest_points", "facility_code"], ascending=[False, False, True]
        )
        .drop_duplicates(unit)
        .sort_values(unit)
        .reset_index(drop=True)
    )
    reachable = scored.groupby(unit)["highest_points"].max()
    best["highest_points"] = best[unit].map(reachable).to_numpy()
    best["points"] = best["points"].where(best["lowest_points"] == best["highest_points"])
    return best


def _where_equal(lowest: np.ndarray, highest: np.ndarray) -> pd.Series:
    return pd.Series(lowest, dtype="Int64").where(pd.Series(lowest == highest))
