"""One cohort and one outcome: every method, every measure, every group, with intervals."""

import numpy as np
import pandas as pd

from healthmon.risk.decision_curve import decision_curve
from healthmon.risk.evaluation import (
    Method,
    bin_calibration,
    compare_groups,
    flag_top,
    measure_methods,
)
from healthmon.risk.profiles import describe_groups
from healthmon.risk.settings import RiskSettings
from healthmon.risk.subgroups import band_ages, measure_subgroups

_SHOWN_BY_GROUP = ("model", "rule")


def hold_against(
    cohort: pd.DataFrame,
    risks: dict[str, np.ndarray],
    fallen: pd.Series,
    name: str,
    settings: RiskSettings,
) -> dict[str, pd.DataFrame]:
    """Hold models, rule and two plain rankings against one outcome.

    Parameters
    ----------
    cohort : DataFrame
        As from :func:`healthmon.risk.cohorts.make_cohort`.
    risks : dict
        Risks (0 to 1) by the name of the model that states them, ``model`` first.
    fallen : Series of bool
        What happened, household by household.
    name : str
        Of the outcome, put into every row.
    settings : RiskSettings

    Returns
    -------
    dict of str to DataFrame
        ``metrics``, ``leads``, ``calibration``, ``groups``, ``profiles``, ``decision``,
        ``subgroups``, each with the column ``outcome``.
    """
    outcome = fallen.to_numpy(dtype=bool)
    methods = make_methods(cohort, risks)
    by_rule, by_model = methods["rule"].flags, methods["model"].flags
    asked = settings.comparison
    metrics, leads = measure_methods(methods, outcome, settings.evaluation)
    placed = cohort.assign(head_age_band=band_ages(cohort["head_age"], asked.head_age_bands))
    frames = {
        "metrics": metrics,
        "leads": leads,
        "calibration": bin_calibration(
            risks["model"], outcome, settings.evaluation.calibration_bins
        ),
        "groups": compare_groups(by_rule, by_model, outcome),
        "profiles": describe_groups(cohort, by_rule, by_model, asked.profile),
        "decision": decision_curve(
            risks["model"], by_rule, outcome, asked.decision_thresholds, settings.evaluation
        ),
        "subgroups": measure_subgroups(
            placed, {name: methods[name] for name in _SHOWN_BY_GROUP}, outcome, settings.evaluation
        ),
    }
    for frame in frames.values():
        frame.insert(0, "outcome", name)
    return frames


def make_methods(cohort: pd.DataFrame, risks: dict[str, np.ndarray]) -> dict[str, Method]:
    """Let every method flag as many households as the rule does.

    The rule ranks by spending per member, of which it is a cut; ``spending`` ranks by the
    household's whole spending, ``remaining_income`` by income less spending per member, the
    lowest first: what anyone could do without a model.

    Parameters
    ----------
    cohort : DataFrame
        As from :func:`healthmon.risk.cohorts.make_cohort`.
    risks : dict
        Risks (0 to 1) by the name of the model that states them, the one in use first.
    """
    ids = cohort.index.to_numpy()
    by_rule = cohort["is_flagged_by_rule"].to_numpy(dtype=bool)
    count = int(by_rule.sum())
    plain = {
        "spending": cohort["oop_fen"].to_numpy(dtype=float),
        "remaining_income": -cohort["remaining_income_fen"].to_numpy(dtype=float),
    }
    return {
        **{name: Method(flag_top(stated, ids, count), stated, stated)
           for name, stated in risks.items()},
        "rule": Method(by_rule, cohort["oop_per_member_fen"].to_numpy(dtype=float)),
        **{name: Method(flag_top(ranking, ids, count), ranking)
           for name, ranking in plain.items()},
    }  # fmt: skip
