"""A jump at a cut: local linear fits with robust intervals, density, power.

The estimators are those of rdrobust and rddensity.

References
----------
Calonico S., Cattaneo M. D., Titiunik R. (2014), Robust nonparametric confidence intervals for
regression-discontinuity designs, Econometrica 82. Cattaneo M. D., Jansson M., Ma X. (2020),
Simple local polynomial density estimators, JASA 115.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from healthmon.risk.threshold_settings import DiscontinuitySettings


@dataclass(frozen=True)
class Jump:
    """A jump at a cut, above less below.

    Estimate and interval are bias-corrected and robust; ``std_error`` is theirs. Levels and
    slopes (per yuan) are those of the two straight lines at the cut, within the bandwidth.
    Everything but the counts is missing where too few households lie on a side.
    """

    estimate: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan
    std_error: float = np.nan
    bandwidth_yuan: float = np.nan
    bias_bandwidth_yuan: float = np.nan
    below_household_count: int = 0
    above_household_count: int = 0
    left_level: float = np.nan
    left_slope: float = np.nan
    right_level: float = np.nan
    right_slope: float = np.nan


def estimate_jump(
    outcome: pd.Series,
    distance_yuan: pd.Series,
    settings: DiscontinuitySettings,
    *,
    bandwidths: tuple[float, float] | None = None,
) -> Jump:
    """Estimate the jump of an outcome where the distance passes 0.

    Parameters
    ----------
    outcome : Series
        Missing ones are left out.
    distance_yuan : Series
        Negative below the cut.
    settings : DiscontinuitySettings
    bandwidths : tuple of float, optional
        Of the fit and of its bias, in yuan; chosen by the data (mean squared error) without it.
    """
    known = outcome.notna().to_numpy()
    y, x = outcome.to_numpy(dtype=float)[known], distance_yuan.to_numpy(dtype=float)[known]
    if _is_too_little(y, x, settings.least_households):
        below = int((x < 0).sum())
        return Jump(below_household_count=below, above_household_count=len(x) - below)
    # here, because it brings matplotlib and plotnine: seconds for every other page
    from rdrobust import rdrobust

    chosen = {}
    if bandwidths is not None:
        chosen = {"h": bandwidths[0], "b": bandwidths[1]}
        inside = np.abs(x) <= max(bandwidths)  # what lies outside has no weight
        y, x = y[inside], x[inside]
    level = 100 - settings.level_pct
    found = rdrobust(y, x, c=0, level=level, vce=settings.variance, masspoints="off", **chosen)
    (left_level, left_slope), (right_level, right_slope) = (
        np.ravel(side)[:2] for side in (found.beta_p_l, found.beta_p_r)
    )
    return Jump(
        estimate=float(found.coef.loc["Robust"].iloc[0]),
        lower=float(found.ci.loc["Robust"].iloc[0]),
        upper=float(found.ci.loc["Robust"].iloc[1]),
        p_value=float(found.pv.loc["Robust"].iloc[0]),
        std_error=float(found.se.loc["Robust"].iloc[0]),
        bandwidth_yuan=float(found.bws.loc["h"].iloc[0]),
        bias_bandwidth_yuan=float(found.bws.loc["b"].iloc[0]),
        below_household_count=int(found.N_h[0]),
        above_household_count=int(found.N_h[1]),
        left_level=left_level,
        left_slope=left_slope,
        right_level=right_level,
        right_slope=right_slope,
    )


def check_density(distance_yuan: pd.Series, settings: DiscontinuitySettings) -> Jump:
    """Test whether households crowd on one side of the cut; only ``p_value`` and counts are set.

    References
    ----------
    Cattaneo, Jansson and Ma (2020).
    """
    x = distance_yuan.to_numpy(dtype=float)
    if _is_too_little(x, x, settings.least_households):
        return Jump()
    from rddensity import rddensity

    found = rddensity(x, c=0)
    left, right = float(found.h["left"]), float(found.h["right"])
    return Jump(
        p_value=float(found.test["p_jk"]),
        bandwidth_yuan=min(left, right),
        below_household_count=int(((x < 0) & (x >= -left)).sum()),
        above_household_count=int(((x >= 0) & (x <= right)).sum()),
    )


def power_of(effect: float, std_error: float, level_pct: float) -> float:
    """Return the chance (0-1) that a two-sided test sees an effect of this size."""
    normal = NormalDist()
    limit = normal.inv_cdf(1 - level_pct / 200)
    shift = abs(effect) / std_error
    return normal.cdf(shift - limit) + normal.cdf(-shift - limit)


def smallest_effect(std_error: float, level_pct: float, power_pct: float) -> float:
    """Return the smallest effect that a two-sided test sees with the power asked for.

    The far tail is left out, as in the usual formula.
    """
    normal = NormalDist()
    return std_error * (normal.inv_cdf(1 - level_pct / 200) + normal.inv_cdf(power_pct / 100))


def _is_too_little(y: np.ndarray, x: np.ndarray, least: int) -> bool:
    """Say whether a side has too few households, or an outcome that never differs."""
    sides = [y[x < 0], y[x >= 0]]
    return any(len(side) < least for side in sides) or all(np.ptp(side) == 0 for side in sides)
