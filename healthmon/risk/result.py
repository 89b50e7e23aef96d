"""What a month's risk model gives; light to import, for the pages that only read it."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass
class RiskResult:
    """The risk model of one month.

    Parameters
    ----------
    state : str
        ``no_outcome`` (no year has an outcome yet: the rule stands alone), ``one_cohort`` (one
        cohort: tested across households within it) or ``tested`` (tested on a later cohort).
    facts : dict
        ``message_zh``, ``message_en``, ``is_simulated``; but for ``no_outcome`` also
        ``train_years``, ``train_year`` (the last of them), ``test_year``, ``final_years``,
        ``score_year`` (years of features), ``households``, ``fallen_count``, ``prevalence``
        (0-1) and ``test_flagged_count`` of the test cohort, ``test_below_line_count`` and
        ``test_flagged_below_line_count`` of the households left out of it because they were
        below the line already, and ``scored_count``, ``flagged_count``, ``below_line_count``,
        ``income_unknown_count``, ``unscored_count`` of the households scored;
        ``data_fingerprint`` of the rows that the final model was trained on, and
        ``final_count`` of them; where there is a cohort before flags and a later one
        to test on, ``first_year``, ``first_households``, ``first_fallen_count`` and
        ``first_flagged_count`` of the first.
    frames : dict
        Those of :func:`healthmon.risk.comparison.hold_against` by ``outcome``: ``observed``,
        ``untreated`` (what would have happened without help; only of simulated data) or
        ``before_flags`` (the first cohort, predicted across its households);
        ``coefficients``, ``household_scores``, ``reasons``; empty for ``no_outcome``.
    model : sklearn.pipeline.Pipeline, optional
        The model that scored, fitted; not there for ``no_outcome`` and in results read back
        (:func:`healthmon.risk.saving.load_model` reads the file that lies beside them).
    """

    state: str
    facts: dict
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    model: Any = None
