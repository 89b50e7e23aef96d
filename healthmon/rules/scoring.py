"""Points, totals and pass states of facilities, and the best of several."""

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from healthmon.rules.components import POINT
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
        undetermined), ``lowest_points``, ``highest_points`` and ``state``. The trace is kept as
        codes: ``<id>_missed`` and ``<id>_unknown`` have one bit for each condition, deduction or
        rate of the component.
    """
    added: dict[str, object] = {}
    lowest = np.zeros(len(facilities), dtype=np.int64)
    highest = lowest.copy()
    for name, component in standard.components.items():
        points = component.score(facilities)
        added |= _columns(f"{name}_", points.lowest, points.highest)
        added[f"{name}_missed"] = pd.array(points.missed, dtype="Int64")
        added[f"{name}_unknown"] = pd.array(points.unknown, dtype="Int64")
        lowest, highest = lowest + points.lowest, highest + points.highest
    added |= _columns("", lowest, highest)
    added["state"] = decide_state(lowest, highest, standard.pass_points * POINT)
    return pd.concat([facilities, pd.DataFrame(added, index=facilities.index)], axis=1)


def _columns(prefix: str, lowest: np.ndarray, highest: np.ndarray) -> dict[str, ExtensionArray]:
    """Return points (missing where undetermined), lowest and highest points of each row.

    Whole numbers, unless a linear reading gives parts of a point.
    """
    ends = {"lowest_": lowest, "highest_": highest}
    if (lowest % POINT == 0).all() and (highest % POINT == 0).all():
        shown = {name: pd.array(end // POINT, dtype="Int64") for name, end in ends.items()}
    else:
        shown = {name: pd.array(end / POINT, dtype="Float64") for name, end in ends.items()}
    certain = shown["lowest_"].copy()
    certain[lowest != highest] = pd.NA
    return {f"{prefix}{name}points": values for name, values in {"": certain, **shown}.items()}


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
    order = ["lowest_points", "highest_points", "facility_code"]
    ranked = scored[[unit, *order]].reset_index(drop=True)
    ranked = ranked.sort_values(order, ascending=[False, False, True]).drop_duplicates(unit)
    # the many columns of the trace are moved once
    best = scored.iloc[ranked.sort_values(unit).index].reset_index(drop=True)
    reachable = scored.groupby(unit)["highest_points"].max()
    best["highest_points"] = best[unit].map(reachable).astype(reachable.dtype)
    best["points"] = best["points"].where(best["lowest_points"] == best["highest_points"])
    return best
