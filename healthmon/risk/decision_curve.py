"""Whether acting on a method does more good than harm, at every price of a needless visit.

A household is visited when its risk is at or above a threshold t; visiting t / (1 - t) households
in vain is taken to be as bad as one fallen household found is good. The net benefit is counted in
fallen households found per household.

References
----------
Vickers A. J., Elkin E. B. (2006), Decision curve analysis. Medical Decision Making 26, 565-574.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from healthmon.risk.measures import draw_samples
from healthmon.risk.settings import EvaluationSettings


def decision_curve(
    risks: np.ndarray,
    flags: np.ndarray,
    outcome: np.ndarray,
    thresholds: Sequence[float],
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Compute the net benefit of the model, of the rule and of visiting everybody.

    Parameters
    ----------
    risks : ndarray of float
        Probabilities of the model, household by household.
    flags : ndarray of bool
        Whom the rule flags, whatever the threshold.
    outcome : ndarray of bool
        Who fell.
    thresholds : sequence of float
        Risks (0-1) from which on a household is visited.
    settings : EvaluationSettings
        Replicates, seed and interval.

    Returns
    -------
    DataFrame
        ``threshold`` (0-1), ``method`` (``model``, ``rule``, ``everybody``), ``net_benefit``,
        ``lower``, ``upper``, ``visited_household_count``, ``found_household_count``, and
        ``lead_lower``, ``lead_upper``: the interval of the model's net
        benefit less this method's. Visiting nobody has a net benefit of 0.
    """
    thresholds = np.asarray(thresholds)
    price = thresholds / (1 - thresholds)
    chosen = risks >= thresholds[:, None]
    worth = np.stack(
        [
            _worth(chosen, outcome, price),
            _worth(np.broadcast_to(flags, chosen.shape), outcome, price),
            _worth(np.ones_like(chosen), outcome, price),
        ]
    ).reshape(-1, len(outcome))
    shape = (3, len(thresholds), -1)
    whole = worth.mean(axis=1).reshape(shape)[:, :, 0]
    counted = np.stack([chosen, np.broadcast_to(flags, chosen.shape), np.ones_like(chosen)])
    visited, found = counted.sum(axis=2), (counted & outcome).sum(axis=2)
    drawn = np.concatenate(
        [
            (worth @ counts / len(outcome)).reshape(shape)
            for counts in draw_samples(len(outcome), settings.replicates, settings.seed)
        ],
        axis=2,
    )
    tails = settings.tails
    lower, upper = np.percentile(drawn, tails, axis=2)
    lead_lower, lead_upper = np.percentile(drawn[0] - drawn, tails, axis=2)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "threshold": thresholds,
                    "method": method,
                    "visited_household_count": visited[place],
                    "found_household_count": found[place],
                    "net_benefit": whole[place],
                    "lower": lower[place],
                    "upper": upper[place],
                    "lead_lower": lead_lower[place],
                    "lead_upper": lead_upper[place],
                }
            )
            for place, method in enumerate(("model", "rule", "everybody"))
        ],
        ignore_index=True,
    )


def _worth(chosen: np.ndarray, outcome: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Return what each household adds at each threshold: 1 found, less the price in vain."""
    return (chosen * np.where(outcome, 1.0, -price[:, None])).astype(np.float32)
