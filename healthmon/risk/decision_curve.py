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

METHODS = ("model", "rule", "everybody")


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
        ``threshold`` (0-1), ``method`` (one of :data:`METHODS`), ``visited_household_count``,
        ``found_household_count``, ``net_benefit``, ``lower``, ``upper``, and ``lead_lower``,
        ``lead_upper``: the interval of the model's net benefit less this method's. Visiting
        nobody has a net benefit of 0.
    """
    cuts = np.asarray(thresholds)
    chosen = np.stack(
        [
            risks >= cuts[:, None],
            np.broadcast_to(flags, (len(cuts), len(flags))),
            np.ones((len(cuts), len(flags)), dtype=bool),
        ]
    )
    # what each household adds: 1 found, less the price in vain
    price = (cuts / (1 - cuts))[:, None]
    worth = (chosen * np.where(outcome, 1.0, -price)).astype(np.float32)
    drawn = np.concatenate(
        [
            worth @ counts / len(outcome)
            for counts in draw_samples(len(outcome), settings.replicates, settings.seed)
        ],
        axis=2,
    )
    lower, upper = np.percentile(drawn, settings.tails, axis=2)
    lead_lower, lead_upper = np.percentile(drawn[0] - drawn, settings.tails, axis=2)
    columns = {
        "visited_household_count": chosen.sum(axis=2),
        "found_household_count": (chosen & outcome).sum(axis=2),
        "net_benefit": worth.mean(axis=2),
        "lower": lower,
        "upper": upper,
        "lead_lower": lead_lower,
        "lead_upper": lead_upper,
    }
    return pd.DataFrame(
        {
            "threshold": np.tile(cuts, len(METHODS)),
            "method": np.repeat(METHODS, len(cuts)),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
